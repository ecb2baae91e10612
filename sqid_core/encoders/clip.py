"""Encoders of the family open_clip: texts and pictures in one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..types import Array, Modality, Vectors
from .clip_models import check_names, describe_preprocessing, other_activation, split, tokenizer_arguments
from .spec import EncoderSpec, Precision, Stages, unit_rows
from .vocabulary import in_known_words, load_vocabulary

if TYPE_CHECKING:
    from PIL.Image import Image

# A CLIP tokenizer is quadratic in the length of a word; no token is longer than this, blanks included.
_CHARACTERS_PER_TOKEN = 20


@dataclass(frozen=True)
class Tokens:
    """Texts to token numbers (n, context). May be pickled. vocabulary: the words of a model that knows but a few."""

    tokenizer: Any
    vocabulary: frozenset[str] | None = None

    def __call__(self, texts: Sequence[str]) -> Any:
        """A long text is cut first, by characters, then by the tokenizer."""
        longest = _CHARACTERS_PER_TOKEN * int(self.tokenizer.context_length)
        cut = [" ".join(text.split())[:longest] for text in texts]
        return self.tokenizer([in_known_words(text, self.vocabulary) for text in cut] if self.vocabulary else cut)


@dataclass(frozen=True)
class Pixels:
    """Pictures to what the model's input is made from. May be pickled.

    steps: open_clip's own preprocessing (Pillow's bicubic), as far as it works on pictures; the result is then a
    quarter of the floats' size. bytes: that the steps end with a picture and give (n, H, W, 3) uint8; else they end
    with a tensor and give (n, 3, H, W) float32.
    """

    steps: tuple[Callable[[Any], Any], ...]
    bytes: bool

    def __call__(self, images: Sequence[Image]) -> Array:
        """All pictures, as one array."""
        return np.stack([np.asarray(self._one(image)) for image in images])

    def _one(self, image: Any) -> Any:
        for step in self.steps:
            image = step(image)
        return image


class OpenClipEncoder:
    """A CLIP model of open_clip: texts and pictures."""

    def __init__(
        self,
        spec: EncoderSpec,
        model: Any,
        preprocess: Callable[[Image], Any],
        tokenizer: Any,
        device: str,
        precision: Precision,
        vocabulary: frozenset[str] | None = None,
    ) -> None:
        self.spec = spec
        self.device = device
        self.precision = precision
        self.batch_size = 64
        self._model = model
        self._steps, self._normalise = split(preprocess)
        self._tokens = Tokens(tokenizer, vocabulary)

    @classmethod
    def open(
        cls, model: str, pretrained: str, folder: Path | None, device: str, precision: Precision = "fp32"
    ) -> OpenClipEncoder:
        """By name and tag; by name and a weights file in `folder`; or, where `model` is "", from the folder alone."""
        import open_clip

        weights, source = pretrained or None, model
        if folder is not None and not model:
            source, weights = f"local-dir:{folder}", None
        elif folder is not None:
            weights = str(folder / pretrained)
        else:
            check_names(model, pretrained)
        net, _, preprocess = open_clip.create_model_and_transforms(
            source, pretrained=weights, device=device, precision=precision, require_pretrained=True
        )
        net.eval()
        tokenizer = open_clip.get_tokenizer(source, **tokenizer_arguments(folder))
        dim = int(open_clip.get_model_config(source)["embed_dim"])
        preprocessing = describe_preprocessing(net.visual.preprocess_cfg)
        spec = EncoderSpec("", "open_clip", model, pretrained, dim, preprocessing)
        vocabulary = load_vocabulary(folder) if folder is not None and not model else None
        return cls(spec, net, preprocess, tokenizer, device, precision, vocabulary)

    def stages(self, modality: Modality) -> Stages:
        """Tokens or pixels are prepared anywhere; only whole batches reach the device."""
        if modality == "text":
            return Stages(self._tokens, self._forward_texts, self._finish, self.batch_size)
        pixels = Pixels(self._steps, self._normalise is not None)
        return Stages(pixels, self._forward_images, self._finish, self.batch_size)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, D) float32 unit rows; a text is cut to the model's context."""
        return self.stages("text").encode(texts, self.spec.dim)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """(n, D) float32 unit rows, after the model's own preprocessing."""
        return self.stages("image").encode(images, self.spec.dim)

    def other_activations(self) -> AbstractContextManager[Any]:
        """See `open_clip_models.other_activation`: to find out what foreign vectors were made with."""
        return other_activation(self._model)

    @property
    def net(self) -> Any:
        """The model itself, for training."""
        return self._model

    def text_features(self, tokens: Any) -> Any:
        """(n, D) what the model makes of prepared texts, of any length: a tensor that gradients flow through."""
        return self._model.encode_text(tokens.to(self.device, non_blocking=True))

    def image_features(self, pixels: Array) -> Any:
        """(n, D) the same of prepared pictures."""
        import open_clip
        import torch

        tensor = torch.from_numpy(pixels).to(self.device, non_blocking=True)
        if self._normalise is not None:
            # What ToTensor and Normalize do to one picture, to the last bit, for a batch.
            tensor = self._normalise(tensor.permute(0, 3, 1, 2).contiguous().float().div(255))
        return self._model.encode_image(tensor.to(open_clip.get_input_dtype(self.precision)))

    def _forward_texts(self, tokens: Any) -> Any:
        import torch

        with torch.inference_mode():
            return self.text_features(tokens)

    def _forward_images(self, pixels: Array) -> Any:
        import torch

        with torch.inference_mode():
            return self.image_features(pixels)

    def _finish(self, vectors: Any) -> Vectors:
        return unit_rows(vectors.float().cpu().numpy(), self.spec)
