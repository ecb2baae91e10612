"""Encoders of the family sentence-transformers: texts only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EncoderError
from ..extras import needs
from ..types import Modality, Vectors
from .spec import EncoderSpec, Precision, Stages, unit_rows

if TYPE_CHECKING:
    from PIL.Image import Image


class SentenceTransformerEncoder:
    """A sentence-transformers model: texts only."""

    def __init__(self, spec: EncoderSpec, model: Any, device: str, precision: Precision) -> None:
        self.spec = spec
        self.device = device
        self.precision = precision
        self.batch_size = 64
        self._model = model

    @classmethod
    def open(
        cls, model: str, pretrained: str, folder: Path | None, device: str, precision: Precision = "fp32"
    ) -> SentenceTransformerEncoder:
        """By name; or, where `model` is "", from a folder. There is no choice of pretrained weights in this family."""
        import torch
        from huggingface_hub import constants

        library = needs("rankers", "sentence_transformers")
        needs("rankers", "transformers.utils.logging").disable_progress_bar()
        if pretrained:
            raise EncoderError("sentence-transformers models are known by name alone; leave out the pretrained weights")
        source = model if folder is None else str(folder)
        offline = folder is not None or bool(constants.HF_HUB_OFFLINE)
        # Said outright: else transformers may ask whoever sits at the terminal. Pickled weights are refused.
        net = library.SentenceTransformer(
            source,
            device=device,
            local_files_only=offline,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        net.eval()
        net.to({"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision])
        preprocessing = f"max_seq_length={net.max_seq_length}"
        dim = int(net.encode([""], show_progress_bar=False).shape[1])
        return cls(EncoderSpec("", "sentence-transformers", model, "", dim, preprocessing), net, device, precision)

    def stages(self, modality: Modality) -> Stages:
        """One step: the library sorts many texts by length before it tokenizes, so they are best given all at once."""
        if modality == "image":
            raise EncoderError(
                f"encoder {self.spec.name} reads text only; encode pictures with a model of the family open_clip"
            )
        return Stages(list, self._forward, lambda vectors: unit_rows(np.asarray(vectors), self.spec), None)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, D) float32 unit rows; a text is cut to the model's longest sequence."""
        return self.stages("text").encode(texts, self.spec.dim)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """Raises EncoderError: these models read no pictures."""
        return self.stages("image").encode(images, self.spec.dim)

    def _forward(self, texts: list[str]) -> Any:
        if not texts:
            return np.empty((0, self.spec.dim), dtype=np.float32)
        return self._model.encode(texts, batch_size=self.batch_size, show_progress_bar=False)
