"""Repeated cross-validation of the image weight: each query is scored at weights that were chosen without it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..types import Floats, Positions, Rows
from .curves import WeightCurves, beside
from .metrics import defined_mean
from .reports import query_folds

REPEATS = 10


@dataclass(frozen=True, eq=False)
class CrossValidated:
    """Ten times five folds. values: (Q,) NDCG, the mean over the repeats. weights: (R, Q) of each query in each repeat.
    means: (R,) the mean NDCG of each repeat. traffic: (Q,) how much each query counts in a mean."""

    values: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    means: Floats = field(repr=False)
    traffic: Floats | None = field(default=None, repr=False)

    @property
    def mean(self) -> float:
        """Over repeats and queries."""
        return defined_mean(self.values, self.traffic)

    @property
    def spread(self) -> float:
        """The standard deviation of the repeats' means: what the drawing of the folds alone does to the number."""
        return spread(self.means)

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and the highest weight that was chosen."""
        return float(self.weights.min(initial=1.0)), float(self.weights.max(initial=0.0))


def spread(means: Floats) -> float:
    """The standard deviation of the means of repeats; nan for fewer than two."""
    return float(np.std(means, ddof=1)) if len(means) > 1 else float("nan")


def cross_validated(curves: WeightCurves, folds: Rows) -> tuple[Floats, Floats]:
    """(Q,) NDCG and (Q,) weight of each query, at the best weight of the queries of all other folds.

    folds: (Q,) the fold of each query. A fold that is alone has nothing to choose by and gets .5. No weight is a
    crossing of any query, so that a ranking at these weights scores the same.
    """
    known = curves.chosen.get(folds.tobytes())
    if known is not None:
        return known
    weights = np.full(len(curves), 0.5)
    for fold in np.unique(folds):
        others = curves.mean(np.flatnonzero(folds != fold))
        if others.n:
            weights[folds == fold] = others.best.weight
    if curves.exact:
        chosen, place = np.unique(weights, return_inverse=True)
        weights = np.array([beside(curves.all_starts, weight) for weight in chosen])[place]
    found = curves.at(weights), weights
    for each in found:
        each.flags.writeable = False
    curves.chosen[folds.tobytes()] = found
    return found


def repeated_folds(dataset: Dataset) -> Positions:
    """(R, Q) the folds of each repeat."""
    return np.stack([query_folds(dataset, repeat) for repeat in range(REPEATS)])


def repeatedly_cross_validated(curves: WeightCurves, folds: Positions) -> CrossValidated:
    """`cross_validated` on each row of folds (R, Q)."""
    found = [cross_validated(curves, each) for each in folds]
    values = np.stack([each for each, _ in found])
    return CrossValidated(
        values.mean(axis=0),
        np.stack([weights for _, weights in found]),
        np.array([defined_mean(each, curves.traffic) for each in values]),
        curves.traffic,
    )
