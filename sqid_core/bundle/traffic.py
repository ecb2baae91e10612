"""How often each query is asked, where a bundle says it (a column `weight` of its queries).

A mean per unit of traffic counts each query by its weight: it is the mean over all that is asked, where one per query
is the mean over what may be asked. See docs/decisions/0032.
"""

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
    usable = np.isfinite(weights).all() and (weights >= 0).all() and weights.max(initial=0) > 0
    return weights if usable else None


def effective_number(weights: Floats) -> float:
    """Of how many queries a mean with such weights (n,) is worth: n where all are equal (Kish 1965); 0 of none."""
    shares = weights / max(float(weights.max(initial=0)), np.finfo(np.float64).tiny)
    total = float(np.square(shares).sum())
    return float(shares.sum()) ** 2 / total if total else 0.0


def counted_by(values: Floats, weights: Floats | None) -> tuple[Floats, Floats | None]:
    """Values (..., Q) and weights (Q,) as means take them: a query that nobody asks does not count and is nan.

    The weights are None where there are none, or where all that count are equal: such a mean is then the plain one, to
    the last bit.
    """
    if weights is None:
        return values, None
    asked = weights > 0
    found = values if asked.all() else np.where(asked, values, np.nan)
    known = ~np.isnan(np.atleast_2d(found)).all(axis=0)
    return found, None if known.any() and np.ptp(weights[known]) == 0 else weights


def worth(values: Floats, weights: Floats | None) -> float:
    """The effective number of those queries whose values (Q,) are defined; their number without weights."""
    found, uneven = counted_by(values, weights)
    known = ~np.isnan(found)
    return float(known.sum()) if uneven is None else effective_number(uneven[known])
