"""Encoders: what turns texts and pictures into unit vectors. Their libraries are imported only when one is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import EncoderError, InputError
from ..types import Modality
from .clip import OpenClipEncoder
from .devices import CPU, chosen_device
from .from_file import FROM_FILE, open_from_file
from .model_files import content_hash, model_files
from .model_opening import opened
from .sentence_transformer import SentenceTransformerEncoder
from .spec import Encoder, EncoderSpec, Precision, Stages
from .trust import (
    SWITCH,
    check_clip_folder,
    check_model_files,
    check_sentence_folder,
    check_source,
    check_weights,
    encoders_allowed,
)

__all__ = [
    "FAMILIES",
    "Encoder",
    "EncoderSpec",
    "Family",
    "OpenClipEncoder",
    "Precision",
    "SentenceTransformerEncoder",
    "Stages",
    "check_content",
    "check_family",
    "content_hash",
    "load_encoder",
    "model_files",
    "open_encoder",
    "reads_pictures",
]


@dataclass(frozen=True)
class Family:
    """Models that one library runs.

    open: (model, pretrained, folder, device, precision) -> encoder. reads: what its models make vectors of, in one
    space. pretrained: what a choice of weights is in this family, for people; "" where there is none. check: raises
    EncoderError where a model's folder asks this library for more than to read data.
    """

    name: str
    open: Callable[..., Encoder]
    reads: tuple[Modality, ...]
    pretrained: str = ""
    check: Callable[[Path], None] = lambda _: None


# The first is the default.
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            "open_clip", OpenClipEncoder.open, ("text", "image"), "the weights' tag, or their file", check_clip_folder
        ),
        Family("sentence-transformers", SentenceTransformerEncoder.open, ("text",), check=check_sentence_folder),
        Family(FROM_FILE, open_from_file, ("text",)),
    )
}


def check_family(spec: EncoderSpec) -> None:
    """Raises EncoderError where nothing here can open such an encoder."""
    if spec.family not in FAMILIES:
        raise EncoderError(f"unknown encoder family {spec.family!r}; choose one of: {', '.join(sorted(FAMILIES))}")


def reads_pictures(spec: EncoderSpec) -> bool:
    """Whether an encoder makes vectors of pictures too, in the space of its texts."""
    return "image" in FAMILIES[spec.family].reads


def open_encoder(
    family: str,
    model: str,
    pretrained: str = "",
    device: str = "cpu",
    name: str = "",
    precision: Precision = "fp32",
) -> Encoder:
    """The encoder that a user names: `model` is a name or a model's folder, `pretrained` a tag or a weights file.

    name: what to call it in a bundle; made from the model's name or content where it is "". precision: halves are for
    a GPU; their vectors differ from float32's by some thousandths of a cosine.
    Raises EncoderError where there is no such model or it can't be downloaded.
    """
    if Path(model).is_dir():
        spec = EncoderSpec(name, family, "", "", 1, "", content_hash(model_files(Path(model)), Path(model)))
        _check_data(spec, Path(model))
        encoder = _open(spec, Path(model), device, precision)
    elif pretrained and Path(pretrained).is_file():
        weights = Path(pretrained)
        spec = EncoderSpec(name, family, model, weights.name, 1, "", content_hash([weights], weights.parent))
        check_source(spec)
        _check_data(spec, weights.parent)
        encoder = _open(spec, weights.parent, device, precision)
    else:
        spec = EncoderSpec(name, family, model, pretrained, 1, "")
        check_source(spec)
        encoder = _open(spec, None, device, precision)
    found = replace(encoder.spec, name=name or _default_name(spec), content_sha256=spec.content_sha256)
    encoder.spec = found
    return encoder


def load_encoder(
    spec: EncoderSpec, folder: Path | None, device: str = CPU.name, precision: Precision | None = None
) -> Encoder:
    """The encoder that a bundle describes.

    folder: where its model files lie (the bundle's encoders/NAME), for an encoder that no hub has. device: where it
    runs, "auto" for the best of this machine. precision: as fits the device (`chosen_device`) where it is None.
    Raises EncoderError where it can't be loaded or isn't the one described: other files, size or preprocessing; where
    it is more than data; and where this machine opens no encoders at all.
    """
    if not encoders_allowed():
        raise EncoderError(
            f"no encoder is opened here ({SWITCH}=off): judged queries can be looked at, other words not searched for"
        )
    if not spec.content_sha256:
        check_source(spec)
    else:
        check_content(spec, folder)
    try:
        found = CPU if device == CPU.name else chosen_device(device)
    except InputError as error:
        raise EncoderError(str(error)) from None
    encoder = _open(spec, folder if spec.content_sha256 else None, found.name, precision or found.precision)
    encoder.batch_size = found.batch
    for what, made, expected in (
        ("dimension", encoder.spec.dim, spec.dim),
        ("preprocessing", encoder.spec.preprocessing, spec.preprocessing),
    ):
        if made != expected:
            raise EncoderError(
                f"encoder {spec.name} has the {what} {made!r} but its vectors were made with {expected!r}; "
                "encode the bundle again with the model that is installed"
            )
    encoder.spec = spec
    return encoder


def _default_name(spec: EncoderSpec) -> str:
    name = f"{spec.model}-{spec.pretrained}" if spec.pretrained else spec.model or f"{spec.family}-model"
    if spec.content_sha256:
        name = f"{name}-{spec.content_sha256[:8]}"
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip(".")


def check_content(spec: EncoderSpec, folder: Path | None) -> list[Path]:
    """The files of an encoder that no hub has. Raises EncoderError unless they are those that made its vectors, and
    data alone."""
    check_source(spec)
    if folder is None or not folder.is_dir():
        raise EncoderError(
            f"the files of encoder {spec.name} are not in the bundle; encode it again to copy them there"
        )
    files = [folder / Path(spec.pretrained).name] if spec.pretrained else model_files(folder)
    if not all(path.is_file() for path in files) or content_hash(files, folder) != spec.content_sha256:
        raise EncoderError(
            f"the files of encoder {spec.name} are not the ones its vectors were made with; encode again"
        )
    _check_data(spec, folder)
    return files


def _check_data(spec: EncoderSpec, folder: Path) -> None:
    """Raises EncoderError where the files of a model are more than data. A weights file alone comes with the settings
    of the library's own table."""
    if spec.pretrained:
        check_weights(folder / spec.pretrained)
    if not (spec.pretrained and spec.model):
        check_model_files(folder, model_files(folder))
        FAMILIES[spec.family].check(folder)


def _open(spec: EncoderSpec, folder: Path | None, device: str, precision: Precision = "fp32") -> Any:
    """Opens what `spec` names: from local files where they are, so that a cached model asks no network anything."""
    opener = FAMILIES[spec.family].open
    arguments = (spec.model, spec.pretrained, folder, device, precision)
    which = " ".join(part for part in (spec.model or spec.name or "the model folder", spec.pretrained) if part)
    return opened(lambda: opener(*arguments), which, spec.family, folder)
