"""What a fine-tuning starts from: an encoder of the bundle, a model's folder, or one that a hub has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from precompute.tuning.pair_reader import PairReader
from precompute.tuning.training import Tunable
from precompute.tuning.two_towers import Freeze, TwoTowers
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.seen_queries import seen_in
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.clip import OpenClipEncoder
from sqid_core.encoders.cross_encoder import start_cross_encoder
from sqid_core.encoders.devices import Device
from sqid_core.encoders.families import load_encoder, reads_pictures
from sqid_core.errors import InputError
from sqid_core.types import Modality


@dataclass(frozen=True)
class Asked:
    """What is to be fine-tuned, and how. encoder: of the bundle; for a cross-encoder also a folder or a hub's name.
    signal: which of the encoder's signals is learned, all if "". text_fields: what a cross-encoder reads."""

    encoder: str
    signal: str = ""
    freeze: Freeze = ""
    text_fields: tuple[str, ...] = ("title",)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Start:
    """model: before the training. said: what people call it. identity: all that decides what it is. read: what it reads
    beside the query. bases: the bundle's signals that the trained model is held against, by modality. of: those of them
    that it made itself. reads_pairs: see `TunedFrom`. seen: the folded texts of the queries that it learned from
    before."""

    model: Tunable = field(repr=False)
    said: str
    identity: Any = field(repr=False)
    read: tuple[Modality, ...]
    text_fields: tuple[str, ...]
    bases: dict[Modality, str]
    of: dict[Modality, str]
    reads_pairs: bool
    seen: frozenset[str] = field(repr=False)


def clip_start(dataset: Dataset, asked: Asked, device: Device) -> Start:
    """An encoder of the bundle that reads texts and pictures. Raises InputError and EncoderError."""
    manifest, name = dataset.manifest, asked.encoder
    if name not in manifest.encoders:
        raise InputError(f"{dataset.folder} has no encoder {name!r} to fine-tune; {_known(dataset)}")
    spec = manifest.encoders[name]
    if not reads_pictures(spec):
        raise InputError(
            f"the encoder {name} of {dataset.folder} is of the family {spec.family}; --how full fine-tunes models of "
            "open_clip, and --family cross-encoder starts from sentence encoders too"
        )
    signals = {each.name: each for each in _dense(dataset, name)}
    if asked.signal and asked.signal not in signals:
        raise InputError(
            f"{asked.signal!r} is no signal with vectors by the encoder {name} of {dataset.folder}; choose from: "
            f"{', '.join(signals) or 'none'}"
        )
    chosen = [signals[asked.signal]] if asked.signal else list(signals.values())
    bases: dict[Modality, str] = {}
    for signal in chosen:
        bases.setdefault(signal.modality, signal.name)
    if asked.freeze == "text":  # then titles cannot move towards queries
        bases = {modality: base for modality, base in bases.items() if modality == "image"}
    if not bases:
        what = "image signal, as --freeze text leaves pictures alone to learn" if asked.freeze else "signal"
        raise InputError(f"the encoder {name} of {dataset.folder} has no {what}; run python -m precompute encode first")
    fields = manifest.signals[bases["text"]].text_fields if "text" in bases else ()
    folder = dataset.folder / "encoders" / name
    encoder = cast(OpenClipEncoder, load_encoder(spec, folder, device.name, "fp32"))
    encoder.batch_size = device.batch
    source = folder if spec.content_sha256 and not spec.pretrained else None
    model = TwoTowers(encoder, source, device, asked.freeze)
    identity = [spec.to_json(), asked.freeze]
    read, seen = tuple(sorted(bases, reverse=True)), seen_in(folder)
    return Start(model, name, identity, read, fields or ("title",), bases, bases, False, seen)


def cross_encoder_start(dataset: Dataset, asked: Asked, device: Device) -> Start:
    """A cross-encoder or a sentence encoder, of the bundle, a folder or a hub. Raises InputError, EncoderError."""
    for option, value in (("--freeze", asked.freeze), ("--signal", asked.signal)):
        if value:
            raise InputError(f"{option} belongs to encoders; a cross-encoder has neither towers nor vectors")
    spec = dataset.manifest.encoders.get(asked.encoder)
    model, said = asked.encoder, asked.encoder
    if spec is not None:
        if reads_pictures(spec):
            raise InputError(
                f"the encoder {asked.encoder} of {dataset.folder} is of the family {spec.family}; a cross-encoder "
                "starts from a cross-encoder or a sentence encoder: of the bundle, a folder or a hub"
            )
        model = str(dataset.folder / "encoders" / asked.encoder) if spec.content_sha256 else _hub_name(spec.model)
    encoder = start_cross_encoder(model, asked.seed, device.name)
    encoder.batch_size = device.batch
    said = encoder.spec.said if Path(said).is_dir() else said
    own = [each.name for each in _dense(dataset, asked.encoder) if each.modality == "text"]
    others = [each.name for each in dataset.signals.values() if each.modality == "text"]
    bases: dict[Modality, str] = {"text": [*own, *others][0]} if others else {}
    of = bases if own else {}
    identity = [encoder.spec.said, encoder.spec.content_sha256, asked.text_fields]
    seen = seen_in(Path(model)) if Path(model).is_dir() else frozenset[str]()
    return Start(PairReader(encoder, device), said, identity, ("text",), asked.text_fields, bases, of, True, seen)


def _hub_name(model: str) -> str:
    """A sentence encoder as its hub has it: the library takes those of its own owner without him."""
    return model if "/" in model else f"sentence-transformers/{model}"


def _dense(dataset: Dataset, encoder: str) -> Sequence[DenseSignal]:
    return [each for each in dataset.signals.values() if isinstance(each, DenseSignal) and each.encoder == encoder]


def _known(dataset: Dataset) -> str:
    known = ", ".join(dataset.manifest.encoders)
    return f"it has: {known}" if known else "run python -m precompute encode first"


# By what --family calls them.
STARTS: dict[str, Callable[[Dataset, Asked, Device], Start]] = {
    "encoder": clip_start,
    "cross-encoder": cross_encoder_start,
}
