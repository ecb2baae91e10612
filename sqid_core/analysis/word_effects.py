"""What each word of a query does: the query is asked again without it, and a product's score and rank are measured.

Nothing is said of why: a vector has no parts that belong to words, so a word's effect is what changes when it is not
asked. Effects of several words do not add up, but for BM25's scores, which are sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..bundle.signals import DenseSignal, SearchingSignal
from ..types import Floats, Modality, Rows, Vectors
from .query_words import words

# Texts to unit rows (T, D), in one batch.
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True)
class WordEffect:
    """What leaving a word out changes for one product by one modality. score: raw, without the word less with it.
    before, after: its rank among the candidates, 1 the best, with the word and without; after is None where nothing is
    ranked without it, as by BM25 where no other word is known."""

    word: str
    modality: Modality
    score: float
    before: int
    after: int | None


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
    signals: Sequence[tuple[SearchingSignal, Floats]],
    encode: Callable[[str], Encode],
) -> list[WordEffect]:
    """What each word does for one product, by each signal that knows it.

    rests: see `left_out`. rows: (C,) the candidates' product rows, ascending; product: a position in them. signals:
    with the scores (C,) that the whole query gives, nan where absent; those that score a product by itself, or all
    products as candidates. encode: of an encoder, by its name. Raises SqidError where a text cannot be read here.
    """
    found = []
    for signal, now in signals:
        if not rests or np.isnan(now[product]):
            continue
        encoded = {name: encode(name)(list(rests.values())) for name in signal.encoders}
        before = _rank(now, product)
        for place, (word, rest) in enumerate(rests.items()):
            scores = _scores(signal, {name: vectors[place] for name, vectors in encoded.items()}, rest, rows)
            is_ranked = bool(np.isfinite(scores[product]))
            change = float(scores[product] if is_ranked else 0) - float(now[product])
            after = _rank(scores, product) if is_ranked else None
            found.append(WordEffect(word, signal.modality, change, before, after))
    return found


def _scores(signal: SearchingSignal, vectors: Mapping[str, Vectors], text: str, rows: Rows) -> Floats:
    """(C,) of the candidates. Of vectors some products are scored without the others, and all without gathering."""
    if isinstance(signal, DenseSignal) and len(rows) < len(signal.products):
        return signal.pair_scores(vectors[signal.encoder][None], np.zeros(len(rows), dtype=np.int64), rows)
    found = signal.searched(vectors, text)
    return np.full(len(rows), np.nan) if found is None else found[rows]


def _rank(scores: Floats, product: int) -> int:
    """By score, equal ones by position; what has none comes last."""
    ahead = (scores > scores[product]) | ((scores == scores[product]) & (np.arange(len(scores)) < product))
    return 1 + int(ahead.sum())
