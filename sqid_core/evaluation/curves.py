"""NDCG as an exact function of the image weight.

With a linear combiner two products swap where their lines cross, so that one query's NDCG is a step function of w. Its
steps are found by the crossings between products of different gains (`crossings`); every open interval between two of
them is re-sorted at its midpoint. (Updating DCG swap by swap goes wrong at ties.) What happens exactly at a crossing,
at 0 and at 1 is an accident of the tie rule: optimum and best interval speak of open intervals.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..bundle.traffic import counted_by
from ..ranking.candidates import Candidates
from ..ranking.fusion import Columns, Fusion
from ..types import Bools, Floats, Positions, Rows
from ..wording import counted
from .buckets import Bucket, bucket
from .crossings import MERGED, MERGED_WHOLE, crossings, distinct, in_whole_numbers
from .metrics import defined_mean

SAMPLES = 201
# Values closer than this are one plateau: the mean of equal numbers in another order.
_EQUAL, _DIGITS = 1e-12, 11
# Elements sorted, or pairs crossed, at a time: a few MB, so that a block stays in the cache.
_BLOCK = 1 << 18


@dataclass(frozen=True)
class BestInterval:
    """The open interval of weights with the highest value; the widest of several. weight: its midpoint, or where that
    is a crossing (at which values jump to and fro) the middle of the stretch behind it; of a sampled curve the sample
    next to it, as between two samples nothing is known."""

    low: float
    high: float
    value: float
    weight: float


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
            return BestInterval(0.0, 1.0, np.nan, 0.5)
        first = np.flatnonzero(np.concatenate([[True], np.abs(np.diff(self.values)) > _EQUAL]))
        low, values = self.starts[first], self.values[first]
        high = np.append(low[1:], 1.0)
        top = np.flatnonzero(values >= values.max() - _EQUAL)
        # The first of equally wide ones, which rounding must not decide.
        widest = top[np.argmax(np.round((high - low)[top], _DIGITS))]
        best = float(low[widest]), float(high[widest])
        return BestInterval(*best, float(values[widest]), self._weight_in(*best))

    def _weight_in(self, low: float, high: float) -> float:
        middle = (low + high) / 2
        return beside(self.starts, middle) if self.exact else round(middle * (SAMPLES - 1)) / (SAMPLES - 1)


@dataclass(frozen=True, eq=False)
class WeightCurves:
    """One curve a query, in flat arrays. Query i has the intervals offsets[i] : offsets[i + 1].

    starts, values: (B,). at_zero, at_one: (Q,). A query without gain has one interval of nan. whole: (Q,) whether the
    query's crossings come from whole numbers, so that equal ones are equal floats; none if None. traffic: (Q,) how much
    each query counts in a mean; all alike if None.

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
    whole: Bools | None = field(default=None, repr=False)
    traffic: Floats | None = field(default=None, repr=False)

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
        """The exact mean curve of a group of queries (row numbers), of all if None. Undefined queries do not count, nor
        do those without traffic."""
        chosen = np.arange(len(self)) if queries is None else np.asarray(queries)
        weights = None if self.traffic is None else self.traffic[chosen]
        known, weights = counted_by(self.at_zero[chosen], weights)
        counts = ~np.isnan(known)
        chosen, weights = chosen[counts], None if weights is None else weights[counts]
        if not len(chosen):
            return WeightCurve(np.zeros(1), np.full(1, np.nan), np.nan, np.nan, 0, self.exact)
        intervals = _spans(self.offsets[chosen], self.offsets[chosen + 1])
        starts = self.starts[intervals]
        by_start = np.argsort(starts, kind="stable")
        starts = starts[by_start]
        steps, total = self._steps[intervals], float(len(chosen))
        if weights is not None:
            steps = steps * np.repeat(weights, self.offsets[chosen + 1] - self.offsets[chosen])
            total = float(weights.sum())
        values = np.cumsum(steps[by_start]) / total
        tolerance = MERGED if self.whole is None or not self.whole[chosen].all() else MERGED_WHOLE
        kept = distinct(starts, np.zeros(len(starts), dtype=bool), tolerance)
        at_zero, at_one = (defined_mean(ends[chosen], weights) for ends in (self.at_zero, self.at_one))
        return WeightCurve(starts[kept], values[kept], at_zero, at_one, len(chosen), self.exact)

    @cached_property
    def all_starts(self) -> Floats:
        """(B,) where the open intervals of the mean of all queries begin: the crossings of any query."""
        return replace(self, traffic=None).mean().starts

    @cached_property
    def chosen(self) -> dict[bytes, tuple[Floats, Floats]]:
        """What `cross_validated` found, by folds: several ways to choose are held to the same one weight."""
        return {}

    @cached_property
    def _steps(self) -> Floats:
        """(B,) what each interval adds to the one before it; the first of a query adds to 0."""
        steps = np.diff(self.values, prepend=0.0)
        steps[self.offsets[:-1]] = self.values[self.offsets[:-1]]
        return steps

    def at(self, image_weights: Floats) -> Floats:
        """(Q,) NDCG of each query at a weight of its own (Q,); at a crossing, that of the interval behind it."""
        inside = self.inside(image_weights[:, None])[:, 0]
        return np.where(image_weights <= 0, self.at_zero, np.where(image_weights >= 1, self.at_one, inside))

    def inside(self, image_weights: Floats) -> Floats:
        """(Q, W) NDCG of each query in the open interval at or behind each weight, (W,) for all or (Q, W) of its own;
        at 0 and 1 in that beside it."""
        shape = (len(self), image_weights.shape[-1])
        low = np.broadcast_to(self.offsets[:-1, None], shape).copy()
        high = np.broadcast_to(self.offsets[1:, None] - 1, shape).copy()
        # Halved within each query: a query and a weight as one number would lose digits of the weight.
        while (low < high).any():
            middle = (low + high + 1) // 2
            reached = self.starts[middle] <= image_weights
            low, high = np.where(reached, middle, low), np.where(reached, high, middle - 1)
        return self.values[low]


def weight_curves(columns: Columns, gains: Floats, fusion: Fusion, returned: Bools | None = None) -> WeightCurves:
    """The curve of every query under a fusion (whose own weight plays no part).

    columns: (Q, C), prepared by `fusion.columns`. gains: (Q, C) of all judged products, 0 at padding. returned: (Q, C)
    see `Run`.
    """
    linear = fusion.rule.linear
    lines, whole = in_whole_numbers(columns) if linear else (columns, np.ones(len(gains), dtype=bool))
    at_zero, at_one = np.full(len(gains), np.nan), np.full(len(gains), np.nan)

    def intervals(queries: Rows, length: int) -> tuple[Rows, Floats, Floats]:
        part = bucket(columns, gains, queries, length, returned)
        at_zero[queries], at_one[queries] = part.ndcg(fusion, 0.0), part.ndcg(fusion, 1.0)
        if linear:
            position, starts = crossings(lines.take(queries, length), part.gains, whole[queries])
        else:
            position, starts = _sample_edges(len(queries))
        return queries[position], starts, _values(part, fusion, position, starts)

    undefined = np.flatnonzero(~gains.any(axis=1))
    parts: list[tuple[Rows, Floats, Floats]] = [(undefined, np.zeros(len(undefined)), np.full(len(undefined), np.nan))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts += pool.map(lambda group: intervals(*group), _by_length(columns, gains))
    query, starts, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    by_query = np.argsort(query, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(query, minlength=len(gains)))])
    return WeightCurves(starts[by_query], values[by_query], offsets, at_zero, at_one, linear, whole)


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


def _by_length(columns: Columns, gains: Floats) -> list[tuple[Rows, int]]:
    """The queries that have a gain and their length, slates of the same length together, in blocks whose pairs fit the
    cache."""
    lengths = np.where(gains.any(axis=1), columns.mask.sum(axis=1), 0)
    found: list[tuple[Rows, int]] = []
    for length in np.unique(lengths[lengths > 0]).tolist():
        queries, block = np.flatnonzero(lengths == length), max(1, 4 * _BLOCK // length**2)
        found += [(queries[start : start + block], length) for start in range(0, len(queries), block)]
    return found


def _sample_edges(count: int) -> tuple[Rows, Floats]:
    """As `crossings`, for a method that is not linear: an interval about each of the samples."""
    step = 1 / (SAMPLES - 1)
    edges = np.maximum(np.arange(SAMPLES) * step - step / 2, 0.0)
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


def beside(starts: Floats, weight: float) -> float:
    """The weight, or where it is a crossing of a curve (or 0 or 1) the middle of the open interval behind it, of the
    last one where there is none behind: what a ranking scores exactly there is an accident of ties."""
    ends = np.append(starts, 1.0)
    place = min(int(np.searchsorted(starts, weight, side="right")), len(starts)) - 1
    low, high = ends[place], ends[place + 1]
    near = min(MERGED, (high - low) / 4)
    if high - weight <= near and place + 2 < len(ends):
        low, high = ends[place + 1], ends[place + 2]
    return float(weight if low + near < weight < high - near else (low + high) / 2)
