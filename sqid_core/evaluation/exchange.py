"""Whether two groups of queries have one mean: their queries exchanged at random."""

from __future__ import annotations

import numpy as np

from ..bundle.traffic import counted_by
from ..types import Floats, Positions
from .significance import default_resamples

# Numbers drawn at a time.
_BLOCK = 4_000_000
# Sums closer than this, relative to the largest that there can be, are one: the same numbers added in another order.
_EQUAL = 1e-12


def exchange_p(
    first: Floats, second: Floats, resamples: int | None = None, seed: int = 0, traffic: Floats | None = None
) -> float:
    """Two-sided p of whether two groups of queries have one mean: were queries put into the groups at random, how often
    would the means differ as much? (b + 1) / (m + 1) of m random exchanges; nan does not count, and two of each group
    are needed. traffic: (Q,) where both are (Q,), each defined on its own queries; a query takes its weight along."""
    (first, _), (second, _) = counted_by(first, traffic), counted_by(second, traffic)
    uneven = None if traffic is None else counted_by(np.fmax(first, second), traffic)[1]
    if uneven is not None:
        return _weighted_exchange_p(first, second, uneven, resamples, seed)
    first, second = first[~np.isnan(first)], second[~np.isnan(second)]
    if min(len(first), len(second)) < 2:
        return float("nan")
    rng, values = np.random.default_rng(seed), np.concatenate([first, second])
    centred = values - values.mean()
    resamples = resamples or default_resamples(len(values))
    least = abs(centred[: len(first)].sum()) - _EQUAL * np.abs(centred).sum()
    # The sum of the smaller group tells the difference of means, as the sum of all is 0.
    few, block, as_far = min(len(first), len(second)), max(1, _BLOCK // len(values)), 0
    for start in range(0, resamples, block):
        shape = (min(block, resamples - start), len(values))
        drawn = rng.permuted(np.broadcast_to(centred, shape), axis=1)[:, :few]
        as_far += int((np.abs(drawn.sum(axis=1)) >= least).sum())
    return (as_far + 1) / (resamples + 1)


def _weighted_exchange_p(
    first: Floats, second: Floats, traffic: Floats, resamples: int | None = None, seed: int = 0
) -> float:
    rows = [np.flatnonzero(~np.isnan(each)) for each in (first, second)]
    if min(map(len, rows)) < 2:
        return float("nan")
    few = len(rows[0])
    values = np.concatenate([first[rows[0]], second[rows[1]]])
    weights = traffic[np.concatenate(rows)]
    centred = (values - np.average(values, weights=weights)) * weights

    def apart(places: Positions) -> Floats:
        """How far the two means are from each other where the first few places are the first group."""
        of, by = centred[places], weights[places]
        one, two = (of[:, part].sum(axis=1) / by[:, part].sum(axis=1) for part in (slice(few), slice(few, None)))
        return np.asarray(np.abs(one - two))

    rng, count = np.random.default_rng(seed), len(values)
    resamples = resamples or default_resamples(count)
    least = float(apart(np.arange(count)[None])[0]) - _EQUAL * float(np.ptp(values))
    block, as_far = max(1, _BLOCK // count), 0
    for start in range(0, resamples, block):
        places = np.broadcast_to(np.arange(count), (min(block, resamples - start), count))
        as_far += int((apart(rng.permuted(places, axis=1)) >= least).sum())
    return (as_far + 1) / (resamples + 1)
