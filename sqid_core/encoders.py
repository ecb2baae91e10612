"""Encoders: what turns texts and pictures into unit vectors. Their libraries are imported only when one is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from .errors import EncoderError
from .model_files import content_hash, hub_answers, hub_offline, model_files
from .open_clip_models import check_names, describe_preprocessing, tokenizer_arguments
from .vocabulary import knows_nothing_of, load_vocabulary, unknown_words

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "Encoder",
    "EncoderSpec",
    "OpenClipEncoder",
    "SentenceTransformerEncoder",
    "content_hash",
    "knows_nothing_of",
    "load_encoder",
    "load_vocabulary",
    "model_files",
    "open_encoder",
    "unknown_words",
]

Family = Literal["open_clip", "sentence-transformers"]
Vectors = npt.NDArray[np.float32]

# A CLIP tokenizer is quadratic in the length of a word; no token is longer than this, blanks included.
_CHARACTERS_PER_TOKEN = 20


@dataclass(frozen=True)
class EncoderSpec:
    """What an encoder is: equal specs give equal vectors.

    name: its folder name in a bundle. model, pretrained: as the library names them; for a local folder or file
    `content_sha256` says which one, and no path is kept. dim: length of its vectors. preprocessing: what happens to a
    picture (or text) before the model sees it, so that foreign preprocessing is noticed.
    """

    name: str
    family: Family
    model: str
    pretrained: str
    dim: int
    preprocessing: str
    content_sha256: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields, as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> EncoderSpec:
        """Raises EncoderError where fields are missing, unknown or of another type."""
        try:
            spec = cls(**value)
        except TypeError as error:
            raise EncoderError(f"an encoder's description does not have the expected fields ({error})") from None
        if spec.family not in FAMILIES:
            raise EncoderError(f"unknown encoder family {spec.family!r}; choose one of: {', '.join(sorted(FAMILIES))}")
        if type(spec.dim) is not int or spec.dim < 1:
            raise EncoderError(f"encoder {spec.name} has the dimension {spec.dim!r}; expected a positive whole number")
        return spec


class Encoder(Protocol):
    """Turns texts and pictures into the rows of one vector space."""

    batch_size: int  # texts or pictures that go through the model at a time

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        ...

    @property
    def device(self) -> str:
        """Where it runs, as torch names it: cpu, cuda, mps."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, D) float32 unit rows; a text is cut to the model's context. No texts give (0, D)."""
        ...

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """(n, D) float32 unit rows, in the space of the texts. Raises EncoderError where the model reads text only."""
        ...


class OpenClipEncoder:
    """A CLIP model of open_clip: texts and pictures."""

    def __init__(
        self, spec: EncoderSpec, model: Any, preprocess: Callable[[Image], Any], tokenizer: Any, device: str
    ) -> None:
        self.spec = spec
        self.device = device
        self.batch_size = 64
        self._model = model
        self._preprocess = preprocess
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, model: str, pretrained: str, folder: Path | None, device: str) -> OpenClipEncoder:
        """By name and tag; by name and a weights file in `folder`; or, where `model` is "", from the folder alone."""
        import open_clip

        weights, source = pretrained or None, model
        if folder is not None and not model:
            source, weights = f"local-dir:{folder}", None
        elif folder is not None:
            weights = str(folder / pretrained)
        else:
            check_names(model, pretrained)
        # float32 everywhere: the vectors of a bundle and of a typed query must come from the same arithmetic.
        net, _, preprocess = open_clip.create_model_and_transforms(
            source, pretrained=weights, device=device, precision="fp32", require_pretrained=True
        )
        net.eval()
        tokenizer = open_clip.get_tokenizer(source, **tokenizer_arguments(folder))
        dim = int(open_clip.get_model_config(source)["embed_dim"])
        preprocessing = describe_preprocessing(net.visual.preprocess_cfg)
        spec = EncoderSpec("", "open_clip", model, pretrained, dim, preprocessing)
        return cls(spec, net, preprocess, tokenizer, device)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, D) float32 unit rows; a text is cut to the model's context."""
        longest = _CHARACTERS_PER_TOKEN * int(self._tokenizer.context_length)
        cut = [" ".join(text.split())[:longest] for text in texts]
        return self._encode(cut, lambda batch: self._model.encode_text(self._tokenizer(batch).to(self.device)))

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """(n, D) float32 unit rows, after the model's own preprocessing."""
        import torch

        def forward(batch: Sequence[Image]) -> Any:
            return self._model.encode_image(torch.stack([self._preprocess(image) for image in batch]).to(self.device))

        return self._encode(images, forward)

    def _encode(self, items: Sequence[Any], forward: Callable[[Any], Any]) -> Vectors:
        import torch

        parts = [np.empty((0, self.spec.dim), dtype=np.float32)]
        with torch.inference_mode():
            for start in range(0, len(items), self.batch_size):
                parts.append(forward(items[start : start + self.batch_size]).float().cpu().numpy())
        return _unit_rows(np.concatenate(parts), self.spec)


class SentenceTransformerEncoder:
    """A sentence-transformers model: texts only."""

    def __init__(self, spec: EncoderSpec, model: Any, device: str) -> None:
        self.spec = spec
        self.device = device
        self.batch_size = 64
        self._model = model

    @classmethod
    def open(cls, model: str, pretrained: str, folder: Path | None, device: str) -> SentenceTransformerEncoder:
        """By name; or, where `model` is "", from a folder. There is no choice of pretrained weights in this family."""
        from huggingface_hub import constants
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        if pretrained:
            raise EncoderError("sentence-transformers models are known by name alone; leave out the pretrained weights")
        source = model if folder is None else str(folder)
        net = SentenceTransformer(source, device=device, local_files_only=bool(constants.HF_HUB_OFFLINE))
        net.eval()
        preprocessing = f"max_seq_length={net.max_seq_length}"
        dim = int(net.encode([""], show_progress_bar=False).shape[1])
        return cls(EncoderSpec("", "sentence-transformers", model, "", dim, preprocessing), net, device)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """(n, D) float32 unit rows; a text is cut to the model's longest sequence."""
        if not texts:
            return np.empty((0, self.spec.dim), dtype=np.float32)
        vectors = self._model.encode(list(texts), batch_size=self.batch_size, show_progress_bar=False)
        return _unit_rows(np.asarray(vectors), self.spec)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """Raises EncoderError: these models read no pictures."""
        del images
        raise EncoderError(
            f"encoder {self.spec.name} reads text only; encode pictures with a model of the family open_clip"
        )


FAMILIES: dict[str, type[OpenClipEncoder] | type[SentenceTransformerEncoder]] = {
    "open_clip": OpenClipEncoder,
    "sentence-transformers": SentenceTransformerEncoder,
}


def open_encoder(family: Family, model: str, pretrained: str = "", device: str = "cpu", name: str = "") -> Encoder:
    """The encoder that a user names: `model` is a name or a model's folder, `pretrained` a tag or a weights file.

    name: what to call it in a bundle; made from the model's name or content where it is "".
    Raises EncoderError where there is no such model or it can't be downloaded.
    """
    if Path(model).is_dir():
        spec = EncoderSpec(name, family, "", "", 1, "", content_hash(model_files(Path(model)), Path(model)))
        encoder = _open(spec, Path(model), device)
    elif pretrained and Path(pretrained).is_file():
        weights = Path(pretrained)
        spec = EncoderSpec(name, family, model, weights.name, 1, "", content_hash([weights], weights.parent))
        encoder = _open(spec, weights.parent, device)
    else:
        spec = EncoderSpec(name, family, model, pretrained, 1, "")
        encoder = _open(spec, None, device)
    found = replace(encoder.spec, name=name or _default_name(spec), content_sha256=spec.content_sha256)
    encoder.spec = found
    return encoder


def load_encoder(spec: EncoderSpec, folder: Path | None, device: str = "cpu") -> Encoder:
    """The encoder that a bundle describes.

    folder: where its model files lie (the bundle's encoders/NAME), for an encoder that no hub has.
    Raises EncoderError where it can't be loaded or isn't the one described: other files, size or preprocessing.
    """
    if spec.content_sha256:
        _check_content(spec, folder)
    encoder = _open(spec, folder if spec.content_sha256 else None, device)
    for what, found, expected in (
        ("dimension", encoder.spec.dim, spec.dim),
        ("preprocessing", encoder.spec.preprocessing, spec.preprocessing),
    ):
        if found != expected:
            raise EncoderError(
                f"encoder {spec.name} has the {what} {found!r} but its vectors were made with {expected!r}; "
                "encode the bundle again with the model that is installed"
            )
    encoder.spec = spec
    return encoder


def _default_name(spec: EncoderSpec) -> str:
    name = f"{spec.model}-{spec.pretrained}" if spec.pretrained else spec.model or f"{spec.family}-model"
    if spec.content_sha256:
        name = f"{name}-{spec.content_sha256[:8]}"
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip(".")


def _check_content(spec: EncoderSpec, folder: Path | None) -> None:
    if folder is None or not folder.is_dir():
        raise EncoderError(
            f"the files of encoder {spec.name} are not in the bundle; encode it again to copy them there"
        )
    files = [folder / Path(spec.pretrained).name] if spec.pretrained else model_files(folder)
    if not all(path.is_file() for path in files) or content_hash(files, folder) != spec.content_sha256:
        raise EncoderError(
            f"the files of encoder {spec.name} are not the ones its vectors were made with; encode again"
        )


def _open(spec: EncoderSpec, folder: Path | None, device: str) -> Any:
    """Opens what `spec` names: from local files where they are, so that a cached model asks no network anything."""
    opener = FAMILIES[spec.family].open
    arguments = (spec.model, spec.pretrained, folder, device)
    try:
        with hub_offline():
            return opener(*arguments)
    except EncoderError:
        raise
    except ImportError as error:
        raise EncoderError(f"the family {spec.family} needs a package that is not installed: {error}") from error
    except Exception as error:
        # The libraries raise errors of many types here: OSError, RuntimeError, ValueError, KeyError, safetensors' own.
        if folder is not None or not hub_answers():
            raise EncoderError(_cannot_load(spec, folder, error)) from error
    try:
        return opener(*arguments)
    except Exception as error:
        raise EncoderError(_cannot_load(spec, folder, error)) from error


def _cannot_load(spec: EncoderSpec, folder: Path | None, error: Exception) -> str:
    which = " ".join(part for part in (spec.model or spec.name or "the model folder", spec.pretrained) if part)
    if folder is not None:
        return f"{which} could not be loaded by {spec.family} ({_first_sentence(error)}); check the folder's files"
    return (
        f"{which} is not on this machine and could not be downloaded for {spec.family} ({_first_sentence(error)}); "
        "check the name and the network connection, or give a model folder"
    )


def _first_sentence(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def _unit_rows(vectors: npt.NDArray[Any], spec: EncoderSpec) -> Vectors:
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise EncoderError(
            f"encoder {spec.name} gave vectors without a direction (zero or not a number); use another model"
        )
    return np.asarray(vectors / norms, dtype=np.float32)
