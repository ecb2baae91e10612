"""The highest scores of many, with ties in the order of their places."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..types import Positions


def top_rows(scores: npt.NDArray[np.floating], k: int) -> Positions:
    """The k positions (N,) -> (k,) with the highest scores, best first, ties by position. No score may be nan."""
    if k >= len(scores):
        return _best_first(scores)
    threshold = np.partition(scores, -k)[-k]
    above = np.flatnonzero(scores > threshold)
    best_first = above[np.argsort(-scores[above], kind="stable")]
    # A constant signal ties a whole catalogue.
    return np.concatenate([best_first, np.flatnonzero(scores == threshold)[: k - len(above)]])


def _best_first(scores: npt.NDArray[np.floating]) -> Positions:
    """All positions, ties by position: numpy's fast sort, which is not stable, and then the ties put in order."""
    descending = -scores
    rows = np.argsort(descending)
    ranked = descending[rows]
    same = ranked[1:] == ranked[:-1]
    if same.any():
        tied = np.zeros(len(rows), dtype=bool)
        tied[1:] = same
        tied[:-1] |= same
        some = rows[tied]
        rows[tied] = some[np.lexsort((some, ranked[tied]))]
    return rows
