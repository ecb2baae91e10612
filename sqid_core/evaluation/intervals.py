"""How sure a mean is: Student's t, as wide at each end as the percentile bootstrap where that reaches further.

Of percentile, BCa, bootstrap-t and Student's t none is best everywhere (docs/decisions/0020). This one holds the truth
as often as it says from five values on, also where most values are equal, and with skew never less often than either of
its two.
"""

from __future__ import annotations

from functools import lru_cache
from math import atan2, pi, sqrt
from statistics import NormalDist

import numpy as np

from ..types import Floats
from .significance import TIE, bootstrap_intervals
from .verdicts import LEAST_QUERIES

# From so many degrees of freedom the expansion about the normal law is exact to 1e-9.
_MANY = 200


def mean_intervals(
    values: Floats,
    confidence: float = 0.95,
    resamples: int | None = None,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Floats:
    """(M, 2) the interval of the mean of each row of values (M, Q); nan does not count.

    resamples: of the bootstrap, see `default_resamples`. within: what a mean can be at all. Fewer than two values, and
    values that are all equal, give nan: they do not tell how far others may lie from them.
    """
    intervals = np.full((len(values), 2), np.nan)
    counts = (~np.isnan(values)).sum(axis=1)
    rows = np.flatnonzero(counts > 1)
    if not len(rows):
        return intervals
    known, n = values[rows], counts[rows]
    mean, spread = np.nanmean(known, axis=1), np.nanstd(known, axis=1, ddof=1)
    half = np.array([t_quantile(confidence, int(each) - 1) for each in n]) * spread / np.sqrt(n)
    low, high = bootstrap_intervals(known, confidence, resamples).T
    found = np.stack([np.minimum(mean - half, low), np.maximum(mean + half, high)], axis=1)
    found[np.nanmax(known, axis=1) - np.nanmin(known, axis=1) <= TIE] = np.nan
    intervals[rows] = np.clip(found, *within)
    return intervals


def difference_intervals(differences: Floats, confidence: float = 0.95, resamples: int | None = None) -> Floats:
    """(M, 2) the `mean_intervals` of per-query differences (M, Q) of two runs.

    nan where some queries are equal and fewer than ten differ: so few say too little of how far others may.
    """
    intervals = mean_intervals(differences, confidence, resamples)
    known = (~np.isnan(differences)).sum(axis=1)
    differ = (np.abs(np.nan_to_num(differences, nan=0.0)) > TIE).sum(axis=1)
    intervals[(differ < known) & (differ < LEAST_QUERIES)] = np.nan
    return intervals


def difference_interval(differences: Floats) -> tuple[float, float]:
    """The `difference_intervals` of one row of differences (Q,)."""
    low, high = difference_intervals(differences[None])[0]
    return float(low), float(high)


def expanded_levels(n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The levels at which the percentiles of a bootstrap over n queries are as far apart as Student's t would have them
    (Hesterberg 2015): at 2.5 % and 97.5 % they are too narrow for few."""
    level = NormalDist().cdf(-t_quantile(confidence, n - 1) * float(np.sqrt(n / (n - 1))))
    return level, 1 - level


@lru_cache(maxsize=1024)
def t_quantile(confidence: float, degrees: int) -> float:
    """The t that so much of Student's law lies within, on both sides (Abramowitz & Stegun 26.7.3, 26.7.4, 26.7.5)."""
    if degrees >= _MANY:
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        terms = (
            z,
            (z**3 + z) / 4,
            (5 * z**5 + 16 * z**3 + 3 * z) / 96,
            (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        )
        return sum(term / degrees**power for power, term in enumerate(terms))
    low, high = 0.0, pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, degrees) < confidence else (low, middle)
    return float(np.tan(low) * np.sqrt(degrees))


def t_within(t: float, degrees: int) -> float:
    """How much of Student's law lies between -t and t."""
    return _within(atan2(t, sqrt(degrees)), degrees)


def _within(angle: float, degrees: int) -> float:
    """How much of Student's law lies within tan(angle) * sqrt(degrees) of 0."""
    k = np.arange(1.0, (degrees - degrees % 2) / 2)
    cosine, sine = np.cos(angle), np.sin(angle)
    if degrees % 2 == 0:
        terms = np.cumprod(np.append(1.0, (2 * k - 1) / (2 * k) * cosine**2))
        return float(sine * terms.sum())
    terms = np.cumprod(np.append(cosine, 2 * k / (2 * k + 1) * cosine**2)) if degrees > 1 else np.zeros(1)
    return float(2 / pi * (angle + sine * terms.sum()))
