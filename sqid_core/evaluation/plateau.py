"""How far the weight may move before it matters."""

from __future__ import annotations

import numpy as np

from .curves import WeightCurve

# Of NDCG. A difference that no reader of a list would see, and less than the interval of any mean here.
NEAR = 0.002


def plateau(curve: WeightCurve, near: float = NEAR) -> tuple[float, float]:
    """The weights around the best ones, in one piece, at which a curve is within `near` of its best value.

    (0, 1) for a curve of no query.
    """
    if not curve.n:
        return 0.0, 1.0
    best = curve.best
    low_enough = np.flatnonzero(curve.values < best.value - near)
    before = low_enough[curve.starts[low_enough] < best.low]
    behind = low_enough[curve.starts[low_enough] >= best.high]
    low = float(curve.starts[before[-1] + 1]) if len(before) else 0.0
    return low, float(curve.starts[behind[0]]) if len(behind) else 1.0
