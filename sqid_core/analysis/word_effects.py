"""What each word of a query does: the query is encoded again without it, and a product's score and rank are measured.

Nothing is said of why: a vector has no parts that belong to words, so a word's effect is what changes when it is not
asked. Effects of several words do not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..bundle.signals import DenseSignal
from ..types import Floats, Modality, Rows, Vectors
from .query_words import words

# Texts to unit rows (T, D), in one batch.
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class WordEffect:
    """What leaving a word out changes for one product by one modality. score: raw, without the word less with it.
    before, after: its rank among the candidates, 1 the best, with the word and without."""

    word: str
    modality: Modality
    score: float
    before: int
    after: int


def left_out(text: str) -> dict[str, str]:
    """Each word of a query as it is written, and the query without it, wherever it stands; marks that hold no letter or
    digit are no words. Empty where there is only one: without it nothing is asked."""
    parts = text.split()
    own = [" ".join(words(part)) for part in parts]
    rests: dict[str, str] = {}
    for part, folded in zip(parts, own, strict=True):
        rest = " ".join(other for other, known in zip(parts, own, strict=True) if known != folded)
        if folded and any(known for known in own if known != folded) and rest not in rests.values():
            rests[part] = rest
    return rests


def word_effects(
    rests: Mapping[str, str],
    rows: Rows,
    product: int,
    signals: Sequence[tuple[DenseSignal, Floats]],
    encode: Callable[[str], Encode],
) -> list[WordEffect]:
    """What each word does for one product, by each signal that knows it.

    rests: see `left_out`. rows: (C,) the candidates' product rows, ascending; product: a position in them. signals:
    with the scores (C,) that the whole query gives, nan where absent. encode: of an encoder, by its name.
    """
    found = []
    for signal, now in signals:
        if not rests or np.isnan(now[product]):
            continue
        vectors = encode(signal.encoder)(list(rests.values()))
        before = _rank(now, product)
        for word, vector in zip(rests, vectors, strict=True):
            scores = _scores(signal, vector, rows)
            change = float(scores[product] - now[product])
            found.append(WordEffect(word, signal.modality, change, before, _rank(scores, product)))
    return found


def _scores(signal: DenseSignal, vector: Vectors, rows: Rows) -> Floats:
    """(C,) of the candidates; all products are scored without gathering them."""
    if len(rows) == len(signal.products):
        return signal.catalogue_scores(vector)
    return signal.pair_scores(vector[None], np.zeros(len(rows), dtype=np.int64), rows)


def _rank(scores: Floats, product: int) -> int:
    """By score, equal ones by position; what has none comes last."""
    ahead = (scores > scores[product]) | ((scores == scores[product]) & (np.arange(len(scores)) < product))
    return 1 + int(ahead.sum())
