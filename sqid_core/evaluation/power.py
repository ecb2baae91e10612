"""Which differences the paired randomisation test finds, by simulation of that test on queries like these.

The queries that differ are shifted by a common amount and their residuals drawn again; queries that are equal stay
equal. A mean difference is then the shift times the share of queries that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import floor, sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from ..bundle.traffic import counted_by, worth
from ..types import Bools, Floats
from .metrics import defined_mean
from .significance import TIE
from .verdicts import SURE

_NORMAL = NormalDist()
# Of a power curve.
_POINTS = 49
# Where more queries differ, the sum under random signs is normal: nothing is simulated.
_SIMULATED = 100
_SETS, _PATTERNS = 300, 1_500
# Up to so many queries every sign pattern is tried; half of them, as the other half has the same sums but for the sign.
_EXACT = 11


@dataclass(frozen=True, eq=False)
class _Queries:
    """What is simulated. values: (n,) differences, all defined. differ: (n,) whether they do. weights: (n,), None where
    all count alike."""

    values: Floats = field(repr=False)
    differ: Bools = field(repr=False)
    weights: Floats | None = field(repr=False)

    @property
    def share(self) -> float:
        """Of the traffic, of the queries that differ."""
        return float(self.differ.mean() if self.weights is None else np.average(self.differ, weights=self.weights))

    def about_mean(self) -> Floats:
        """(n,) the residuals of those that differ, 0 of the others."""
        mean = defined_mean(np.where(self.differ, self.values, np.nan), self.weights)
        return np.where(self.differ, self.values - mean, 0.0)

    @property
    def effective(self) -> float:
        """How many those that differ are worth."""
        return worth(np.where(self.differ, self.values, np.nan), self.weights)

    @property
    def spread(self) -> float:
        """The standard deviation of those that differ, in which each counts as in the error of the mean."""
        if self.weights is None:
            return float(self.values[self.differ].std(ddof=1))
        squared = np.square(self.weights[self.differ])
        variance = np.average(self.about_mean()[self.differ] ** 2, weights=squared)
        effective = self.effective
        return float(np.sqrt(variance * effective / (effective - 1)))


def _queries(differences: Floats, traffic: Floats | None) -> _Queries | None:
    """None where fewer than two differ, or what is worth two."""
    found, uneven = counted_by(differences, traffic)
    known = ~np.isnan(found)
    values = found[known]
    queries = _Queries(values, np.abs(values) > TIE, None if uneven is None else uneven[known])
    return queries if queries.effective > 1 + TIE else None


def detectable_difference(
    differences: Floats, family: int = 1, power: float = 0.8, traffic: Floats | None = None
) -> float:
    """The smallest true mean difference that the test, after Holm over `family`, finds with this power.

    differences: (Q,) per query, nan does not count. Holm's first step is the strictest, so alpha is .05 / family. inf
    where no difference can be found, as too few queries differ; nan for fewer than two that differ.
    """
    queries = _queries(differences, traffic)
    if queries is None:
        return float("nan")
    alpha = SURE / max(family, 1)
    if queries.effective > _SIMULATED:
        return float(queries.share * _normal_shift(queries, alpha, power))
    critical = np.sort(_critical_shifts(queries, alpha))
    return float(queries.share * max(critical[min(int(np.ceil(power * _SETS)), _SETS) - 1], 0.0))


def power_at(differences: Floats, true: Floats, family: int = 1, traffic: Floats | None = None) -> Floats:
    """(T,) how often the test, after Holm over `family`, finds each true mean difference (T,), none below 0.

    nan for fewer than two queries that differ.
    """
    queries = _queries(differences, traffic)
    if queries is None:
        return np.full(len(true), np.nan)
    alpha, shifts = SURE / max(family, 1), true / queries.share
    if queries.effective > _SIMULATED:
        return _normal_power(queries, alpha, shifts)
    return np.asarray((_critical_shifts(queries, alpha)[:, None] <= shifts).mean(axis=0))


def power_table(differences: Floats, family: int, traffic: Floats | None = None) -> pd.DataFrame:
    """difference (from 0 to beyond what is found for sure), alone and corrected: the power of one test, and of one
    among a family that Holm corrects."""
    found = [detectable_difference(differences, each, traffic=traffic) for each in (family, 1)]
    largest = float(np.abs(np.nan_to_num(differences, nan=0.0)).max(initial=0.0))
    widest = next((each for each in found if np.isfinite(each) and each > TIE), largest)
    true = np.linspace(0.0, 1.6 * widest, _POINTS)
    powers = power_at(differences, true, 1, traffic), power_at(differences, true, family, traffic)
    return pd.DataFrame({"difference": true, "alone": powers[0], "corrected": powers[1]})


def _normal_power(queries: _Queries, alpha: float, shifts: Floats) -> Floats:
    spread, bound = queries.spread, _NORMAL.inv_cdf(1 - alpha / 2)
    # Under random signs the sum has the variance of the squares, which the shift raises too.
    reached = (sqrt(queries.effective) * shifts - bound * np.sqrt(spread**2 + shifts**2)) / spread
    return np.array([_NORMAL.cdf(each) for each in reached])


def _normal_shift(queries: _Queries, alpha: float, power: float) -> float:
    spread = queries.spread
    low, high = 0.0, 1.0
    while _normal_power(queries, alpha, np.array([high]))[0] < power and high < 1e6:
        high *= 2
    if spread <= TIE or high >= 1e6:
        return 0.0 if spread <= TIE else float("inf")
    for _ in range(50):
        middle = (low + high) / 2
        found = _normal_power(queries, alpha, np.array([middle]))[0] >= power
        low, high = (low, middle) if found else (middle, high)
    return high


def _critical_shifts(queries: _Queries, alpha: float) -> Floats:
    """(S,) the shift from which on the test finds a difference, in each of S drawn sets of queries; inf: never."""
    rng = np.random.default_rng(0)
    count, effective = len(queries.values), queries.effective
    centred, differ = queries.about_mean() * sqrt(effective / (effective - 1)), queries.differ.astype(np.float64)
    if queries.weights is not None:
        # What the test adds up: a query is drawn with its weight, and shifted by as much of it.
        centred, differ = centred * queries.weights, differ * queries.weights
    drawn = rng.integers(count, size=(_SETS, count))
    residuals, shifted = centred[drawn].T, differ[drawn].T
    signs, allowed = _signs(count, alpha, rng)
    if allowed < 1:
        return np.full(_SETS, np.inf)
    total, moved = residuals.sum(axis=0), shifted.sum(axis=0)
    a, b = signs @ residuals, signs @ shifted
    # Another pattern is as far from 0 as the real signs until the shift outgrows it; the same pattern always is.
    with np.errstate(divide="ignore", invalid="ignore"):
        outgrown = np.maximum((a - total) / (moved - b), (-a - total) / (moved + b))
    outgrown[np.abs(b) >= moved] = np.inf
    return np.asarray(-np.partition(-outgrown, allowed - 1, axis=0)[allowed - 1])


def _signs(count: int, alpha: float, rng: np.random.Generator) -> tuple[Floats, int]:
    """(P, count) sign patterns, and the place from the top at which a pattern must be outgrown: p is then at most
    alpha."""
    if count <= _EXACT:
        patterns = np.arange(1 << (count - 1))[:, None] >> np.arange(count) & 1
        return (1 - 2 * patterns).astype(np.float64), floor(alpha * len(patterns) + 1e-9) + 1 if alpha * len(
            patterns
        ) >= 1 else 0
    bits = np.unpackbits(rng.integers(256, size=(_PATTERNS, -(-count // 8)), dtype=np.uint8), axis=1, count=count)
    return (1 - 2 * bits.astype(np.int64)).astype(np.float64), floor(alpha * (_PATTERNS + 1) + 1e-9)
