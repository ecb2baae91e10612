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

from ..bundle.traffic import counted_by, worth
from ..types import Floats
from .significance import TIE, bootstrap_intervals, outcomes
from .verdicts import LEAST_QUERIES

# From so many degrees of freedom the expansion about the normal law is exact to 1e-9.
_MANY = 200
# Of an integral over a quarter of a circle: exact to 1e-6.
_STEPS = 1 << 14


def mean_intervals(
    values: Floats,
    confidence: float = 0.95,
    resamples: int | None = None,
    within: tuple[float, float] = (-np.inf, np.inf),
    traffic: Floats | None = None,
) -> Floats:
    """(M, 2) the interval of the mean of each row of values (M, Q); nan does not count.

    resamples: of the bootstrap, see `default_resamples`. within: what a mean can be at all. Fewer than two values, or
    effective ones, and values that are all equal, give nan: they do not tell how far others may lie from them.
    """
    intervals = np.full((len(values), 2), np.nan)
    values, traffic = counted_by(values, traffic)
    counts = np.array([worth(row, traffic) for row in values], dtype=np.float64)
    rows = np.flatnonzero(counts > 1 if traffic is None else counts >= 2)
    if not len(rows):
        return intervals
    known, n = values[rows], counts[rows]
    if traffic is None:
        mean, spread = np.nanmean(known, axis=1), np.nanstd(known, axis=1, ddof=1)
        half = np.array([t_quantile(confidence, int(each) - 1) for each in n]) * spread / np.sqrt(n)
    else:
        mean, error = _weighted_error(known, traffic)
        half = np.array([t_quantile(confidence, float(each) - 1) for each in n]) * error
    low, high = bootstrap_intervals(known, confidence, resamples, traffic=traffic).T
    found = np.stack([np.minimum(mean - half, low), np.maximum(mean + half, high)], axis=1)
    found[np.nanmax(known, axis=1) - np.nanmin(known, axis=1) <= TIE] = np.nan
    intervals[rows] = np.clip(found, *within)
    return intervals


def _weighted_error(values: Floats, traffic: Floats) -> tuple[Floats, Floats]:
    """(M,) mean and (M,) standard error of values (M, Q) by weights (Q,), nan left out: that of a ratio, in which a
    query counts by the square of its weight, raised by what its own pull on the mean takes from its residual."""
    known = ~np.isnan(values)
    weights = np.where(known, traffic, 0.0)
    shares = weights / weights.sum(axis=1, keepdims=True)
    mean = (np.nan_to_num(values) * shares).sum(axis=1)
    squares = (np.nan_to_num(values - mean[:, None]) ** 2 * shares**2).sum(axis=1)
    second = np.square(shares).sum(axis=1)
    left = 1 - 2 * (shares**3).sum(axis=1) / second + second
    return mean, np.sqrt(squares / left)


def difference_intervals(
    differences: Floats, confidence: float = 0.95, resamples: int | None = None, traffic: Floats | None = None
) -> Floats:
    """(M, 2) the `mean_intervals` of per-query differences (M, Q) of two runs.

    nan where some queries are equal and fewer than ten differ, or what is worth ten by their traffic: so few say too
    little of how far others may.
    """
    intervals = mean_intervals(differences, confidence, resamples, traffic=traffic)
    intervals[[_few_differ(row, traffic) for row in differences]] = np.nan
    return intervals


def _few_differ(differences: Floats, traffic: Floats | None) -> bool:
    found = outcomes(differences, traffic=traffic)
    differ = worth(np.where(np.abs(differences) > TIE, differences, np.nan), traffic)
    return found.ties > 0 and differ < LEAST_QUERIES


def difference_interval(differences: Floats, traffic: Floats | None = None) -> tuple[float, float]:
    """The `difference_intervals` of one row of differences (Q,)."""
    low, high = difference_intervals(differences[None], traffic=traffic)[0]
    return float(low), float(high)


def expanded_levels(n: float, confidence: float = 0.95) -> tuple[float, float]:
    """The levels at which the percentiles of a bootstrap over n queries, or effective ones, are as far apart as
    Student's t would have them (Hesterberg 2015): at 2.5 % and 97.5 % they are too narrow for few; all that there is
    for fewer than two."""
    if n < 2:
        return 0.0, 1.0
    level = NormalDist().cdf(-t_quantile(confidence, n - 1) * float(np.sqrt(n / (n - 1))))
    return level, 1 - level


@lru_cache(maxsize=1024)
def t_quantile(confidence: float, degrees: float) -> float:
    """The t that so much of Student's law lies within, on both sides (Abramowitz & Stegun 26.7.3, 26.7.4, 26.7.5).
    degrees: at least 1; not whole, by integration."""
    if degrees >= _MANY:
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        terms = (
            z,
            (z**3 + z) / 4,
            (5 * z**5 + 16 * z**3 + 3 * z) / 96,
            (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        )
        return sum(term / degrees**power for power, term in enumerate(terms))
    if degrees != int(degrees):
        return _integrated_quantile(confidence, degrees)
    low, high = 0.0, pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, int(degrees)) < confidence else (low, middle)
    return float(np.tan(low) * np.sqrt(degrees))


def _integrated_quantile(confidence: float, degrees: float) -> float:
    """As tan(angle) * sqrt(degrees): the law's density over the angle is a power of its cosine."""
    angles = np.linspace(0.0, pi / 2, _STEPS + 1)
    middles = np.cos((angles[1:] + angles[:-1]) / 2) ** (degrees - 1)
    reached = np.append(0.0, np.cumsum(middles))
    return float(np.tan(np.interp(confidence, reached / reached[-1], angles)) * np.sqrt(degrees))


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
