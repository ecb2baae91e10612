"""NDCG as an exact function of the image weight.

With a linear combiner two products swap where their lines cross, so that one query's NDCG is a step function of w. Its
steps are found by the crossings between products of different gains; every open interval between two of them is
re-sorted at its midpoint. (Updating DCG swap by swap goes wrong at ties.) What happens exactly at a crossing, at 0 and
at 1 is an accident of the tie rule: optimum and best interval speak of open intervals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..ranking.candidates import Candidates
from ..ranking.fusion import Columns, Fusion
from ..types import Bools, Floats, Positions, Rows
from ..wording import counted
from .buckets import Bucket, bucket

# Crossings of one query closer than this are one: between them there is no weight that anybody could set.
MERGED = 1e-9
SAMPLES = 201
# Values closer than this are one plateau: the mean of equal numbers in another order.
_EQUAL = 1e-12
# Elements sorted, or pairs crossed, at a time: a few MB, so that a block stays in the cache.
_BLOCK = 1 << 18


@dataclass(frozen=True)
class BestInterval:
    """The open interval of weights with the highest value; the widest of several. exact: as of the curve."""

    low: float
    high: float
    value: float
    exact: bool = True

    @property
    def weight(self) -> float:
        """Its midpoint; of a sampled curve the sample next to it, as between two samples nothing is known."""
        middle = (self.low + self.high) / 2
        return middle if self.exact else round(middle * (SAMPLES - 1)) / (SAMPLES - 1)


@dataclass(frozen=True, eq=False)
class WeightCurve:
    """NDCG by image weight: a step function.

    starts: (B,) where each open interval begins, the first at 0. values: (B,) the value inside. at_zero, at_one: the
    values exactly at the ends. n: queries averaged; with none, all values are nan. exact: False for methods that are
    not linear, which are sampled: each interval then lies about its sample.

    >>> curve = dataset_curves(load_bundle("data/tiny"), Fusion()).mean()
    >>> curve
    WeightCurve(8 queries, exact: best 0.9458 at image weight 0.163 to 0.178)
    >>> curve.at([0.0, 0.5, 1.0]).round(4)
    array([0.8839, 0.9045, 0.7896])
    """

    starts: Floats = field(repr=False)
    values: Floats = field(repr=False)
    at_zero: float
    at_one: float
    n: int = 1
    exact: bool = True

    def __repr__(self) -> str:
        best, how = self.best, "exact" if self.exact else "sampled"
        span = f"{best.value:.4f} at image weight {best.low:.3f} to {best.high:.3f}"
        return f"WeightCurve({counted(self.n, 'query', 'queries')}, {how}: best {span})"

    def at(self, image_weight: npt.ArrayLike) -> Floats:
        """The value at each weight; at a crossing, that of the interval behind it."""
        w = np.asarray(image_weight, dtype=np.float64)
        inside = self.values[np.searchsorted(self.starts, w, side="right") - 1]
        return np.where(w <= 0, self.at_zero, np.where(w >= 1, self.at_one, inside))

    @cached_property
    def best(self) -> BestInterval:
        """The best open interval: adjacent intervals of equal value are one."""
        if not self.n:
            return BestInterval(0.0, 1.0, np.nan)
        first = np.flatnonzero(np.concatenate([[True], np.abs(np.diff(self.values)) > _EQUAL]))
        low, values = self.starts[first], self.values[first]
        high = np.append(low[1:], 1.0)
        top = np.flatnonzero(values >= values.max() - _EQUAL)
        widest = top[np.argmax((high - low)[top])]
        return BestInterval(float(low[widest]), float(high[widest]), float(values[widest]), self.exact)


@dataclass(frozen=True, eq=False)
class WeightCurves:
    """One curve a query, in flat arrays. Query i has the intervals offsets[i] : offsets[i + 1].

    starts, values: (B,). at_zero, at_one: (Q,). A query without gain has one interval of nan.

    >>> curves = dataset_curves(load_bundle("data/tiny"), Fusion())
    >>> curves.curve(0)
    WeightCurve(1 query, exact: best 0.9844 at image weight 0.000 to 0.058)
    >>> curves.mean([0, 1])
    WeightCurve(2 queries, exact: best 0.8567 at image weight 0.000 to 0.006)
    """

    starts: Floats = field(repr=False)
    values: Floats = field(repr=False)
    offsets: Positions = field(repr=False)
    at_zero: Floats = field(repr=False)
    at_one: Floats = field(repr=False)
    exact: bool = True

    def __repr__(self) -> str:
        return f"WeightCurves({counted(len(self), 'query', 'queries')}, {'exact' if self.exact else 'sampled'})"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def defined(self) -> Bools:
        """(Q,) whether the query has an NDCG at all."""
        return ~np.isnan(self.at_zero)

    def curve(self, query: int) -> WeightCurve:
        """One query's curve."""
        span = slice(self.offsets[query], self.offsets[query + 1])
        ends = float(self.at_zero[query]), float(self.at_one[query])
        return WeightCurve(self.starts[span], self.values[span], *ends, int(self.defined[query]), self.exact)

    def mean(self, queries: Rows | None = None) -> WeightCurve:
        """The exact mean curve of a group of queries (row numbers), of all if None. Undefined queries do not count."""
        chosen = np.arange(len(self)) if queries is None else np.asarray(queries)
        chosen = chosen[self.defined[chosen]]
        if not len(chosen):
            return WeightCurve(np.zeros(1), np.full(1, np.nan), np.nan, np.nan, 0, self.exact)
        intervals = _spans(self.offsets[chosen], self.offsets[chosen + 1])
        starts = self.starts[intervals]
        by_start = np.argsort(starts, kind="stable")
        starts = starts[by_start]
        values = np.cumsum(self._steps[intervals][by_start]) / len(chosen)
        last_of_equal = np.append(np.diff(starts) > 0, True)
        ends = float(self.at_zero[chosen].mean()), float(self.at_one[chosen].mean())
        return WeightCurve(starts[last_of_equal], values[last_of_equal], *ends, len(chosen), self.exact)

    @cached_property
    def _steps(self) -> Floats:
        """(B,) what each interval adds to the one before it; the first of a query adds to 0."""
        steps = np.diff(self.values, prepend=0.0)
        steps[self.offsets[:-1]] = self.values[self.offsets[:-1]]
        return steps

    def at(self, image_weights: Floats) -> Floats:
        """(Q,) NDCG of each query at a weight of its own (Q,)."""
        # A query and a weight in it as one ascending number, so that one search finds every query's interval.
        query = np.arange(len(self))
        keys = np.repeat(query, np.diff(self.offsets)) + self.starts
        found = np.searchsorted(keys, query + image_weights, side="right") - 1
        # A weight just below 1 rounds up to the next query's number.
        inside = self.values[np.minimum(found, self.offsets[1:] - 1)]
        return np.where(image_weights <= 0, self.at_zero, np.where(image_weights >= 1, self.at_one, inside))


def weight_curves(columns: Columns, gains: Floats, fusion: Fusion) -> WeightCurves:
    """The curve of every query under a fusion (whose own weight plays no part).

    columns: (Q, C), prepared by `fusion.columns`. gains: (Q, C) of all judged products, 0 at padding.
    """
    interval_starts = _crossings if fusion.rule.linear else _sample_edges
    undefined = np.flatnonzero(~gains.any(axis=1))
    parts: list[tuple[Rows, Floats, Floats]] = [(undefined, np.zeros(len(undefined)), np.full(len(undefined), np.nan))]
    at_zero, at_one = np.full(len(gains), np.nan), np.full(len(gains), np.nan)
    for part in _by_length(columns, gains):
        position, starts = interval_starts(part)
        parts.append((part.queries[position], starts, _values(part, fusion, position, starts)))
        at_zero[part.queries], at_one[part.queries] = part.ndcg(fusion, 0.0), part.ndcg(fusion, 1.0)
    query, starts, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    by_query = np.argsort(query, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(query, minlength=len(gains)))])
    return WeightCurves(starts[by_query], values[by_query], offsets, at_zero, at_one, fusion.rule.linear)


def judged_curve(candidates: Candidates, gains: Floats, fusion: Fusion) -> WeightCurve:
    """NDCG of the judged candidates, by weight. gains: (L,) of each label.

    On a slate it is the query's NDCG; on the catalogue the unjudged products are taken out of the ranking first.
    """
    judged = candidates.labels >= 0
    prepared = candidates.columns
    if prepared is None:
        raise ValueError("a weight curve needs a text and an image signal")
    rows = np.flatnonzero(judged)[None]
    c = None if prepared.c is None else prepared.c[rows]
    part = Columns(prepared.a[rows], prepared.b[rows], prepared.mask[rows], c)
    return weight_curves(part, gains[candidates.labels[judged]][None], fusion).curve(0)


def _by_length(columns: Columns, gains: Floats) -> Iterator[Bucket]:
    """The queries that have a gain, slates of the same length together, in blocks whose pairs fit the cache."""
    lengths = np.where(gains.any(axis=1), columns.mask.sum(axis=1), 0)
    for length in np.unique(lengths[lengths > 0]):
        queries = np.flatnonzero(lengths == length)
        block = max(1, 4 * _BLOCK // int(length) ** 2)
        for start in range(0, len(queries), block):
            yield bucket(columns, gains, queries[start : start + block], int(length))


def _crossings(part: Bucket) -> tuple[Rows, Floats]:
    """Where each query's intervals start: (I,) position of the query in the part, ascending, and (I,) weight."""
    first, second = np.triu_indices(part.gains.shape[1], 1)
    a, b = part.columns.a, part.columns.b
    pair_a, pair_b = a[:, first] - a[:, second], b[:, first] - b[:, second]
    query, pair = np.nonzero((pair_a * pair_b < 0) & (part.gains[:, first] != part.gains[:, second]))
    pair_a, pair_b = pair_a[query, pair], pair_b[query, pair]
    w = pair_a / (pair_a - pair_b)
    inside = (w > MERGED) & (w < 1 - MERGED)
    query = np.concatenate([np.arange(len(a)), query[inside]])
    starts = np.concatenate([np.zeros(len(a)), w[inside]])
    by_query_then_start = np.lexsort((starts, query))
    query, starts = query[by_query_then_start], starts[by_query_then_start]
    distinct = np.append(True, (np.diff(starts) > MERGED) | (np.diff(query) > 0))
    return query[distinct], starts[distinct]


def _sample_edges(part: Bucket) -> tuple[Rows, Floats]:
    """As `_crossings`, for a method that is not linear: an interval about each of the samples."""
    step = 1 / (SAMPLES - 1)
    edges = np.maximum(np.arange(SAMPLES) * step - step / 2, 0.0)
    count = len(part.gains)
    return np.repeat(np.arange(count), SAMPLES), np.tile(edges, count)


def _values(part: Bucket, fusion: Fusion, query: Rows, starts: Floats) -> Floats:
    """(I,) NDCG of query[i] inside the interval that begins at starts[i]."""
    weights = _inside(query, starts, fusion)
    block = max(1, _BLOCK // part.gains.shape[1])
    spans = (slice(start, start + block) for start in range(0, len(query), block))
    return np.concatenate([part.take(query[span]).ndcg(fusion, weights[span]) for span in spans])


def _inside(query: Rows, starts: Floats, fusion: Fusion) -> Floats:
    """(I,) a weight inside each interval: its midpoint, or the sample that it lies about."""
    ends = np.append(starts[1:], 1.0)
    ends[np.append(np.diff(query) > 0, True)] = 1.0
    if fusion.rule.linear:
        return (starts + ends) / 2
    return np.round((starts + ends) / 2 * (SAMPLES - 1)) / (SAMPLES - 1)


def _spans(first: Positions, end: Positions) -> Positions:
    """The numbers first[0] .. end[0] - 1, first[1] .. end[1] - 1, ... in one array."""
    lengths = end - first
    return np.arange(lengths.sum()) + np.repeat(first - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)


def cross_validated(curves: WeightCurves, folds: Rows) -> tuple[Floats, Floats]:
    """(Q,) NDCG and (Q,) weight of each query, at the best weight of the queries of all other folds.

    folds: (Q,) the fold of each query. A fold that is alone has nothing to choose by and gets .5.
    """
    weights = np.full(len(curves), 0.5)
    for fold in np.unique(folds):
        others = curves.mean(np.flatnonzero(folds != fold))
        if others.n:
            weights[folds == fold] = others.best.weight
    return curves.at(weights), weights
