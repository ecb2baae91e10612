"""Queries asked again without each of their words, and what that changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sqid_core.analysis.word_effects import WordEffect, left_out, word_effects
from sqid_core.bundle.adapted_signal import AdaptedSignal
from sqid_core.bundle.lexical import LexicalSignal
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal, SearchingSignal, Signal
from sqid_core.ranking.candidates import Candidates
from sqid_core.types import Vectors
from sqid_ui.caches.encoders import encoder
from sqid_ui.caches.keys import Keyed, cached


@cached(max_entries=64, any_order=True, spinner="Encoding the query without each of its words")
def _vectors(shown: Dataset, name: str, texts: tuple[str, ...]) -> Vectors:
    """(T, D) of some texts, in one batch. Raises EncoderError."""
    return np.asarray(encoder(shown, name).encode_texts(list(texts)))


@cached(max_entries=256)
def effects_of_words(
    shown: Dataset, text: str, candidates: Keyed[Candidates], product: int, catalogue: bool
) -> tuple[WordEffect, ...]:
    """What each word of a query does for one of its candidates (a position), by each signal that can be asked again.

    candidates: known by what was asked. catalogue: whether they are all products. Raises EncoderError.
    """
    asked = candidates.value
    own = {
        "text": (shown.search_signal("text") if catalogue else shown.signal("text"), asked.text),
        "image": (shown.search_signal("image") if catalogue else shown.signal("image"), asked.image),
    }
    scored = [
        (signal, scores)
        for signal, scores in own.values()
        if isinstance(signal, SearchingSignal) and scores is not None and (catalogue or _scores_one_by_one(signal))
    ]

    def encode(name: str) -> Callable[[Sequence[str]], Vectors]:
        return lambda texts: _vectors(shown, name, tuple(texts))

    return tuple(word_effects(left_out(text), asked.rows, product, scored, encode))


def _scores_one_by_one(signal: Signal) -> bool:
    """Whether a product's score is its own; a mix puts scores on the scale of the slate that they are in."""
    return isinstance(signal, DenseSignal | AdaptedSignal | LexicalSignal)
