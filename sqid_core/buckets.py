"""Slates of similar length together, so that little padding is sorted: the fast way through a whole test set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .fusion import Columns, Fusion, fuse, order
from .metrics import dcg, ideal_dcg

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.integer]

_QUERIES = 512


@dataclass(frozen=True, eq=False)
class Bucket:
    """Some queries' slates, cut to the longest of them.

    queries: (q,) row numbers. columns, gains: (q, c). ideal: (q,) ideal DCG, nan where a slate has no gain.
    """

    queries: Rows = field(repr=False)
    columns: Columns = field(repr=False)
    gains: Floats = field(repr=False)
    ideal: Floats = field(repr=False)

    def ndcg(self, fusion: Fusion, image_weight: float | Floats) -> Floats:
        """(q,) NDCG at one weight, or at a weight of its own for each query (q,); nan where there is no gain."""
        weights = np.asarray(image_weight)
        scores = fuse(self.columns, fusion, weights[:, None] if weights.ndim else weights)
        return dcg(np.take_along_axis(self.gains, order(scores), axis=1)) / self.ideal

    def take(self, rows: Rows) -> Bucket:
        """The bucket of some of its queries (positions in it), any of them more than once."""
        return Bucket(self.queries[rows], take(self.columns, rows), self.gains[rows], self.ideal[rows])


def take(columns: Columns, rows: Rows, width: int | None = None) -> Columns:
    """Some rows of the columns, cut to a width."""
    c = None if columns.c is None else columns.c[rows, :width]
    return Columns(columns.a[rows, :width], columns.b[rows, :width], columns.mask[rows, :width], c)


def bucket(columns: Columns, gains: Floats, queries: Rows, width: int) -> Bucket:
    """The bucket of some queries of (Q, C) columns and gains, none of which has a slate longer than `width`."""
    cut = gains[queries, :width]
    ideal = ideal_dcg(cut)
    return Bucket(queries, take(columns, queries, width), cut, np.where(ideal > 0, ideal, np.nan))


def buckets(columns: Columns, gains: Floats) -> list[Bucket]:
    """All queries, in buckets of similar length. columns, gains: (Q, C); gains are 0 at padding."""
    lengths = columns.mask.sum(axis=1)
    by_length = np.argsort(lengths, kind="stable")
    parts = np.array_split(by_length, max(1, len(lengths) // _QUERIES))
    return [bucket(columns, gains, part, int(lengths[part].max(initial=0))) for part in parts]


def ndcg_at(parts: Iterable[Bucket], fusion: Fusion, image_weight: float | Floats, count: int) -> Floats:
    """(count,) NDCG of every query at one weight, or at weights of their own (count,)."""
    values = np.full(count, np.nan)
    for part in parts:
        weight = image_weight[part.queries] if isinstance(image_weight, np.ndarray) else image_weight
        values[part.queries] = part.ndcg(fusion, weight)
    return values
