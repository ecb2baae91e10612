"""Cross-encoders: models that read a query and a product's text together and give one number. They make no vectors, so
they score pairs and cannot search; their library is imported only when one is opened."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from ..errors import EncoderError
from ..extras import needs
from ..types import Floats
from .model_files import content_hash, model_files
from .model_opening import opened
from .spec import EncoderSpec, Precision
from .trust import SWITCH, check_model_files, check_sentence_folder, check_source, encoders_allowed, is_hub_name

_LIBRARY = "sentence-transformers"
_HEAD = "ForSequenceClassification"
_CONFIG = "config.json"


@dataclass(frozen=True)
class RerankerSpec:
    """What a cross-encoder is: equal specs give equal scores. model: as its hub names it, "" for one in a folder, of
    which `content_sha256` says what it holds. longest: how many tokens of a pair it reads."""

    model: str
    content_sha256: str = ""
    longest: Annotated[int, msgspec.Meta(ge=1)] = 512

    @property
    def said(self) -> str:
        """What people call it."""
        return self.model or f"a model folder ({self.content_sha256[:8]})"


class CrossEncoder:
    """A sentence-transformers CrossEncoder with one output."""

    def __init__(self, spec: RerankerSpec, model: Any, device: str, precision: Precision) -> None:
        self.spec = spec
        self.device = device
        self.precision = precision
        self.batch_size = 64
        self._model = model

    def __repr__(self) -> str:
        return f"CrossEncoder({self.spec.said}, {self.device}, {self.precision})"

    @property
    def net(self) -> Any:
        """The library's model, for training."""
        return self._model

    def scores(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """(n,) what the model's output says of each query and text, higher is better; a pair is cut to the model's
        longest. Before any squashing: a sigmoid would make ties of the surest pairs. Raises EncoderError where it gives
        what is no number."""
        if not pairs:
            return np.empty(0)
        found = self._model.predict(list(pairs), batch_size=self.batch_size, show_progress_bar=False)
        scores = np.asarray(found, dtype=np.float64).reshape(len(pairs))
        if not np.isfinite(scores).all():
            raise EncoderError(
                f"{self.spec.said} gave scores that are no numbers in {self.precision}; use another model"
            )
        return scores


def open_cross_encoder(model: str, device: str = "cpu", precision: Precision = "fp32") -> CrossEncoder:
    """The cross-encoder that a user names: by its hub's name, or by its folder. Raises EncoderError where there is no
    such one, where it cannot be downloaded, and for a model of another family."""
    return _opened(*_named(model), device, precision)


def start_cross_encoder(model: str, seed: int, device: str = "cpu") -> CrossEncoder:
    """A cross-encoder to be trained: one that there is, or the weights of a sentence encoder with a new head, whose
    numbers the seed draws. model: see `open_cross_encoder`. Raises EncoderError."""
    import torch

    spec, folder = _named(model)
    if folder is not None and _architecture(folder).endswith(_HEAD):
        return _opened(spec, folder, device, "fp32")
    _check_data(spec, folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = opened(lambda: _library_model(spec, folder, device, num_labels=1), spec.said, _LIBRARY, folder)
    return CrossEncoder(replace(spec, longest=int(net.max_seq_length or spec.longest)), net, device, "fp32")


def _named(model: str) -> tuple[RerankerSpec, Path | None]:
    """What a user names, and its folder, None for a hub's. Raises EncoderError."""
    folder = Path(model)
    if folder.is_dir():
        return RerankerSpec("", content_hash(model_files(folder), folder)), folder
    if not is_hub_name(model):
        raise EncoderError(
            f"{model!r} is neither a folder nor a name that a hub has, such as cross-encoder/ms-marco-MiniLM-L-6-v2"
        )
    return RerankerSpec(model), None


def load_cross_encoder(spec: RerankerSpec, folder: Path, device: str = "cpu") -> CrossEncoder:
    """The cross-encoder that scored a bundle's pairs. folder: where its files lie, where no hub has it. Raises
    EncoderError where it cannot be loaded or is another, and where this machine opens no models."""
    if not encoders_allowed():
        raise EncoderError(f"no model is opened here ({SWITCH}=off), so nothing is re-ranked")
    if spec.content_sha256 and (
        not folder.is_dir() or content_hash(model_files(folder), folder) != spec.content_sha256
    ):
        raise EncoderError(
            "the files of the cross-encoder are not those that scored the pairs; run python -m precompute rerank again"
        )
    return _opened(spec, folder if spec.content_sha256 else None, device, "fp32")


def _opened(spec: RerankerSpec, folder: Path | None, device: str, precision: Precision) -> CrossEncoder:
    _check_data(spec, folder)
    if folder is not None:
        _check_head(_architecture(folder), str(folder))
    net = opened(lambda: _net(spec, folder, device, precision), spec.said, _LIBRARY, folder)
    return CrossEncoder(replace(spec, longest=int(net.max_seq_length or spec.longest)), net, device, precision)


def _library_model(spec: RerankerSpec, folder: Path | None, device: str, **options: Any) -> Any:
    import torch
    from huggingface_hub import constants

    library = needs("rankers", "sentence_transformers")
    needs("rankers", "transformers.utils.logging").disable_progress_bar()
    # Said outright: else transformers may ask whoever sits at the terminal. Pickled weights are refused.
    return library.CrossEncoder(
        spec.model if folder is None else str(folder),
        device=device,
        local_files_only=folder is not None or bool(constants.HF_HUB_OFFLINE),
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
        activation_fn=torch.nn.Identity(),
        **options,
    )


def _net(spec: RerankerSpec, folder: Path | None, device: str, precision: Precision) -> Any:
    import torch

    net = _library_model(spec, folder, device)
    _check_head(_first_name(getattr(net.config, "architectures", None)), spec.said)
    if net.num_labels != 1:
        raise EncoderError(
            f"{spec.said} gives {net.num_labels} numbers a pair, expected one that says how well they fit; use a "
            "cross-encoder for ranking"
        )
    net.eval()
    net.to({"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision])
    return net


def _check_data(spec: RerankerSpec, folder: Path | None) -> None:
    """Raises EncoderError where a model is more than data, or a hub's name leads elsewhere."""
    if folder is None:
        check_source(EncoderSpec("cross-encoder", _LIBRARY, spec.model, "", 1, ""))
    else:
        check_model_files(folder, model_files(folder))
        check_sentence_folder(folder)


def _architecture(folder: Path) -> str:
    """What the settings in a model's folder say it is. Raises EncoderError where they are none of transformers."""
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = None
    if not isinstance(config, dict):
        raise EncoderError(
            f"{folder} has no {_CONFIG} of a cross-encoder; give the folder of a model that sentence-transformers' "
            "CrossEncoder opens (a CLIP or a sentence encoder goes to encode)"
        )
    return _first_name(config.get("architectures"))


def _first_name(names: Any) -> str:
    return str(names[0]) if isinstance(names, list) and names else "no architecture"


def _check_head(found: str, said: str) -> None:
    """A sentence encoder would be opened too, with a head of random numbers."""
    if not found.endswith(_HEAD):
        raise EncoderError(
            f"{said} is no cross-encoder: its {_CONFIG} names {found}, expected a model …{_HEAD}; a sentence encoder "
            "goes to encode"
        )
