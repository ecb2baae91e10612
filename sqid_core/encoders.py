"""Encoders: what turns texts and pictures into unit vectors. Their libraries are imported only when one is opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from .errors import EncoderError
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
    "open_clip_preprocessing",
    "unknown_words",
]

Family = Literal["open_clip", "sentence-transformers"]
Vectors = npt.NDArray[np.float32]

# What a bundle adds to an encoder's folder; no part of the model.
BUNDLE_FILES = frozenset({"encoder.json", "queries.npy"})
# The same weights in formats that are not read here, and texts about the model.
_UNUSED_FOLDERS = frozenset({"onnx", "openvino", "__pycache__"})
_UNUSED_SUFFIXES = frozenset({".md", ".lock", ".tmp"})
_OPEN_CLIP_CONFIG = "open_clip_config.json"
_PROBE_SECONDS = 3.0
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

    @property
    def spec(self) -> EncoderSpec: ...

    @property
    def device(self) -> str: ...

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
        """By name and pretrained tag; by name and a file in `folder`; or, where `model` is "", from the folder alone."""
        import open_clip

        weights, source = pretrained or None, model
        if folder is not None and not model:
            source, weights = f"local-dir:{folder}", None
        elif folder is not None:
            weights = str(folder / pretrained)
        else:
            _refuse_other_activation(model, pretrained)
        # float32 everywhere: the vectors of a bundle and of a typed query must come from the same arithmetic.
        net, _, preprocess = open_clip.create_model_and_transforms(
            source, pretrained=weights, device=device, precision="fp32", require_pretrained=True
        )
        net.eval()
        tokenizer = open_clip.get_tokenizer(source, **_tokenizer_arguments(folder))
        config = net.visual.preprocess_cfg
        spec = EncoderSpec("", "open_clip", model, pretrained, _output_dim(net), open_clip_preprocessing(config))
        return cls(spec, net, preprocess, tokenizer, device)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        longest = _CHARACTERS_PER_TOKEN * int(self._tokenizer.context_length)
        cut = [" ".join(text.split())[:longest] for text in texts]
        return self._encode(cut, lambda batch: self._model.encode_text(self._tokenizer(batch).to(self.device)))

    def encode_images(self, images: Sequence[Image]) -> Vectors:
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

        if pretrained:
            raise EncoderError("sentence-transformers models are known by name alone; leave out the pretrained weights")
        source = model if folder is None else str(folder)
        net = SentenceTransformer(source, device=device, local_files_only=bool(constants.HF_HUB_OFFLINE))
        net.eval()
        preprocessing = f"max_seq_length={net.max_seq_length}"
        dim = int(net.encode([""], show_progress_bar=False).shape[1])
        return cls(EncoderSpec("", "sentence-transformers", model, "", dim, preprocessing), net, device)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.spec.dim), dtype=np.float32)
        vectors = self._model.encode(list(texts), batch_size=self.batch_size, show_progress_bar=False)
        return _unit_rows(np.asarray(vectors), self.spec)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
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


def model_files(folder: Path) -> list[Path]:
    """The files of a model's folder that make the model, sorted: what a bundle copies and `content_hash` reads."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _is_model_file(path.relative_to(folder)))


def content_hash(files: Sequence[Path], folder: Path) -> str:
    """sha256 over the names (relative to `folder`) and contents of `files`: equal models have equal hashes anywhere."""
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest}\n".encode())
    return whole.hexdigest()


def open_clip_preprocessing(config: Mapping[str, Any]) -> str:
    """open_clip's preprocessing settings as one string: size, mean, std, interpolation, resize mode."""
    size = config["size"]
    height, width = (size, size) if isinstance(size, int) else size
    mean, std = (",".join(f"{value:.6g}" for value in config[key]) for key in ("mean", "std"))
    return f"{height}x{width} {config['interpolation']} {config['resize_mode']} mean={mean} std={std}"


def _is_model_file(relative: Path) -> bool:
    hidden = any(part.startswith(".") or part in _UNUSED_FOLDERS for part in relative.parts)
    return not hidden and relative.suffix not in _UNUSED_SUFFIXES and str(relative) not in BUNDLE_FILES


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
    files = [folder / spec.pretrained] if spec.pretrained else model_files(folder)
    if not all(path.is_file() for path in files) or content_hash(files, folder) != spec.content_sha256:
        raise EncoderError(
            f"the files of encoder {spec.name} are not the ones its vectors were made with; encode again"
        )


def _open(spec: EncoderSpec, folder: Path | None, device: str) -> Any:
    """Opens what `spec` names: from local files where they are, so that a cached model asks no network anything."""
    opener = FAMILIES[spec.family].open
    arguments = (spec.model, spec.pretrained, folder, device)
    try:
        with _hub_offline():
            return opener(*arguments)
    except EncoderError:
        raise
    except ImportError as error:
        raise EncoderError(f"the family {spec.family} needs a package that is not installed: {error}") from error
    except Exception as error:
        # The libraries raise errors of many types here: OSError, RuntimeError, ValueError, KeyError, safetensors' own.
        if folder is not None or not _hub_answers():
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


@contextmanager
def _hub_offline() -> Iterator[None]:
    """Makes huggingface_hub look at its cache only: without a network each request would be tried for 45 seconds."""
    import logging

    from huggingface_hub import constants

    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    disabled = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before
        logging.disable(disabled)


def _hub_answers() -> bool:
    from huggingface_hub import constants
    from huggingface_hub.utils import get_session

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_session().head(constants.ENDPOINT, timeout=_PROBE_SECONDS)
    except Exception:  # whatever the transport raises: no answer is no answer
        return False
    return True


def _refuse_other_activation(model: str, pretrained: str) -> None:
    """OpenAI's weights need QuickGELU; open_clip only warns and runs another activation."""
    import open_clip

    config = open_clip.get_model_config(model) if ":" not in model else None
    weights = open_clip.get_pretrained_cfg(model, pretrained)
    if config is None or not weights:
        return
    model_quick, weights_quick = bool(config.get("quick_gelu", False)), bool(weights.get("quick_gelu", False))
    if model_quick == weights_quick:
        return
    other = f"{model}-quickgelu" if weights_quick else model.removesuffix("-quickgelu")
    needs, has = ("QuickGELU", "GELU") if weights_quick else ("GELU", "QuickGELU")
    raise EncoderError(f"the weights {pretrained} need {needs} but {model} runs {has}; use the model {other} instead")


def _tokenizer_arguments(folder: Path | None) -> dict[str, str]:
    """The merges file of a local model, as an absolute path: open_clip reads it relative to the working directory."""
    if folder is None or not (folder / _OPEN_CLIP_CONFIG).is_file():
        return {}
    config = json.loads((folder / _OPEN_CLIP_CONFIG).read_text(encoding="utf-8"))
    merges = config["model_cfg"]["text_cfg"].get("tokenizer_kwargs", {}).get("bpe_path")
    return {"bpe_path": str((folder / Path(merges).name).resolve())} if merges else {}


def _output_dim(model: Any) -> int:
    import torch

    size = model.visual.image_size
    height, width = (size, size) if isinstance(size, int) else size
    with torch.inference_mode():
        device = next(model.parameters()).device
        return int(model.encode_image(torch.zeros(1, 3, height, width, device=device)).shape[1])


def _unit_rows(vectors: npt.NDArray[Any], spec: EncoderSpec) -> Vectors:
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise EncoderError(
            f"encoder {spec.name} gave vectors without a direction (zero or not a number); use another model"
        )
    return np.asarray(vectors / norms, dtype=np.float32)
