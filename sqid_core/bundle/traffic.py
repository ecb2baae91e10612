"""How often each query is asked, where a bundle says it (a column `weight` of its queries)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..types import Floats

WEIGHT = "weight"


def traffic(queries: pd.DataFrame) -> Floats | None:
    """(Q,) the weight of each query, at least 0; None where the bundle does not say, or not of every query."""
    if WEIGHT not in queries:
        return None
    weights = pd.to_numeric(queries[WEIGHT], errors="coerce").to_numpy(dtype=np.float64)
    usable = np.isfinite(weights).all() and (weights >= 0).all() and weights.sum() > 0
    return weights if usable else None


def effective_number(weights: Floats) -> float:
    """Of how many queries a mean with such weights (n,) is worth: n where all are equal (Kish 1965)."""
    return float(weights.sum() ** 2 / np.square(weights).sum())
