"""Samples that are the same on every run."""

from __future__ import annotations

import numpy as np

from .types import Positions


def even_sample(count: int, most: int) -> Positions:
    """(n,) of the numbers 0 .. count - 1 at most so many, spread evenly from the first to the last, ascending."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(np.int64))
