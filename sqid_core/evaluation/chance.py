"""What a random order scores, and how much of what it leaves a ranking reaches.

A random order of a slate of mostly good products has a high NDCG, so that means over groups of queries with other
labels do not compare: `adjusted` is 0 for a random order and 1 for the best one, whatever the labels.
"""

from __future__ import annotations

import numpy as np

from ..bundle.traffic import counted_by
from ..types import Bools, Floats

# A random order that scores 1 up to rounding: all products of the query are worth the same.
_ALL = 1 - 1e-9


def equal_gains(random: Floats) -> Bools:
    """(Q,) of which queries every order scores 1. random: (Q,) expected NDCG of a random order, nan where undefined."""
    return np.asarray(random >= _ALL)


def adjusted(ndcg: Floats, random: Floats) -> Floats:
    """(Q,) (NDCG - random) / (1 - random) of each query; nan where every order scores the same."""
    left = np.where(equal_gains(random), np.nan, 1 - random)
    return np.asarray((ndcg - random) / left)


def group_adjusted(ndcg: Floats, random: Floats, traffic: Floats | None = None) -> float:
    """The sum of NDCG - random over the sum of 1 - random, over a group of queries (Q,): queries on which an order
    matters more count more. nan where there are none; queries of equal gains are left out."""
    ndcg, uneven = counted_by(ndcg, traffic)
    kept = ~np.isnan(ndcg) & ~np.isnan(random) & ~equal_gains(random)
    reached, left = (ndcg - random)[kept], (1 - random)[kept]
    if uneven is not None:
        reached, left = reached * uneven[kept], left * uneven[kept]
    whole = float(left.sum())
    return float(reached.sum()) / whole if whole > 0 else float("nan")
