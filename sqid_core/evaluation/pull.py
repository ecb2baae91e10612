"""The slider run backwards: at which weights a product gets to where it belongs, and what these cost elsewhere.

A product's rank is a step function of the weight, as a query's NDCG is, and by the same rules: the NDCG of a slate in
which it alone has a gain is 1 / log2(rank + 1). So its curve has the crossings of its line with all others, exactly for
linear methods, and ties go by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..bundle.traffic import counted_by
from ..ranking.fusion import Columns, Fusion, fuse
from ..ranking.shortlist import STOPS
from ..types import Bools, Floats, Positions, Rows
from .crossings import MERGED, distinct
from .curves import BestInterval, WeightCurve, WeightCurves, weight_curves
from .metrics import defined_mean

# Differences of NDCG below this are rounding.
_EQUAL = 1e-12
# Below every NDCG: what is no choice.
_NEVER = -1.0


@dataclass(frozen=True, eq=False)
class Pull:
    """Where a product of a slate stands at a rank or better.

    low, high: (I,) ends of the open intervals of weights, ascending; none where no weight does it. Inside one, exactly
    at a crossing, ties decide. stops: (S,) the slider's weights that do it, each of them ranked. ahead: (A,) positions
    of the products that are before it at every weight. nearest, where: its best rank, and the widest interval with it.
    exact: False for methods that are not linear, which are sampled.

    >>> pull(Columns(np.array([0.9, 0.5, 0.1]), np.array([0.2, 0.3, 0.8]), np.ones(3, bool)), Fusion(), 1, 1)
    Pull(to rank 1, exact: no weight; best rank 2 at image weight 0.000 to 0.444; always behind 0 others)
    """

    rank: int
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    stops: Floats = field(repr=False)
    ahead: Positions = field(repr=False)
    nearest: int
    where: tuple[float, float]
    exact: bool = True

    def __repr__(self) -> str:
        spans = ", ".join(f"{low:.3f} to {high:.3f}" for low, high in zip(self.low, self.high, strict=True))
        found = f"image weight {spans}" if spans else "no weight"
        best = f"best rank {self.nearest} at image weight {self.where[0]:.3f} to {self.where[1]:.3f}"
        how = "exact" if self.exact else "sampled"
        return f"Pull(to rank {self.rank}, {how}: {found}; {best}; always behind {len(self.ahead)} others)"


@dataclass(frozen=True, eq=False)
class Price:
    """What another weight changes over a set of queries.

    change: of the mean NDCG; nan where no query has one. n: queries averaged. losing, winning: row numbers of those
    whose NDCG falls and rises.
    """

    change: float
    n: int
    losing: Rows = field(repr=False)
    winning: Rows = field(repr=False)


def pull(columns: Columns, fusion: Fusion, product: int, rank: int) -> Pull:
    """At which weights a product gets to a rank. columns: (C,) of one slate, without padding. product: its position.
    rank: the lowest that will do, 1 the best."""
    starts, ranks = _rank_curve(columns, fusion, product)
    ends = np.append(starts[1:], 1.0)
    low, high = _joined(starts, ends, ranks <= rank)
    best_low, best_high = _joined(starts, ends, ranks == ranks.min())
    widest = int(np.argmax(best_high - best_low))
    at_stops = _standing(fuse(columns, fusion, STOPS[:, None]), product)
    return Pull(
        rank,
        low,
        high,
        STOPS[at_stops <= rank],
        _always_ahead(columns, fusion, product, (starts + ends) / 2),
        int(ranks.min()),
        (float(best_low[widest]), float(best_high[widest])),
        fusion.rule.linear,
    )


def best_pull(found: Pull, mean: WeightCurve) -> BestInterval | None:
    """The best of a pull's intervals on the mean curve of some queries: the open interval with the highest value there,
    the widest of several; None where no weight does it, or none that could be told from a crossing."""
    starts = np.sort(np.concatenate([mean.starts, found.low, found.high[found.high < 1]]))
    starts = starts[distinct(starts, np.zeros(len(starts), dtype=bool), MERGED)]
    middles = (starts + np.append(starts[1:], 1.0)) / 2
    values = mean.at(middles) if mean.n else np.zeros(len(starts))
    choice = np.where(_within(middles, found), values, _NEVER)
    if choice.max() == _NEVER:
        return None
    best = WeightCurve(starts, choice, _NEVER, _NEVER, 1, mean.exact and found.exact).best
    return best if mean.n else BestInterval(best.low, best.high, np.nan, best.weight)


def best_stop(found: Pull, mean: WeightCurve) -> float | None:
    """The slider's weight that does it and is best on a mean curve, of equal ones the nearest to the middle of the best
    interval; None where all of its intervals lie between two stops."""
    best = best_pull(found, mean)
    if best is None or not len(found.stops):
        return None
    values = mean.at(found.stops) if mean.n else np.zeros(len(found.stops))
    top = found.stops[values >= values.max() - _EQUAL]
    return float(top[np.argmin(np.abs(top - best.weight))])


def price(curves: WeightCurves, now: float, then: float, queries: Rows | None = None) -> Price:
    """What the weight `then` changes against `now`, over some queries (row numbers), all if None; a query that nobody
    asks does not count."""
    chosen = np.arange(len(curves)) if queries is None else np.asarray(queries)
    before, after = (curves.at(np.full(len(curves), weight))[chosen] for weight in (now, then))
    traffic = None if curves.traffic is None else curves.traffic[chosen]
    changes, traffic = counted_by(after - before, traffic)
    losing, winning = chosen[changes < -_EQUAL], chosen[changes > _EQUAL]
    return Price(defined_mean(changes, traffic), int((~np.isnan(changes)).sum()), losing, winning)


def _rank_curve(columns: Columns, fusion: Fusion, product: int) -> tuple[Floats, Positions]:
    """(B,) where each open interval of weights begins, and (B,) the product's rank inside it."""
    alone = np.zeros((1, len(columns.a)))
    alone[0, product] = 1.0
    slate = Columns(
        columns.a[None], columns.b[None], columns.mask[None], None if columns.c is None else columns.c[None]
    )
    curve = weight_curves(slate, alone, fusion).curve(0)
    return curve.starts, np.rint(np.exp2(1 / curve.values) - 1).astype(np.int64)


def _standing(scores: Floats, product: int) -> Positions:
    """(W,) the product's rank by fused scores (W, C)."""
    return np.asarray(1 + _before(scores, product).sum(axis=1))


def _before(scores: Floats, product: int) -> Bools:
    """(W, C) who stands before the product: by score, equal ones by row."""
    own = scores[:, [product]]
    return (scores > own) | ((scores == own) & (np.arange(scores.shape[1]) < product))


def _always_ahead(columns: Columns, fusion: Fusion, product: int, weights: Floats) -> Positions:
    """Who stands before the product at each weight (W,), one in each interval of its curve."""
    ahead = np.ones(len(columns.a), dtype=bool)
    for weight in weights:
        if not ahead.any():
            break
        ahead &= _before(fuse(columns, fusion, weight)[None], product)[0]
    return np.flatnonzero(ahead)


def _joined(starts: Floats, ends: Floats, wanted: Bools) -> tuple[Floats, Floats]:
    """The ends of the intervals that are wanted, neighbours in one piece."""
    edges = np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8))
    return starts[edges[:-1] > 0], ends[np.flatnonzero(edges < 0) - 1]


def _within(weights: Floats, found: Pull) -> Bools:
    if not len(found.low):
        return np.zeros(len(weights), dtype=bool)
    place = np.searchsorted(found.low, weights, side="right") - 1
    return (place >= 0) & (weights < found.high[np.maximum(place, 0)])
