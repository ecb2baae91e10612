"""Repeated cross-validation of the image weight: each query is scored at weights that were chosen without it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..types import Floats, Positions
from .curves import WeightCurves, cross_validated
from .metrics import defined_mean
from .reports import query_folds

REPEATS = 10


@dataclass(frozen=True, eq=False)
class CrossValidated:
    """Ten times five folds. values: (Q,) NDCG, the mean over the repeats. weights: (R, Q) of each query in each repeat.
    means: (R,) the mean NDCG of each repeat."""

    values: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    means: Floats = field(repr=False)

    @property
    def mean(self) -> float:
        """Over repeats and queries."""
        return defined_mean(self.values)

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
        np.array([defined_mean(each) for each in values]),
    )
