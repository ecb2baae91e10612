"""How sure a mean over queries is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def bootstrap_interval(
    values: npt.NDArray[np.float64], confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean (Efron 1979) of per-query values (Q,); nan does not count.

    Queries are drawn with replacement. The seed is fixed, so that a table does not flicker. Fewer than two values give
    (nan, nan).
    """
    known = values[~np.isnan(values)]
    if len(known) < 2:
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    block = max(1, 4_000_000 // len(known))
    means = np.concatenate(
        [
            known[rng.integers(len(known), size=(min(block, resamples - start), len(known)))].mean(axis=1)
            for start in range(0, resamples, block)
        ]
    )
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
