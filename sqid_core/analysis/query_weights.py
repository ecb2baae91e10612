"""Should the weight depend on the query? The best weight of each query, and weights by category, against one for all.

What is chosen on a query's own labels is an oracle and says so; what is cross-validated never saw the query it scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..bundle.traffic import counted_by
from ..evaluation.cross_validation import cross_validated
from ..evaluation.curves import WeightCurves
from ..evaluation.significance import resampled_means
from ..types import Floats, Names, Rows

WEIGHTS = np.linspace(0.0, 1.0, 101)
# A category's curve counts as if so many further queries had the curve of all: few queries must not choose alone.
PRIOR_QUERIES = 20


@dataclass(frozen=True, eq=False)
class Headroom:
    """What the best weight of each query would add. best: (Q,) NDCG at each query's own best weight, an oracle.
    one: (Q,) at the one weight that is best for all of them, in-sample. nan where undefined."""

    best: Floats = field(repr=False)
    one: Floats = field(repr=False)

    @property
    def gain(self) -> Floats:
        """(Q,) the difference: never negative in the mean, and large even for noise."""
        return self.best - self.one


@dataclass(frozen=True, eq=False)
class ChosenWeights:
    """A way to choose each query's weight, scored on queries that it did not see. values: (Q,) NDCG; weights: (Q,), or
    (R, Q) of each repeat, where values are the mean of the repeats."""

    name: str
    values: Floats = field(repr=False)
    weights: Floats = field(repr=False)


def headroom(curves: WeightCurves) -> Headroom:
    """Of every query. Open intervals only, as everywhere."""
    best = np.maximum.reduceat(curves.values, curves.offsets[:-1]) if len(curves) else np.empty(0)
    weight = curves.mean().best.weight
    return Headroom(best, curves.at(np.full(len(curves), weight)))


def sampled(curves: WeightCurves) -> Floats:
    """(Q, 101) NDCG of each query at each of WEIGHTS; at 0 and 1 that of the open interval beside it."""
    return curves.inside(WEIGHTS)


def inside(weights: Floats) -> Floats:
    """The weights, 0 and 1 moved into the open intervals beside them: what is chosen there is scored there, and not at
    an accident of ties."""
    return np.clip(weights, 1e-10, 1 - 1e-10)


def counted_grid(curves: WeightCurves, grid: Floats) -> Floats:
    """The grid (Q, 101) with each query's values times how much it counts, 1 in the mean of those that are defined: the
    sums and means that weights are chosen by are then per unit of traffic."""
    _, uneven = counted_by(curves.at_zero, curves.traffic)
    return grid if uneven is None else grid * (uneven / uneven[curves.defined].mean())[:, None]


def one_for_all(curves: WeightCurves, folds: Rows) -> ChosenWeights:
    """The best weight of all queries of the other folds: what `evaluate` calls cross-validated."""
    return ChosenWeights("one weight for all", *cross_validated(curves, folds))


def repeated(repeats: Sequence[ChosenWeights]) -> ChosenWeights:
    """One way to choose, repeated with other folds: the mean of each query's values, and all weights."""
    values = np.mean([each.values for each in repeats], axis=0)
    return ChosenWeights(repeats[0].name, values, np.stack([each.weights for each in repeats]))


def by_category(
    curves: WeightCurves, grid: Floats, folds: Rows, categories: Names, prior: float = PRIOR_QUERIES
) -> ChosenWeights:
    """A weight a category, chosen on the category's queries of the other folds, which count beside `prior` queries that
    are like all of them.

    grid: (Q, 101) of `sampled`. categories: (Q,), None where unknown: such queries get the weight for all.
    """
    defined, grid = curves.defined, counted_grid(curves, grid)
    weights, of_all = np.full(len(curves), 0.5), np.full(len(curves), 0.5)
    for fold in np.unique(folds):
        others = (folds != fold) & defined
        if not others.any():
            continue
        common = grid[others].mean(axis=0)
        weights[folds == fold] = of_all[folds == fold] = best_weight(common)
        for category in {name for name in categories if name is not None}:
            same = categories == category
            pooled = grid[others & same].sum(axis=0) + prior * common
            weights[(folds == fold) & same] = best_weight(pooled)
    return as_one_where_equal("a weight per category", curves, folds, weights, of_all)


def as_one_where_equal(name: str, curves: WeightCurves, folds: Rows, weights: Floats, of_all: Floats) -> ChosenWeights:
    """Weights chosen on the grid, (Q,), beside what the grid says for all queries, (Q,). Where the two are equal the
    rule says nothing of its own, and the query gets the very weight of `one_for_all`: equal rules differ by 0."""
    _, one = cross_validated(curves, folds)
    chosen = np.where(weights == of_all, one, inside(weights))
    return ChosenWeights(name, curves.at(chosen), chosen)


def best_weight(curve: Floats) -> float:
    """The weight in the middle of the best stretch of a curve over the 101 weights."""
    return float(best_weights(curve[None])[0])


def best_weights(curves: Floats) -> Floats:
    """(M,) the `best_weight` of each curve (M, 101). Of several best stretches the longest, of equally long ones the
    first: a single spike is an accident."""
    top = curves >= curves.max(axis=1, keepdims=True) - 1e-12
    # How many best weights in a row end at each weight.
    run = np.zeros(top.shape, dtype=np.int64)
    run[:, 0] = top[:, 0]
    for place in range(1, top.shape[1]):
        run[:, place] = (run[:, place - 1] + 1) * top[:, place]
    last = run.argmax(axis=1)
    first = last - run.max(axis=1) + 1
    return np.asarray((WEIGHTS[first] + WEIGHTS[last]) / 2)


def resampled_best_weights(grid: Floats, traffic: Floats | None = None) -> Floats:
    """(R,) the best weight of each resample of some queries. grid: (n, 101) of `sampled`, all defined, of queries that
    are asked; traffic: (n,)."""
    return best_weights(resampled_means(np.ascontiguousarray(grid.T), traffic=traffic))
