"""Slates of similar length together, so that little padding is sorted: the fast way through a whole test set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ..bundle.judgements import Judgements
from ..bundle.labels import LabelScale
from ..ranking.fusion import Columns, Fusion, fuse
from ..ranking.ranks import order, ordered
from ..types import Bools, Floats, Positions, Rows
from .metrics import best_first, dcg, ideal_dcg

# Tables that are looked at in turn: SQID's gains and those of ESCI's own script, before and after a relabelling.
_KEPT = 4


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
        return dcg(ordered(self.gains, scores)) / self.ideal

    def take(self, rows: Rows) -> Bucket:
        """The bucket of some of its queries (positions in it), any of them more than once."""
        return Bucket(self.queries[rows], self.columns.take(rows), self.gains[rows], self.ideal[rows])


def slate_order(scores: Iterable[tuple[Rows, Floats]], shape: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """(Q, C) positions in each slate from best to worst, as `order` gives them. shape: (Q, C).

    scores: those of some queries (q,) at a time, cut to the longest slate among them (q, c), with -inf at padding,
    which comes last.
    """
    positions = np.tile(np.arange(shape[1], dtype=np.int32), (shape[0], 1))
    for queries, cut in scores:
        positions[queries, : cut.shape[1]] = order(cut)
    return positions


def bucket(columns: Columns, gains: Floats, queries: Rows, width: int, returned: Bools | None = None) -> Bucket:
    """The bucket of some queries of (Q, C) columns and gains, none of which has a slate longer than `width`. What is
    not among the `returned` (Q, C) has its gain in the ideal alone."""
    found = _bucket(columns.take(queries, width), gains[queries, :width], queries)
    return found if returned is None else replace(found, gains=found.gains * returned[queries, :width])


def _bucket(cut: Columns, gains: Floats, queries: Rows) -> Bucket:
    ideal = ideal_dcg(gains)
    return Bucket(queries, cut, gains, np.where(ideal > 0, ideal, np.nan))


def buckets(columns: Columns, gains: Floats) -> list[Bucket]:
    """All queries, in buckets of similar length. columns, gains: (Q, C); gains are 0 at padding."""
    return [_bucket(cut, gains[rows, : cut.mask.shape[1]], rows) for rows, cut in columns.groups]


def ndcg_at(parts: Iterable[Bucket], fusion: Fusion, image_weight: float | Floats, count: int) -> Floats:
    """(count,) NDCG of every query at one weight, or at weights of their own (count,)."""
    values = np.full(count, np.nan)
    for part in parts:
        weight = image_weight[part.queries] if isinstance(image_weight, np.ndarray) else image_weight
        values[part.queries] = part.ndcg(fusion, weight)
    return values


@dataclass(frozen=True, eq=False)
class JudgedSlates:
    """Slates of similar length, cut to the longest of them, in the judgements' order. queries: (q,) row numbers, none
    of a slate without products. mask, gains, relevant: (q, c), False and 0 at padding. ideal: (q, c) the gains, best
    first."""

    queries: Positions = field(repr=False)
    mask: Bools = field(repr=False)
    gains: Floats = field(repr=False)
    relevant: Bools = field(repr=False)
    ideal: Floats = field(repr=False)


def judged_slates(judgements: Judgements, scale: LabelScale, gains: str | None = None) -> list[JudgedSlates]:
    """All slates that hold a product, under a gain table. Kept with the judgements, for the next run."""
    kept, key = judgements.kept, (scale, gains or scale.default_gains)
    if key not in kept:
        table = scale.gains(gains)
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = [_cut(judgements, scale, table, *group) for group in judgements.groups]
    found: list[JudgedSlates] = kept[key]
    return found


def _cut(judgements: Judgements, scale: LabelScale, table: Floats, part: Positions, width: int) -> JudgedSlates:
    queries = part[judgements.lengths[part] > 0]
    labels, mask = judgements.labels[queries, :width], judgements.mask[queries, :width]
    gains = np.where(mask, table[labels], 0.0)
    return JudgedSlates(queries, mask, gains, scale.is_relevant(labels) & mask, best_first(gains))
