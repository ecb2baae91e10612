"""Encoders that are loaded, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from sqid_core.analysis.checks import EncoderCheck, encoder_check
from sqid_core.bundle.load import Dataset
from sqid_core.encoders.families import Encoder, EncoderSpec, load_encoder
from sqid_core.encoders.vocabulary import knows_nothing_of, load_vocabulary, unknown_words
from sqid_core.errors import EncoderError
from sqid_core.ranking.search import bundle_encoder
from sqid_core.types import MODALITIES, Modality
from sqid_ui.caches.keys import Keyed, cached


def encoder(shown: Dataset, name: str) -> Encoder:
    """An encoder of the bundle, which makes the vectors that the bundle holds: one model for all bundles that name it.
    Raises EncoderError."""
    spec = shown.manifest.encoders[name]
    found = _model(Keyed(spec, (spec, shown.folder / "encoders" / name)))
    _held_to_bundle(shown, name, Keyed("", found))
    return found


@cached(max_entries=4, spinner="Loading the encoder")
def _model(named: Keyed[tuple[EncoderSpec, Path]]) -> Encoder:
    return load_encoder(*named.value)


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


@dataclass(frozen=True)
class Unknown:
    """What an encoder that lists its words does not know of a text. reads: whose ranking it makes; of both modalities
    text. nothing_known: whether that is all of it."""

    reads: Modality
    nothing_known: bool
    words: tuple[str, ...]


def words_unknown(shown: Dataset, text: str) -> tuple[Unknown, ...]:
    """What each encoder that lists its words does not know; encoders that do not are left out."""
    found: dict[str, Unknown] = {}
    for modality in MODALITIES:
        signal = shown.dense_signal(modality)
        known = None if signal is None or signal.encoder in found else _vocabulary(shown, signal.encoder)
        if signal is not None and known is not None:
            found[signal.encoder] = Unknown(modality, knows_nothing_of(text, known), unknown_words(text, known))
    return tuple(found.values())


@cached(max_entries=8, spinner="Encoding some queries again", any_order=True)
def checked_encoder(shown: Dataset, name: str) -> EncoderCheck:
    """Whether an encoder makes what the bundle holds, and which titles it reads in part. Raises EncoderError."""
    return encoder_check(shown, name, encoder(shown, name))
