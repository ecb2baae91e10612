"""BM25 with every weight computed beforehand (Lù 2024, bm25s): a query's scores are a sum of columns.

The weights are the library's, in Lucene's variant: idf · tf / (tf + k1 · (1 − b + b · length / mean length)).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..extras import needs
from ..types import Bools, Floats, Positions, Rows, Vectors
from .reading import Reading


@dataclass(frozen=True)
class Bm25Settings:
    """k1: how soon another occurrence of a word adds nothing. b: how much a long text counts less, 0 to 1.

    Raises ValueError for numbers that have no such meaning.
    """

    k1: float = 1.5
    b: float = 0.75

    def __post_init__(self) -> None:
        if not 0 <= self.k1 < math.inf:
            raise ValueError(f"k1 must be a number of at least 0, got {self.k1}")
        if not 0 <= self.b <= 1:
            raise ValueError(f"b must be between 0 and 1, got {self.b}")


@dataclass(frozen=True, eq=False)
class Bm25Index:
    """A sparse matrix of products and words, column by column. Arrays are read-only.

    words: (V,) ascending. pointers: (V + 1,) where each word's column begins. rows: (P,) the products that hold the
    word, ascending. weights: (P,) float32 what it is worth there. products: how many there are.
    """

    words: tuple[str, ...] = field(repr=False)
    pointers: Positions = field(repr=False)
    rows: npt.NDArray[np.int32] = field(repr=False)
    weights: Vectors = field(repr=False)
    products: int

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {word: column for column, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._columns

    def columns(self, words: Sequence[str]) -> Positions:
        """The columns of those words that some product holds, in the words' order; a word that comes twice twice."""
        known = (self._columns.get(word, -1) for word in words)
        return np.array([column for column in known if column >= 0], dtype=np.int64)

    def scores(self, columns: Rows) -> Floats:
        """(N,) what each product scores for a query of these columns; 0 where it holds none of the words.

        Sums in single precision, as the library does: equal texts have equal scores to the last bit.
        """
        found = np.zeros(self.products, dtype=np.float32)
        for column in columns:
            part = slice(self.pointers[column], self.pointers[column + 1])
            found[self.rows[part]] += self.weights[part]
        return found.astype(np.float64)

    def scores_of(self, columns: Rows, rows: Rows) -> Floats:
        """(n,) the same of some products, to the last bit and without the others."""
        found = np.zeros(len(rows), dtype=np.float32)
        for column in columns:
            part = slice(self.pointers[column], self.pointers[column + 1])
            held = self.rows[part]
            places = np.minimum(np.searchsorted(held, rows), len(held) - 1)
            found += np.where(held[places] == rows, self.weights[part][places], np.float32(0))
        return found.astype(np.float64)


def bm25_index(texts: Sequence[str], reading: Reading, settings: Bm25Settings) -> tuple[Bm25Index, Bools]:
    """The index of the products' texts (N,), and which of them have a text. Those that have none count for nothing, not
    in the mean length either. Raises InputError where no text holds a word, and where bm25s is missing."""
    library = needs("rankers", "bm25s")
    present = np.array([bool(text.strip()) for text in texts], dtype=bool)
    held = reading.words([text for text, there in zip(texts, present, strict=True) if there])
    words = sorted({word for each in held for word in each})
    if not words:
        raise InputError("no product's text holds a word to find it by; choose other --fields or other --stopwords")
    number = {word: column for column, word in enumerate(words)}
    engine = library.BM25(k1=settings.k1, b=settings.b)
    # Numbered by ourselves: the library would number them by a set, whose order differs from run to run.
    numbered = [[number[word] for word in each] for each in held]
    engine.index((numbered, dict(number)), create_empty_token=False, show_progress=False)
    return _sorted_index(engine.scores, tuple(words), np.flatnonzero(present), len(texts)), present


def _sorted_index(
    found: Mapping[str, npt.NDArray], words: tuple[str, ...], rows: Positions, products: int
) -> Bm25Index:
    """The library's columns with their rows ascending. rows: the product of each of its texts."""
    pointers = np.asarray(found["indptr"], dtype=np.int64)
    columns = np.repeat(np.arange(len(words)), np.diff(pointers))
    order = np.lexsort((found["indices"], columns))
    held = rows[np.asarray(found["indices"])[order]].astype(np.int32)
    weights = np.asarray(found["data"], dtype=np.float32)[order]
    for array in (pointers, held, weights):
        array.flags.writeable = False
    return Bm25Index(words, pointers, held, weights, products)
