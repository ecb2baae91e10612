"""How sure a mean over queries is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Numbers drawn at a time: a block stays small beside the values.
_BLOCK = 4_000_000


def bootstrap_interval(
    values: Floats, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron 1979) of per-query values (Q,); nan does not count.

    Queries are drawn with replacement. The seed is fixed, so that a table does not flicker. Fewer than two values give
    (nan, nan).
    """
    low, high = bootstrap_intervals(values[None], confidence, resamples, seed)[0]
    return float(low), float(high)


def bootstrap_intervals(values: Floats, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0) -> Floats:
    """(M, 2) the `bootstrap_interval` of each row of values (M, Q), from the same resamples.

    A resample is how often each query was drawn, so that the means of all rows are one matrix product: thirty rows cost
    little more than one. Rows that are undefined on other queries are drawn anew.
    """
    intervals = np.full((len(values), 2), np.nan)
    known = ~np.isnan(values)
    patterns, group = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.sum() < 2:
            continue
        rows = np.flatnonzero(group.ravel() == number)
        means = _resampled_means(values[np.ix_(rows, np.flatnonzero(pattern))], resamples, seed)
        tails = (1 - confidence) / 2, (1 + confidence) / 2
        intervals[rows] = np.quantile(means, tails, axis=0).T
    return intervals


def _resampled_means(values: Floats, resamples: int, seed: int) -> Floats:
    """(R, M) means of values (M, n) under each resample."""
    count = values.shape[1]
    centre = values.mean(axis=1)
    # Around the mean, so that a row of equal values has no rounding in its interval.
    centred = (values - centre[:, None]).T
    parts = [drawn @ centred / count for drawn in _draw_counts(count, resamples, seed)]
    return np.concatenate(parts) + centre


def _draw_counts(count: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each of `count` values is drawn, (rows, count), block by block."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // count)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(count, size=(rows, count)) + np.arange(rows)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64)
