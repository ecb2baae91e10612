"""How sure a mean over queries is, and whether two means differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..bundle.traffic import counted_by, worth
from ..types import Floats

# Resamples of many queries are fewer, so that a page can afford them: 10,000 up to 2,000 queries, 2,233 for SQID's. The
# error of an interval's end is then 6 % of a standard error instead of 3 %.
MOST_RESAMPLES, LEAST_RESAMPLES = 10_000, 2_000
_DRAWN_IN_ALL = 20_000_000
# Up to so many differences that are not 0, every sign pattern is tried: 2 ** 14 of them.
EXACT_UP_TO = 14
# Numbers drawn at a time: a block stays small beside the values. Of them so many are worked on at a time: they stay in
# the cache.
_BLOCK = 4_000_000
_CACHED = 1 << 18
# Counters of draws at a time.
_COUNTERS = 1 << 15
# Draws up to this size are kept for the next question about as many queries: a byte each.
_KEPT = 25_000_000
# Differences this small are none: the same gains added in another order.
TIE = 1e-9
# Sums closer than this, relative to the largest that there can be, are one: the same numbers added in another order.
_EQUAL = 1e-12


def bootstrap_interval(
    values: Floats, confidence: float = 0.95, resamples: int | None = None, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron 1979) of per-query values (Q,); nan does not count.

    Queries are drawn with replacement, 2,000 to 10,000 times by their number (`default_resamples`) unless `resamples`
    says how often. The seed is fixed, so that a table does not flicker. Fewer than two values give (nan, nan).
    """
    low, high = bootstrap_intervals(values[None], confidence, resamples, seed)[0]
    return float(low), float(high)


def bootstrap_intervals(
    values: Floats,
    confidence: float = 0.95,
    resamples: int | None = None,
    seed: int = 0,
    traffic: Floats | None = None,
) -> Floats:
    """(M, 2) the `bootstrap_interval` of each row of values (M, Q), from the same resamples.

    A resample is how often each query was drawn, so that the means of all rows are one matrix product: thirty rows cost
    little more than one. Rows that are undefined on other queries are drawn anew. traffic: (Q,) see `resampled_means`.
    """
    values, traffic = counted_by(values, traffic)
    intervals = np.full((len(values), 2), np.nan)
    known = ~np.isnan(values)
    if len(known) and (known == known[0]).all():  # most often; looking for other patterns takes as long as the rest
        patterns, group = known[:1], np.zeros(len(known), np.int64)
    else:
        patterns, group = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.sum() < 2:
            continue
        rows = np.flatnonzero(group.ravel() == number)
        weights = None if traffic is None else traffic[pattern]
        means = resampled_means(values[np.ix_(rows, np.flatnonzero(pattern))], resamples, seed, weights)
        tails = (1 - confidence) / 2, (1 + confidence) / 2
        intervals[rows] = np.quantile(means, tails, axis=0).T
    return intervals


def default_resamples(queries: int) -> int:
    """How many resamples or random sign patterns are made for so many queries."""
    return int(np.clip(_DRAWN_IN_ALL // max(queries, 1), LEAST_RESAMPLES, MOST_RESAMPLES))


def resampled_means(
    values: Floats, resamples: int | None = None, seed: int = 0, traffic: Floats | None = None
) -> Floats:
    """(R, M) means of values (M, n), all defined, under each resample of the n queries. traffic: (n,) above 0; each
    query brings its weight along, and each mean is one by the weights that were drawn."""
    count = values.shape[1]
    resamples = resamples or default_resamples(count)
    if traffic is not None:
        return _resampled_ratios(values, traffic, resamples, seed)
    centre = values.mean(axis=1)
    # Around the mean, so that a row of equal values has no rounding in its interval.
    centred = (values - centre[:, None]).T
    return np.concatenate([drawn @ centred / count for drawn in _draw_counts(count, resamples, seed)]) + centre


def _resampled_ratios(values: Floats, traffic: Floats, resamples: int, seed: int) -> Floats:
    centre = np.average(values, axis=1, weights=traffic)
    centred = ((values - centre[:, None]) * traffic).T
    blocks = _draw_counts(values.shape[1], resamples, seed)
    return np.concatenate([drawn @ centred / (drawn @ traffic)[:, None] for drawn in blocks]) + centre


def _draw_counts(count: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each of `count` values is drawn, (rows, count), block by block."""
    if count * resamples <= _KEPT:
        blocks = iter([_kept_draws(count, resamples, seed)])
    else:
        blocks = _drawn(count, resamples, seed, max(1, _BLOCK // max(count, 1)))
    for block in blocks:
        yield from (block[few].astype(np.float64) for few in _in_cache(len(block), count))


def _in_cache(rows: int, count: int) -> Iterator[slice]:
    """The rows of (rows, count) numbers, few at a time."""
    few = max(1, _CACHED // max(count, 1))
    return (slice(start, start + few) for start in range(0, rows, few))


@lru_cache(maxsize=1)
def _kept_draws(count: int, resamples: int, seed: int) -> npt.NDArray[np.uint8]:
    drawn = np.concatenate(list(_drawn(count, resamples, seed, max(1, _BLOCK // max(count, 1)))))
    drawn.flags.writeable = False
    return drawn


def _drawn(count: int, resamples: int, seed: int, block: int) -> Iterator[npt.NDArray[np.uint8]]:
    """The same as small numbers: more than 255 times is impossible for up to 255 values and unheard of for more."""
    rng = np.random.default_rng(seed)
    # Few rows at a time: their counters stay in the cache, where a block's would not.
    few = max(1, _COUNTERS // max(count, 1))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(count, size=(rows, count)) + np.arange(rows)[:, None] % few * count
        counts = [
            np.bincount(part.ravel(), minlength=len(part) * count) for part in np.split(drawn, range(few, rows, few))
        ]
        yield np.concatenate(counts).reshape(rows, count).astype(np.uint8)


# --- two runs on the same queries ---


@dataclass(frozen=True)
class Outcomes:
    """On how many queries the second run is better, equal, worse. n: queries where both are defined. effective: how
    many they are worth by their traffic, n if None."""

    wins: int
    ties: int
    losses: int
    effective: float | None = None

    @property
    def n(self) -> int:
        """Queries compared."""
        return self.wins + self.ties + self.losses

    @property
    def worth(self) -> float:
        """Of how many queries of equal traffic these tell as much."""
        return float(self.n) if self.effective is None else self.effective


def outcomes(differences: Floats, tie: float = TIE, traffic: Floats | None = None) -> Outcomes:
    """Wins, ties, losses of per-query differences (Q,); nan does not count, nor a query without traffic. tie: how small
    a difference is none."""
    found, uneven = counted_by(differences, traffic)
    known = found[~np.isnan(found)]
    wins, losses = int((known > tie).sum()), int((known < -tie).sum())
    effective = None if uneven is None else worth(found, uneven)
    return Outcomes(wins, len(known) - wins - losses, losses, effective)


def randomisation_p(
    differences: Floats, resamples: int | None = None, seed: int = 0, traffic: Floats | None = None
) -> float:
    """Two-sided p of the paired randomisation test (Fisher; Smucker and others 2007): were the two runs' names
    exchanged at random on each query, how often would the mean differ as much?

    differences: (Q,) per query, nan does not count. Exact, over all sign patterns, up to 14 differences that are not 0
    (a 0 is the same under either sign); else (b + 1) / (m + 1) of m random patterns (`default_resamples`), with a
    fixed seed. Without a defined difference nan. traffic: (Q,) a query's names are exchanged with all of its weight.
    """
    return float(randomisation_ps(differences[None], resamples, seed, traffic)[0])


def randomisation_ps(
    differences: Floats, resamples: int | None = None, seed: int = 0, traffic: Floats | None = None
) -> Floats:
    """(M,) the `randomisation_p` of each row of differences (M, Q), with the same random signs."""
    differences, traffic = counted_by(differences, traffic)
    # Rounding is no difference: it would be drawn where the few that differ can be tried, and have a p of its own.
    filled = np.where(np.abs(differences) > TIE, differences, 0.0)
    if traffic is not None:
        filled = filled * traffic
    ps = np.full(len(filled), np.nan)
    changed = (filled != 0).sum(axis=1)
    many = changed > EXACT_UP_TO
    for row in np.flatnonzero(~many & ~np.isnan(differences).all(axis=1)):
        ps[row] = _exact_p(filled[row][filled[row] != 0])
    if many.any():
        ps[many] = _monte_carlo_ps(filled[many], resamples or default_resamples(filled.shape[1]), seed)
    return ps


def _exact_p(differences: Floats) -> float:
    patterns = np.arange(1 << len(differences))[:, None] >> np.arange(len(differences)) & 1
    sums = (1.0 - 2.0 * patterns) @ differences
    return float((np.abs(sums) >= _as_far(differences[:, None])).mean())


def _monte_carlo_ps(differences: Floats, resamples: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    count, total, least = differences.shape[1], differences.sum(axis=1), _as_far(differences.T)
    # A sum under random signs is that of all, less twice what changes its sign.
    twice = 2 * differences.T
    block = max(1, _BLOCK // count)
    as_far = np.zeros(len(differences))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        packed = rng.integers(256, size=(rows, -(-count // 8)), dtype=np.uint8)
        for few in _in_cache(rows, count):
            changed = np.unpackbits(packed[few], axis=1, count=count).astype(np.float64)
            as_far += (np.abs(total - changed @ twice) >= least).sum(axis=0)
    return (as_far + 1) / (resamples + 1)


def _as_far(differences: Floats) -> Floats:
    """(M,) how far from 0 a sum under random signs must be to be as far as the one of differences (Q, M)."""
    return np.asarray(np.abs(differences.sum(axis=0)) - _EQUAL * np.abs(differences).sum(axis=0))


def effect_size(differences: Floats, traffic: Floats | None = None) -> float:
    """The mean difference over its standard deviation between queries (Cohen's d of paired differences): how large it
    is, whatever the number of queries. nan for fewer than two, or where all are equal."""
    found, uneven = counted_by(differences, traffic)
    if uneven is not None:
        means, deviations = weighted_moments(found[None], uneven)
        return float(means[0]) / float(deviations[0]) if deviations[0] > TIE else float("nan")
    known = found[~np.isnan(found)]
    spread = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    return float(known.mean()) / spread if spread > TIE else float("nan")


def weighted_moments(values: Floats, traffic: Floats) -> tuple[Floats, Floats]:
    """(M,) mean and (M,) standard deviation between queries of values (M, Q), nan left out, by weights (Q,). Weights
    say how often a query is asked, not how often it was measured: the deviation's divisor is that of so many effective
    queries less one; nan for not more than one."""
    known = ~np.isnan(values)
    weights = np.where(known, traffic, 0.0)
    total = weights.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.nan_to_num(values) * weights).sum(axis=1) / total
        squares = (np.nan_to_num(values - mean[:, None]) ** 2 * weights).sum(axis=1)
        left = total - np.square(weights).sum(axis=1) / total
        return mean, np.sqrt(np.where(left > 0, squares / left, np.nan))


def holm(ps: Floats) -> Floats:
    """(M,) p values corrected for being M together (Holm 1979); nan stays and does not count."""
    corrected = np.full(len(ps), np.nan)
    known = np.flatnonzero(~np.isnan(ps))
    ascending = known[np.argsort(ps[known], kind="stable")]
    factors = np.arange(len(ascending), 0, -1)
    corrected[ascending] = np.minimum(np.maximum.accumulate(ps[ascending] * factors), 1.0)
    return corrected
