"""Signals: what a modality says about each (query, product) pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, Self, runtime_checkable

import numpy as np

from ..errors import InputError
from ..indexes.stored_vectors import dots
from ..types import Bools, Digests, Floats, Modality, Rows, Vectors
from ..wording import counted, short
from .judgements import Judgements

# The kinds of the first bundles; see `signal_kinds`.
DENSE, SCORED = "dense", "scored"
# Pairs scored at a time: the gathered vectors of a block (about 25 MB at 768 dimensions) stay in the cache.
_BLOCK_PAIRS = 8192


class Signal(Protocol):
    """What every kind of signal can do: score judged products."""

    @property
    def name(self) -> str:
        """Its name in the bundle."""
        ...

    @property
    def modality(self) -> Modality:
        """What it reads."""
        ...

    @property
    def is_run(self) -> bool:
        """Whether it is a ranking: what has no score in it was not ranked, and stands behind what was. Else a product
        without a score has nothing to score, such as no picture, and policies say what it gets."""
        ...

    def slate_scores(self, judgements: Judgements) -> Floats:
        """(Q, C) the score of every judged pair; nan at padding and where it does not know the product."""
        ...

    def knows(self, judgements: Judgements) -> Bools:
        """(Q, C) which judged pairs it scores."""
        ...

    def judged_as(self, before: Judgements, now: Judgements) -> Signal:
        """The same signal for other judgements of the same queries and products than it was made for."""
        ...

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        """(n,) the same of one query's judged products, without padding, to the last bit."""
        ...


@runtime_checkable
class SearchingSignal(Signal, Protocol):
    """A signal that can score every product for whatever somebody asks."""

    @property
    def encoders(self) -> tuple[str, ...]:
        """The encoders whose vector of the question it needs; none where it reads the words themselves."""
        ...

    def searched(self, vectors: Mapping[str, Vectors], text: str) -> Floats | None:
        """(N,) the score of every product, nan where it has none to give; None where it cannot answer what is asked.

        vectors: the question's unit vector (D,) by encoder. text: its words, "" where a picture alone is asked.
        """
        ...


@dataclass(frozen=True, eq=False)
class Slates:
    """(Q, C) the scores of all judged pairs, and the judgements that they are of; of no others."""

    of: Judgements
    scores: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class DenseSignal:
    """One unit vector a product and a query: any product can be scored for any query of the encoder.

    products: (N, D) float32 unit rows, read-only, usually memory-mapped, or left in their file (`StoredVectors`).
    present: (N,) bool, False where the product has nothing to encode (no picture, no text). queries: (Q, D) float32
    unit rows, shared by the encoder's signals. content: (N, 16) a digest of what each vector was made of, None where
    the bundle does not say. seen: (Q,) the queries that its encoder was fine-tuned on, None where it was on none.
    slates: `slate_scores` of the bundle's judgements, where they were stored with it.

    >>> ones = np.eye(3, 4, dtype=np.float32)
    >>> signal = DenseSignal("mine", "text", "my encoder", ones, np.array([True, True, False]), ones[:1])
    >>> signal
    DenseSignal(mine: text, 4 dimensions of my encoder, 2 of 3 products)
    >>> signal.catalogue_scores(ones[0])
    array([ 1.,  0., nan])
    """

    name: str
    modality: Modality
    encoder: str
    products: Vectors = field(repr=False)
    present: Bools = field(repr=False)
    queries: Vectors = field(repr=False)
    content: Digests | None = field(default=None, repr=False)
    seen: Bools | None = field(default=None, repr=False)
    slates: Slates | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        count, dim = self.products.shape
        held = f"{int(self.present.sum()):,} of {counted(count, 'product', 'products')}"
        return f"DenseSignal({short(self.name)}: {self.modality}, {dim} dimensions of {short(self.encoder)}, {held})"

    @property
    def is_run(self) -> bool:
        """No: a product without a vector has nothing to score."""
        return False

    @property
    def encoders(self) -> tuple[str, ...]:
        """Its encoder."""
        return (self.encoder,)

    def searched(self, vectors: Mapping[str, Vectors], text: str) -> Floats | None:
        """(N,) the cosine of every product; None without a vector of its encoder."""
        del text
        return self.catalogue_scores(vectors[self.encoder]) if self.encoder in vectors else None

    def slate_scores(self, judgements: Judgements) -> Floats:
        """(Q, C) cosine of every judged pair; nan at padding and where the product is absent."""
        if self.slates is not None and self.slates.of is judgements:
            return self.slates.scores.copy()
        scores = np.full(judgements.rows.shape, np.nan)
        query_rows, columns = np.nonzero(judgements.mask)
        rows = judgements.rows[query_rows, columns]
        scores[query_rows, columns] = self.pair_scores(self.queries, query_rows, rows)
        return scores

    def knows(self, judgements: Judgements) -> Bools:
        """(Q, C) which judged pairs it scores."""
        return self.present[judgements.rows] & judgements.mask

    def judged_as(self, before: Judgements, now: Judgements) -> DenseSignal:
        """Itself: it scores any pair."""
        del before, now
        return self

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        """(n,) cosine of one query's judged products."""
        if self.slates is not None and self.slates.of is judgements:
            return self.slates.scores[query][judgements.mask[query]]
        rows = judgements.rows[query][judgements.mask[query]]
        return self.pair_scores(self.queries, np.full(len(rows), query), rows)

    def pair_scores(self, queries: Vectors, query_rows: Rows, rows: Rows) -> Floats:
        """(P,) cosine of queries[query_rows[p]] and product rows[p]; nan where the product is absent."""
        scores = np.empty(len(rows))
        for start in range(0, len(rows), _BLOCK_PAIRS):
            block = slice(start, start + _BLOCK_PAIRS)
            scores[block] = np.vecdot(self.products[rows[block]], queries[query_rows[block]])
        return np.where(self.present[rows], scores, np.nan)

    def catalogue_scores(self, query: Vectors) -> Floats:
        """(N,) cosine of one query vector (D,) with every product; nan where the product is absent.

        A dot product a row, as in `pair_scores`: a matrix product is a third faster, but gives equal vectors scores
        that differ in the last bit, and with them ties that are none.
        """
        return np.where(self.present, dots(self.products, query).astype(np.float64), np.nan)


@dataclass(frozen=True, eq=False)
class PairScores:
    """What signals share that hold a score for each judged pair: (Q, C) in the judgements' layout, nan where none."""

    name: str
    modality: Modality
    scores: Floats = field(repr=False)

    def slate_scores(self, judgements: Judgements) -> Floats:
        """(Q, C) the scores; nan at padding and where a pair has none."""
        if self.scores.shape != judgements.rows.shape:
            raise ValueError(
                f"signal {self.name} has scores {self.scores.shape}, the judgements are {judgements.rows.shape}"
            )
        return np.where(judgements.mask, self.scores, np.nan)

    def knows(self, judgements: Judgements) -> Bools:
        """(Q, C) which judged pairs it scores."""
        return np.isfinite(self.slate_scores(judgements))

    def judged_as(self, before: Judgements, now: Judgements) -> Self:
        """Its scores in another layout. What it says of pairs that were not judged before nobody knows."""
        scores = before.laid_out_as(now, self.scores)
        scores.flags.writeable = False
        return replace(self, scores=scores)

    def query_scores(self, judgements: Judgements, query: int) -> Floats:
        """(n,) the scores of one query's judged products."""
        return self.scores[query][judgements.mask[query]]


@dataclass(frozen=True, eq=False, repr=False)
class ScoredSignal(PairScores):
    """Scores of judged pairs only, such as an imported run: (Q, C) in the judgements' layout, nan = not ranked.

    >>> frame = pd.DataFrame({"query_id": "q1", "product_id": ["p1", "p2", "p3"], "label": ["C", "E", "I"]})
    >>> judgements = Judgements.from_frame(frame, products=["p1", "p2", "p3"])
    >>> signal = ScoredSignal("mine", "text", np.array([[0.9, 0.4, np.nan]]))
    >>> signal
    ScoredSignal(mine: text, 2 pairs)
    >>> run_of(judgements, signal)
    Run(mine: 1 query)
    """

    def __repr__(self) -> str:
        pairs = counted(int(np.isfinite(self.scores).sum()), "pair", "pairs")
        return f"ScoredSignal({short(self.name)}: {self.modality}, {pairs})"

    @property
    def is_run(self) -> bool:
        """Yes: a product without a score was not ranked."""
        return True


def usual_kind(encoder: str) -> str:
    """The kind of a signal that names none, as those of the first bundles: a signal with an encoder has vectors."""
    return DENSE if encoder else SCORED


def share_a_space(text: Signal, image: Signal) -> bool:
    """Whether two signals hold vectors of one encoder, so that these can be averaged."""
    return isinstance(text, DenseSignal) and isinstance(image, DenseSignal) and text.encoder == image.encoder


def text_image_cosines(text: Signal, image: Signal, rows: Rows) -> Floats:
    """Cosine of each product's own text and picture, in the shape of `rows`; nan where one is absent.

    Raises InputError unless both signals hold vectors of one encoder.
    """
    if not (isinstance(text, DenseSignal) and isinstance(image, DenseSignal) and text.encoder == image.encoder):
        raise InputError(f"embedding average needs vectors of one encoder; {text.name} and {image.name} have two")
    flat = rows.ravel()
    cosines = image.pair_scores(text.products, flat, flat)
    return np.where(text.present[flat], cosines, np.nan).reshape(rows.shape)
