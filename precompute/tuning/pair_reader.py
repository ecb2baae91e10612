"""Fine-tuning a cross-encoder, which reads the query and a product's text together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from precompute.tuning.taught import Batch, Taught
from sqid_core.encoders.cross_encoder import CrossEncoder
from sqid_core.encoders.devices import Device
from sqid_core.learning.listwise import loss
from sqid_core.types import Floats, Modality, Positions

_UNUSED = "README.md"


class PairReader:
    """A cross-encoder that learns."""

    def __init__(self, encoder: CrossEncoder, device: Device) -> None:
        self._encoder, self._device = encoder, device

    def weights(self) -> Mapping[str, Any]:
        """All of them."""
        return dict(self._encoder.net.named_parameters())

    def prepared(self, taught: Taught, drawn: Iterable[Batch]) -> Iterator[tuple[Batch, list[tuple[str, str]]]]:
        """Each batch with its pairs of texts, slate by slate."""
        for batch in drawn:
            places, slots = np.nonzero(batch.there["text"])
            rows = batch.rows[places, slots]
            texts = [taught.texts[row] or "" for row in rows]
            yield batch, list(zip([batch.queries[place] for place in places.tolist()], texts, strict=True))

    def loss(self, prepared: tuple[Batch, list[tuple[str, str]]]) -> Any:
        """The listwise loss of the slates by the model's outputs."""
        import torch

        batch, pairs = prepared
        net = self._encoder.net.train()
        read = {
            name: value.to(self._encoder.device) if isinstance(value, torch.Tensor) else value
            for name, value in net.preprocess(pairs).items()
        }
        with torch.autocast("cuda", torch.bfloat16, enabled=self._device.precision == "bf16"):
            outputs = net(read)["scores"].float()[:, 0]
        there = torch.from_numpy(batch.there["text"]).to(outputs.device)
        scores = torch.zeros(there.shape, device=outputs.device).masked_scatter(there, outputs)
        return loss(scores, torch.from_numpy(batch.shares("text")).to(outputs.device), there)

    def scores(self, scored: Taught, queries: Positions) -> dict[Modality, Floats]:
        """(P,) of the judged pairs of some queries: outputs before any squashing."""
        self._encoder.net.eval()
        places, slots = np.nonzero(scored.mask[queries])
        rows = scored.rows[queries][places, slots]
        asked = [scored.queries[query] for query in queries]
        return {
            "text": self._encoder.scores([(asked[a], scored.texts[b] or "") for a, b in zip(places, rows, strict=True)])
        }

    def save(self, folder: Path) -> None:
        """A folder that `rerank` takes."""
        with redirect_stderr(StringIO()):  # its bar of shards written
            self._encoder.net.save_pretrained(str(folder))
        (folder / _UNUSED).unlink(missing_ok=True)
