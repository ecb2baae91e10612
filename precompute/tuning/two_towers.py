"""Fine-tuning a CLIP of open_clip: its text tower reads queries and titles, the other tower reads pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from precompute.tuning.taught import Batch, Taught
from precompute.work.pipeline import FromFiles, ahead, default_workers
from sqid_core.bundle.seen_queries import SEEN_QUERIES
from sqid_core.encoders.clip import OpenClipEncoder
from sqid_core.encoders.devices import Device
from sqid_core.encoders.families import model_files
from sqid_core.encoders.trust import CLIP_CONFIG, WEIGHTS, check_clip_folder
from sqid_core.learning.listwise import loss
from sqid_core.types import Array, Floats, Modality, Positions, Rows, Vectors

Freeze = Literal["", "text", "image"]
_WEIGHTS_FILE = f"open_clip_model{WEIGHTS}"
_PICTURE_TOWER = "visual."
_SCALES = ("logit_scale", "logit_bias")


@dataclass(frozen=True, eq=False)
class Ready:
    """A batch with its pictures (m, ...) as the model reads them, of products `rows` (m,)."""

    batch: Batch
    rows: Rows
    pixels: Array | None


class TwoTowers:
    """A CLIP that learns. source: the folder that it came from, None where the library knows it by name. freeze: the
    tower that stays as it is.

    It stays in evaluation mode: statistics of batches of a few pictures would do it harm. The scale of its cosines
    stays, too, since a slate's order does not hang on it.
    """

    def __init__(self, encoder: OpenClipEncoder, source: Path | None, device: Device, freeze: Freeze = "") -> None:
        self._encoder, self._source, self._device, self._freeze = encoder, source, device, freeze
        for name, weight in encoder.net.named_parameters():
            tower = "image" if name.startswith(_PICTURE_TOWER) else "text"
            weight.requires_grad_(tower != freeze and name not in _SCALES and weight.is_floating_point())

    def weights(self) -> Mapping[str, Any]:
        """Those of the towers that learn."""
        return {name: weight for name, weight in self._encoder.net.named_parameters() if weight.requires_grad}

    def prepared(self, taught: Taught, drawn: Iterable[Batch]) -> Iterator[tuple[Taught, Ready]]:
        """The batches with their pictures, which threads read meanwhile."""
        read = FromFiles(self._encoder.stages("image").prepare)

        def ready(batch: Batch) -> Ready:
            if "image" not in batch.there:
                return Ready(batch, np.empty(0, dtype=np.int64), None)
            rows = np.unique(batch.rows[batch.there["image"]])
            return Ready(batch, rows, read(_files(taught, rows)) if len(rows) else None)

        workers = default_workers(self._device.is_cpu)
        with ThreadPoolExecutor(workers) as pool:
            for each in ahead(drawn, ready, pool, workers + 2):
                yield taught, each

    def loss(self, prepared: tuple[Taught, Ready]) -> Any:
        """The listwise loss of the slates by the texts' cosines, by the pictures', or the mean of both."""
        import torch

        (taught, ready), losses = prepared, []
        batch = ready.batch
        with self._autocast():
            titled = np.unique(batch.rows[batch.there["text"]]) if "text" in batch.there else np.empty(0, np.int64)
            read = self._texts([*batch.queries, *_titles(taught, titled)])
            asked, scale = read[: len(batch.queries)], self._encoder.net.logit_scale.exp().detach()
            sides: dict[Modality, tuple[Rows, Any]] = {"text": (titled, read[len(batch.queries) :])}
            if ready.pixels is not None:
                sides["image"] = (ready.rows, self._pictures(ready.pixels))
            for modality, (rows, features) in sides.items():
                if len(rows):
                    there = torch.from_numpy(batch.there[modality]).to(asked.device)
                    place = np.searchsorted(rows, batch.rows).clip(max=len(rows) - 1)
                    cosines = (features[torch.from_numpy(place).to(asked.device)] * asked[:, None]).sum(dim=2)
                    target = torch.from_numpy(batch.shares(modality)).to(asked.device)
                    losses.append(loss(scale * cosines, target, there))
        return torch.stack(losses).mean()

    def scores(self, scored: Taught, queries: Positions) -> dict[Modality, Floats]:
        """(P,) by modality: the cosines of the judged pairs of some queries, nan where a product lacks one."""
        asked = self._encoder.encode_texts([scored.queries[query] for query in queries])
        place, slots = np.nonzero(scored.mask[queries])
        rows = scored.rows[queries][place, slots]
        found: dict[Modality, Floats] = {}
        for modality in scored.read:
            there = scored.there(modality)[queries][place, slots]
            distinct, back = np.unique(rows[there], return_inverse=True)
            vectors = self._encoded(scored, modality, distinct)
            found[modality] = np.full(len(rows), np.nan)
            found[modality][there] = np.vecdot(vectors[back], asked[place[there]])
        return found

    def save(self, folder: Path) -> None:
        """A folder that open_clip reads: settings, tokenizer, weights in single precision."""
        from safetensors.torch import save_file

        folder.mkdir(exist_ok=True)
        if self._source is None:
            self._write_settings(folder)
        else:
            for path in model_files(self._source):
                name = path.relative_to(self._source)
                if path.suffix != WEIGHTS and path.name != SEEN_QUERIES:
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, folder / name)
        state = self._encoder.net.state_dict()
        save_file({name: tensor.cpu().contiguous() for name, tensor in state.items()}, folder / _WEIGHTS_FILE)
        check_clip_folder(folder)

    def _write_settings(self, folder: Path) -> None:
        """Those of the library's own table, and the tokenizer where it is no part of the library."""
        import open_clip

        name = self._encoder.spec.model
        config = open_clip.get_model_config(name)
        settings = {"model_cfg": config, "preprocess_cfg": self._encoder.net.visual.preprocess_cfg}
        (folder / CLIP_CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
        if config["text_cfg"].get("hf_tokenizer_name"):
            open_clip.get_tokenizer(name).tokenizer.save_pretrained(str(folder))

    def _texts(self, texts: Sequence[str]) -> Any:
        import torch

        with torch.set_grad_enabled(self._freeze != "text"):
            features = self._encoder.text_features(self._encoder.stages("text").prepare(texts))
        return torch.nn.functional.normalize(features.float(), dim=1)

    def _pictures(self, pixels: Array) -> Any:
        import torch

        with torch.set_grad_enabled(self._freeze != "image"):
            features = self._encoder.image_features(pixels)
        return torch.nn.functional.normalize(features.float(), dim=1)

    def _encoded(self, scored: Taught, modality: Modality, rows: Rows) -> Vectors:
        if modality == "text":
            return self._encoder.encode_texts(_titles(scored, rows))
        stages, size = self._encoder.stages("image"), self._encoder.batch_size
        cuts = [_files(scored, rows[start : start + size]) for start in range(0, len(rows), size)]
        workers = default_workers(self._device.is_cpu)
        with ThreadPoolExecutor(workers) as pool:
            made = list(stages.run(ahead(cuts, FromFiles(stages.prepare), pool, workers + 2)))
        return np.concatenate([np.empty((0, self._encoder.spec.dim), np.float32), *made])

    def _autocast(self) -> AbstractContextManager[Any]:
        """bf16 where the device has it: the weights stay in single precision."""
        import torch

        return torch.autocast("cuda", torch.bfloat16, enabled=self._device.precision == "bf16")


def _titles(taught: Taught, rows: Rows) -> list[str]:
    return [taught.texts[row] or "" for row in rows]


def _files(taught: Taught, rows: Rows) -> list[Path]:
    return [path for row in rows if (path := taught.pictures[row]) is not None]
