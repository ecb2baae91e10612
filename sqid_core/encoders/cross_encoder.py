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
    folder = Path(model)
    if not folder.is_dir():
        if not is_hub_name(model):
            raise EncoderError(
                f"{model!r} is neither a folder nor a name that a hub has, such as cross-encoder/ms-marco-MiniLM-L-6-v2"
            )
        return _opened(RerankerSpec(model), None, device, precision)
    files = model_files(folder)
    return _opened(RerankerSpec("", content_hash(files, folder)), folder, device, precision)


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
    if folder is None:
        check_source(EncoderSpec("cross-encoder", _LIBRARY, spec.model, "", 1, ""))
    else:
        check_model_files(folder, model_files(folder))
        check_sentence_folder(folder)
        _check_folder(folder)
    net = opened(lambda: _net(spec, folder, device, precision), spec.said, _LIBRARY, folder)
    return CrossEncoder(replace(spec, longest=int(net.max_seq_length or spec.longest)), net, device, precision)


def _net(spec: RerankerSpec, folder: Path | None, device: str, precision: Precision) -> Any:
    import torch
    from huggingface_hub import constants

    library = needs("rankers", "sentence_transformers")
    needs("rankers", "transformers.utils.logging").disable_progress_bar()
    # Said outright: else transformers may ask whoever sits at the terminal. Pickled weights are refused.
    net = library.CrossEncoder(
        spec.model if folder is None else str(folder),
        device=device,
        local_files_only=folder is not None or bool(constants.HF_HUB_OFFLINE),
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
        activation_fn=torch.nn.Identity(),
    )
    _check_architecture(getattr(net.config, "architectures", None), spec.said)
    if net.num_labels != 1:
        raise EncoderError(
            f"{spec.said} gives {net.num_labels} numbers a pair, expected one that says how well they fit; use a "
            "cross-encoder for ranking"
        )
    net.eval()
    net.to({"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision])
    return net


def _check_folder(folder: Path) -> None:
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        config = None
    if not isinstance(config, dict):
        raise EncoderError(
            f"{folder} has no {_CONFIG} of a cross-encoder; give the folder of a model that sentence-transformers' "
            "CrossEncoder opens (a CLIP or a sentence encoder goes to encode)"
        )
    _check_architecture(config.get("architectures"), str(folder))


def _check_architecture(names: Any, said: str) -> None:
    """A sentence encoder would be opened too, with a head of random numbers."""
    found = str(names[0]) if isinstance(names, list) and names else "no architecture"
    if not found.endswith(_HEAD):
        raise EncoderError(
            f"{said} is no cross-encoder: its {_CONFIG} names {found}, expected a model …{_HEAD}; a sentence encoder "
            "goes to encode"
        )
