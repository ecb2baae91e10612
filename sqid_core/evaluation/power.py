"""Which differences the paired randomisation test finds, by simulation of that test on queries like these.

The queries that differ are shifted by a common amount and their residuals drawn again; queries that are equal stay
equal. A mean difference is then the shift times the share of queries that differ.
"""

from __future__ import annotations

from math import floor, sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from ..types import Bools, Floats
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


def detectable_difference(differences: Floats, family: int = 1, power: float = 0.8) -> float:
    """The smallest true mean difference that the test, after Holm over `family`, finds with this power.

    differences: (Q,) per query, nan does not count. Holm's first step is the strictest, so alpha is .05 / family. inf
    where no difference can be found, as too few queries differ; nan for fewer than two that differ.
    """
    known = differences[~np.isnan(differences)]
    differ = np.abs(known) > TIE
    if differ.sum() < 2:
        return float("nan")
    alpha, share = SURE / max(family, 1), differ.mean()
    if differ.sum() > _SIMULATED:
        return float(share * _normal_shift(known[differ], alpha, power))
    critical = np.sort(_critical_shifts(known, differ, alpha))
    return float(share * max(critical[min(int(np.ceil(power * _SETS)), _SETS) - 1], 0.0))


def power_at(differences: Floats, true: Floats, family: int = 1) -> Floats:
    """(T,) how often the test, after Holm over `family`, finds each true mean difference (T,), none below 0.

    nan for fewer than two queries that differ.
    """
    known = differences[~np.isnan(differences)]
    differ = np.abs(known) > TIE
    if differ.sum() < 2:
        return np.full(len(true), np.nan)
    alpha, shifts = SURE / max(family, 1), true / differ.mean()
    if differ.sum() > _SIMULATED:
        return _normal_power(known[differ], alpha, shifts)
    return np.asarray((_critical_shifts(known, differ, alpha)[:, None] <= shifts).mean(axis=0))


def power_table(differences: Floats, family: int) -> pd.DataFrame:
    """difference (from 0 to beyond what is found for sure), alone and corrected: the power of one test, and of one
    among a family that Holm corrects."""
    found = [detectable_difference(differences, each) for each in (family, 1)]
    largest = float(np.abs(np.nan_to_num(differences, nan=0.0)).max(initial=0.0))
    widest = next((each for each in found if np.isfinite(each) and each > 0), largest)
    true = np.linspace(0.0, 1.6 * widest, _POINTS)
    powers = power_at(differences, true), power_at(differences, true, family)
    return pd.DataFrame({"difference": true, "alone": powers[0], "corrected": powers[1]})


def _normal_power(differing: Floats, alpha: float, shifts: Floats) -> Floats:
    spread, bound = differing.std(ddof=1), _NORMAL.inv_cdf(1 - alpha / 2)
    # Under random signs the sum has the variance of the squares, which the shift raises too.
    reached = (sqrt(len(differing)) * shifts - bound * np.sqrt(spread**2 + shifts**2)) / spread
    return np.array([_NORMAL.cdf(each) for each in reached])


def _normal_shift(differing: Floats, alpha: float, power: float) -> float:
    spread = float(differing.std(ddof=1))
    low, high = 0.0, 1.0
    while _normal_power(differing, alpha, np.array([high]))[0] < power and high < 1e6:
        high *= 2
    if spread <= TIE or high >= 1e6:
        return 0.0 if spread <= TIE else float("inf")
    for _ in range(50):
        middle = (low + high) / 2
        found = _normal_power(differing, alpha, np.array([middle]))[0] >= power
        low, high = (low, middle) if found else (middle, high)
    return high


def _critical_shifts(known: Floats, differ: Bools, alpha: float) -> Floats:
    """(S,) the shift from which on the test finds a difference, in each of S drawn sets of queries; inf: never."""
    rng = np.random.default_rng(0)
    count, differing = len(known), int(differ.sum())
    centred = np.where(differ, known - known[differ].mean(), 0.0) * sqrt(differing / (differing - 1))
    drawn = rng.integers(count, size=(_SETS, count))
    residuals, shifted = centred[drawn].T, differ[drawn].T.astype(np.float64)
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
