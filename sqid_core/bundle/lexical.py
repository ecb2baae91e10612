"""BM25 as a signal: an index of the products' words, and the words of the bundle's queries.

Evaluating needs no library, since the queries were read when the index was made; a typed text is read by bm25s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import BundleError
from ..lexical.bm25 import Bm25Index, Bm25Settings, bm25_index
from ..lexical.reading import Reading
from ..types import Array, Bools, Floats, Modality, Positions, Rows, Vectors
from ..wording import counted, numbered, short
from .judgements import Judgements
from .stored import Stored

LEXICAL = "lexical"
MODALITY: Modality = "text"


@dataclass(frozen=True, eq=False)
class QueryWords:
    """The words of the bundle's queries. columns: (W,) the index's columns, query by query; a word that no product
    holds is left out. pointers: (Q + 1,) where each query's begin."""

    columns: npt.NDArray[np.int32] = field(repr=False)
    pointers: Positions = field(repr=False)

    def of(self, query: int) -> Rows:
        """(w,) the columns of a query, in the order of its words."""
        return self.columns[self.pointers[query] : self.pointers[query + 1]]


@dataclass(frozen=True, eq=False)
class LexicalSignal:
    """BM25 over the words of products' texts: any product can be scored for any text.

    present: (N,) bool, False where a product has no text. A query without a word that some product holds scores
    nothing: nan, for every product.
    """

    name: str
    index: Bm25Index = field(repr=False)
    present: Bools = field(repr=False)
    queries: QueryWords = field(repr=False)
    reading: Reading
    settings: Bm25Settings

    def __repr__(self) -> str:
        held = f"{int(self.present.sum()):,} of {counted(len(self.present), 'product', 'products')}"
        return f"LexicalSignal({short(self.name)}: {counted(len(self.index.words), 'word', 'words')}, {held})"

    @property
    def modality(self) -> Modality:
        """It reads text."""
        return MODALITY

    @property
    def is_run(self) -> bool:
        """No: a product without a text has nothing to score."""
        return False

    @property
    def encoders(self) -> tuple[str, ...]:
        """None: it needs the words alone."""
        return ()

    def slate_scores(self, judgements: Judgements) -> Floats:
        """(Q, C) the score of every judged pair; nan at padding, where a product has no text, and of a query without a
        known word."""
        scores = np.full(judgements.rows.shape, np.nan)
        for query in np.flatnonzero(judgements.lengths).tolist():
            mask = judgements.mask[query]
            scores[query, mask] = self._scores(self.queries.of(query), judgements.rows[query][mask])
        return scores

    def knows(self, judgements: Judgements) -> Bools:
        """(Q, C) which judged pairs it scores."""
        asked = np.diff(self.queries.pointers) > 0
        return self.present[judgements.rows] & judgements.mask & asked[:, None]

    def judged_as(self, before: Judgements, now: Judgements) -> LexicalSignal:
        """Itself: it scores any pair."""
        del before, now
        return self

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        """(n,) the score of one query's judged products."""
        return self._scores(self.queries.of(query), judgements.rows[query][judgements.mask[query]])

    def searched(self, vectors: Mapping[str, Vectors], text: str) -> Floats | None:
        """(N,) the score of every product for a text, nan where it has no text, or where the query holds no known word;
        None where nothing is typed, as where a picture is searched for. Raises InputError without bm25s."""
        del vectors
        return self._scores(self.columns_of(text), None) if text.strip() else None

    def columns_of(self, text: str) -> Positions:
        """(w,) the index's columns of a text's words. Raises InputError without bm25s."""
        return self.index.columns(self.reading.words([text])[0])

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """The words of a text that no product holds, as it reads them: stop words are none. Raises InputError without
        bm25s."""
        return tuple(word for word in dict.fromkeys(self.reading.words([text])[0]) if word not in self.index)

    def _scores(self, columns: Rows, rows: Rows | None) -> Floats:
        """Of some products (n,), of all for None."""
        present = self.present if rows is None else self.present[rows]
        if not len(columns):
            return np.full(len(present), np.nan)
        found = self.index.scores(columns) if rows is None else self.index.scores_of(columns, rows)
        return np.where(present, found, np.nan)


def lexical_signal(
    name: str, texts: Sequence[str], queries: Sequence[str], reading: Reading, settings: Bm25Settings
) -> LexicalSignal:
    """The signal of the products' texts (N,), "" where there is none, for the queries' (Q,). Raises InputError where no
    text holds a word, and without bm25s."""
    index, present = bm25_index(texts, reading, settings)
    columns = [index.columns(words) for words in reading.words(queries)]
    pointers = np.cumsum([0, *map(len, columns)], dtype=np.int64)
    words = QueryWords(np.concatenate([np.empty(0, np.int64), *columns]).astype(np.int32), pointers)
    return LexicalSignal(name, index, present, words, reading, settings)


def lexical_arrays(signal: LexicalSignal) -> dict[str, tuple[Array, Any]]:
    """The arrays of a signal and their types, by file name."""
    text = np.frombuffer("\n".join(signal.index.words).encode(), np.uint8)
    return {
        "words.npy": (text, np.uint8),
        "pointers.npy": (signal.index.pointers, np.int64),
        "rows.npy": (signal.index.rows, np.int32),
        "weights.npy": (signal.index.weights, np.float32),
        "present.npy": (signal.present, np.bool_),
        "query_columns.npy": (signal.queries.columns, np.int32),
        "query_pointers.npy": (signal.queries.pointers, np.int64),
    }


def lexical_about(signal: LexicalSignal) -> dict[str, Any]:
    """What it says of itself: all that a text is read and scored by."""
    return {
        "k1": signal.settings.k1,
        "b": signal.settings.b,
        "stopwords": list(signal.reading.stopwords),
        "stemmer": signal.reading.stemmer,
    }


def load_lexical(stored: Stored) -> LexicalSignal:
    """The signal of a bundle. Raises BundleError with one sentence for whatever disagrees."""

    def refuse(file: str, what: str) -> BundleError:
        return BundleError(f"{stored.file(file)} {what}; {stored.again}")

    settings, reading = _settings(stored)
    present = stored.array("present.npy", (stored.products,), np.bool_)
    try:
        words = tuple(stored.list("words.npy", np.uint8).tobytes().decode().split("\n"))
    except UnicodeDecodeError:
        raise refuse("words.npy", "is no UTF-8 text") from None
    if not all(words) or any(one >= other for one, other in pairwise(words)):
        raise refuse("words.npy", "has words that are empty, equal or out of order")
    rows = stored.list("rows.npy", np.int32)
    weights = stored.array("weights.npy", rows.shape, np.float32)
    pointers = stored.array("pointers.npy", (len(words) + 1,), np.int64)
    if not _are_pointers(pointers, len(rows)) or (np.diff(pointers) < 1).any():
        raise refuse("pointers.npy", f"does not cut {len(rows):,} places into a column for each of the words")
    if len(rows) and not (rows.min() >= 0 and rows.max() < stored.products and present[rows].all()):
        raise refuse("rows.npy", "names products that are not there or have no text")
    begins = np.zeros(len(rows), dtype=bool)
    begins[pointers[:-1]] = True
    if not ((np.diff(rows) > 0) | begins[1:]).all():
        raise refuse("rows.npy", "is not in order within a word's column")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise refuse("weights.npy", "has weights that are negative or no finite numbers")
    columns = stored.list("query_columns.npy", np.int32)
    starts = stored.array("query_pointers.npy", (len(stored.judgements.query_ids) + 1,), np.int64)
    if not _are_pointers(starts, len(columns)):
        raise refuse("query_pointers.npy", f"does not cut {numbered(len(columns), 'words')} into those of each query")
    if len(columns) and not (columns.min() >= 0 and columns.max() < len(words)):
        raise refuse("query_columns.npy", "names words that are not there")
    index = Bm25Index(words, pointers, rows, weights, stored.products)
    return LexicalSignal(stored.name, index, present, QueryWords(columns, starts), reading, settings)


def lexical_coverage(signal: LexicalSignal, judgements: Judgements) -> str:
    """What of the judged products it knows."""
    judged = judgements.lengths > 0
    if not judged.any():
        return f"{signal.name} has {int(signal.present.sum()):,} of {numbered(len(signal.present), 'products')}"
    held = signal.present[np.unique(judgements.rows[judgements.mask])].mean()
    silent = int((judged & (np.diff(signal.queries.pointers) == 0)).sum())
    without = f", and no word of {counted(silent, 'judged query', 'judged queries')}" if silent else ""
    return f"{signal.name} has {held:.1%} of the judged products{without}"


def _settings(stored: Stored) -> tuple[Bm25Settings, Reading]:
    about = stored.about()
    numbers, stopwords, stemmer = (about.get("k1"), about.get("b")), about.get("stopwords"), about.get("stemmer")
    words: list[Any] = stopwords if isinstance(stopwords, list) else [None]
    texts = all(isinstance(word, str) for word in (*words, stemmer))
    try:
        if not texts or not all(type(number) in (int, float) for number in numbers):
            raise ValueError("k1, b, stopwords or stemmer is missing or of another type")
        k1, b = (float(number) for number in numbers if number is not None)
        return Bm25Settings(k1, b), Reading(tuple(words), str(stemmer))
    except ValueError as error:
        raise BundleError(
            f"{stored.file('signal.json')} does not say how a text is scored ({error}); {stored.again}"
        ) from None


def _are_pointers(pointers: Positions, count: int) -> bool:
    return bool(pointers[0] == 0 and pointers[-1] == count and (np.diff(pointers) >= 0).all())
