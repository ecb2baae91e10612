"""A linear model of the features, fitted listwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..types import Array, Floats
from .protocol import Examples, Learner
from .stored import checked

# Of the squared weights beside a mean loss a query: features are in standard deviations.
_PENALTY = 1e-3
# Newton's method: about eight steps are enough.
_MOST_STEPS, _SHORTEST_STEP, _ENOUGH = 50, 1e-6, 1e-12


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Scores are sums of weighted features in standard deviations; an unknown one counts as its mean. mean, deviation,
    weights: (F,)."""

    mean: Floats = field(repr=False)
    deviation: Floats = field(repr=False)
    weights: Floats = field(repr=False)

    def scores(self, examples: Examples) -> Floats:
        """(P,)"""
        # A sum a row, not a product of matrices: equal rows get equal scores.
        return np.asarray((self.standardised(examples) * self.weights).sum(axis=1))

    def standardised(self, examples: Examples) -> Floats:
        """(P, F) the features in standard deviations, 0 where unknown."""
        return np.nan_to_num((examples.features.values - self.mean) / self.deviation)

    def arrays(self) -> dict[str, Array]:
        """For a file."""
        return {"mean": self.mean, "deviation": self.deviation, "weights": self.weights}

    def gain(self) -> Floats | None:
        """None: weights of features that say nearly the same share what these say as they like."""
        return None


def _moments(values: Floats) -> tuple[Floats, Floats]:
    """(F,) mean and standard deviation of the known values (P, F); 0 and 1 where they are no help."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    deviation = np.sqrt(np.where(known, values - mean, 0.0).__pow__(2).sum(axis=0) / count)
    return mean, np.where(deviation > 1e-9 * np.maximum(np.abs(mean), 1.0), deviation, np.inf)


def fit(examples: Examples, gains: Floats, seed: int) -> LinearModel:
    """The weights that bring the slates' probabilities nearest to their gains': the one minimum, by Newton's method."""
    import torch

    from .listwise import logs, padded_rows, reproducible, targets

    slates = examples.slates
    mean, deviation = _moments(examples.features.values)
    start = LinearModel(mean, deviation, np.zeros(len(mean)))
    with reproducible(seed):
        values, mask = torch.from_numpy(start.standardised(examples)), torch.from_numpy(slates.mask)
        places, queries = torch.from_numpy(padded_rows(slates)), torch.from_numpy(slates.queries)
        target = torch.from_numpy(targets(slates, gains))
        teaches = target.sum(dim=1, keepdim=True) > 0
        count = max(int(teaches.sum()), 1)

        def objective(weights: Any) -> tuple[Any, Any]:
            found = logs((values @ weights)[places], mask)
            return -(target * found).sum() / count + _PENALTY * weights.square().sum(), found

        weights = torch.zeros(len(mean), dtype=torch.float64)
        value, found = objective(weights)
        for _ in range(_MOST_STEPS):
            chances = torch.where(teaches, found.exp(), 0.0)[mask] / count
            means = torch.zeros(len(slates.lengths), len(mean), dtype=torch.float64)
            means.index_add_(0, queries, chances[:, None] * values * count)
            slope = values.T @ (chances - target[mask] / count) + 2 * _PENALTY * weights
            curvature = values.T @ (chances[:, None] * values) - means.T @ means / count
            step = torch.linalg.solve(curvature + 2 * _PENALTY * torch.eye(len(mean), dtype=torch.float64), slope)
            length = 1.0
            while length > _SHORTEST_STEP and objective(weights - length * step)[0] > value:
                length /= 2
            weights, before = weights - length * step, value
            value, found = objective(weights)
            if before - value < _ENOUGH:
                break
    return LinearModel(mean, deviation, weights.numpy())


def load(arrays: Mapping[str, Array], features: int) -> LinearModel:
    """Of a file's arrays. Raises BundleError."""
    names = "mean", "deviation", "weights"
    return LinearModel(*(checked(arrays, name, (features,), np.float64) for name in names))


LINEAR = Learner("linear", "a weighted sum of the features, fitted listwise", fit, load)
