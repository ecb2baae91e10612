"""Encoders that are loaded, and what is known of them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TypeVar

from PIL.Image import Image

from sqid_core.analysis.checks import EncoderCheck, encoder_check
from sqid_core.bundle.adapted_signal import AdaptedSignal
from sqid_core.bundle.lexical import LexicalSignal
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.encoders.devices import CPU, is_out_of_memory
from sqid_core.encoders.families import Encoder, EncoderSpec, load_encoder
from sqid_core.encoders.vocabulary import knows_nothing_of, load_vocabulary, unknown_words
from sqid_core.errors import EncoderError, SqidError
from sqid_core.lexical.reading import Reading
from sqid_core.ranking.mixes import MixedSignal
from sqid_core.ranking.search import bundle_encoder
from sqid_core.types import MODALITIES, Modality, Vectors
from sqid_ui.caches.keys import Keyed, cached, kept_values
from sqid_ui.work.batches import Batches
from sqid_ui.work.pool import BOUNDED, cores

_LOG = logging.getLogger(__name__)
_DEVICE = "SQID_DEVICE"
_Q = TypeVar("_Q")


def encoder(shown: Dataset, name: str) -> Encoder:
    """An encoder of the bundle, which makes the vectors that the bundle holds: one model for all bundles that name it.
    Raises EncoderError."""
    return _held_to_its_vectors(shown, name).model


def encoded_text(shown: Dataset, name: str, text: str) -> Vectors:
    """(D,) the vector of a text, made in one call with those that others ask for meanwhile. Raises EncoderError."""
    loaded = _held_to_its_vectors(shown, name)
    return loaded.texts.of(text) if BOUNDED else loaded.model.encode_texts([text])[0]


def encoded_picture(shown: Dataset, name: str, picture: Image) -> Vectors:
    """(D,) the vector of a picture, likewise."""
    loaded = _held_to_its_vectors(shown, name)
    return loaded.pictures.of(picture) if BOUNDED else loaded.model.encode_images([picture])[0]


def _held_to_its_vectors(shown: Dataset, name: str) -> _Loaded:
    spec = shown.manifest.encoders[name]
    found = _model(Keyed(spec, (spec, shown.folder / "encoders" / name)))
    _held_to_bundle(shown, name, Keyed("", found.model))
    return found


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A model, and the calls to it for texts, and for pictures, that several ask for at once."""

    model: Encoder
    texts: Batches[str, Vectors]
    pictures: Batches[Image, Vectors]


@cached(max_entries=4, spinner="Loading the encoder")
def _model(named: Keyed[tuple[EncoderSpec, Path]]) -> _Loaded:
    found = _opened(*named.value)
    if BOUNDED and found.device == "cpu" and (torch := sys.modules.get("torch")) is not None:
        # Half the cores for one call at a time: threads of calls that share cores wait for each other by spinning.
        torch.set_num_threads(max(cores() // 2, 1))
    texts: Batches[str, Vectors] = Batches(_told(found, lambda some: found.encode_texts(some)))
    pictures: Batches[Image, Vectors] = Batches(_told(found, lambda some: found.encode_images(some)))
    return _Loaded(found, texts, pictures)


def _opened(spec: EncoderSpec, folder: Path) -> Encoder:
    """A model where SQID_DEVICE says, the best device of this machine unless it does; on the CPU where a GPU has no
    memory left for it."""
    try:
        found = load_encoder(spec, folder, os.environ.get(_DEVICE) or "auto")
    except EncoderError as error:
        if not is_out_of_memory(error.__cause__):
            raise
        _LOG.warning("the GPU has no memory left for the encoder %s: it runs on the CPU", spec.name)
        return load_encoder(spec, folder, CPU.name)
    if found.device != CPU.name:
        _LOG.info("the encoder %s runs on %s in %s", spec.name, found.device, found.precision)
    return found


def _told(model: Encoder, encode: Callable[[list[_Q]], Iterable[Vectors]]) -> Callable[[list[_Q]], Iterable[Vectors]]:
    """What encodes, with one sentence for a device that has no memory left."""

    def told(some: list[_Q]) -> Iterable[Vectors]:
        try:
            return encode(some)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise EncoderError(
                f"{model.device} has no memory left for the encoder {model.spec.name}; search again in a moment, or "
                f"start the app with {_DEVICE}=cpu"
            ) from None

    return told


def loaded_encoders() -> list[tuple[str, str]]:
    """(name, device) of every encoder that is loaded."""
    return sorted({(each.model.spec.name or each.model.spec.model, each.model.device) for each in kept_values(_model)})


@cached(max_entries=64, any_order=True)
def _held_to_bundle(shown: Dataset, name: str, model: Keyed[Encoder]) -> bool:
    bundle_encoder(shown, name, lambda *_: model.value)
    return True


@cached(max_entries=4, any_order=True)
def _vocabulary(shown: Dataset, name: str) -> frozenset[str] | None:
    """The words that an encoder has seen, None where its folder does not say."""
    return load_vocabulary(shown.folder / "encoders" / name)


@cached(max_entries=4, any_order=True)
def warm_encoder(shown: Dataset, name: str) -> Thread:
    """Loads an encoder in the background, once; a search that needs it meanwhile waits for the same load."""

    def load() -> None:
        try:
            encoder(shown, name).encode_texts(["warm"])
        except EncoderError:
            return  # The search that needs it raises the same again, where it can be shown.

    thread = Thread(target=load, name=f"warm {name}", daemon=True)
    thread.start()
    return thread


def warm_encoders(shown: Dataset) -> None:
    """Starts loading the encoders of a bundle. Called last in a run: importing torch slows down what comes after it."""
    for name in shown.search_encoders:
        warm_encoder(shown, name)
    if any(isinstance(signal, LexicalSignal) for _, signal in readers(shown).values()):
        warm_words()


@cached(max_entries=1)
def warm_words() -> Thread:
    """Imports what reads a typed text's words, in the background, once."""

    def load() -> None:
        with suppress(SqidError):  # The search that needs it raises the same again, where it can be shown.
            Reading().words(["warm"])

    thread = Thread(target=load, name="warm words", daemon=True)
    thread.start()
    return thread


@dataclass(frozen=True)
class Unknown:
    """What one reader of a typed text knows nothing of. reads: whose ranking it makes; of both modalities text.
    nothing_known: whether that is all of it. by: the signal, where it reads the words itself; "" for an encoder."""

    reads: Modality
    nothing_known: bool
    words: tuple[str, ...]
    by: str = ""


def readers(shown: Dataset) -> dict[str, tuple[Modality, DenseSignal | AdaptedSignal | LexicalSignal]]:
    """What reads a typed text for the rankings that are shown: a signal for each encoder, and those of words."""
    found: dict[str, tuple[Modality, DenseSignal | AdaptedSignal | LexicalSignal]] = {}
    for modality in MODALITIES:
        signal = shown.search_signal(modality)
        for part in signal.parts if isinstance(signal, MixedSignal) else (signal,):
            if isinstance(part, DenseSignal | AdaptedSignal):
                found.setdefault(f"encoder {part.encoder}", (modality, part))
            elif isinstance(part, LexicalSignal):
                found[f"signal {part.name}"] = modality, part
    return found


def words_unknown(shown: Dataset, text: str) -> tuple[Unknown, ...]:
    """What each reader does not know of a text, where it says; encoders that do not list their words are left out."""
    found = []
    for modality, signal in readers(shown).values():
        if isinstance(signal, LexicalSignal):
            nothing = not len(signal.columns_of(text))
            found.append(Unknown(modality, nothing, signal.unknown_words(text), signal.name))
        elif (known := _vocabulary(shown, signal.encoder)) is not None:
            found.append(Unknown(modality, knows_nothing_of(text, known), unknown_words(text, known)))
    return tuple(found)


@cached(max_entries=8, spinner="Encoding some queries again", any_order=True)
def checked_encoder(shown: Dataset, name: str) -> EncoderCheck:
    """Whether an encoder makes what the bundle holds, and which titles it reads in part. Raises EncoderError."""
    return encoder_check(shown, name, encoder(shown, name))
