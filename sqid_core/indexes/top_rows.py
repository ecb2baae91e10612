"""The highest scores of many, with ties in the order of their places."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..types import Bools, Positions

# One score of so many is looked at before all are.
_SAMPLED = 64
# Equally wide intervals of scores: each of 1.2 million scores shares its own with some twenty others.
_INTERVALS = 1 << 16


def top_rows(scores: npt.NDArray[np.floating], k: int) -> Positions:
    """The k positions (N,) -> (k,) with the highest scores, best first, ties by position. No score may be nan."""
    if k >= len(scores):
        return _best_first(scores)
    sample = scores[::_SAMPLED]
    if k < len(sample):
        # The k-th best of a sample is no better than the k-th best of all.
        rows = np.flatnonzero(scores >= np.partition(sample, -k)[-k])
        return rows[_top_of_few(scores[rows], k)]
    return _top_of_few(scores, k)


def ranks_of(scores: npt.NDArray[np.floating], some: Positions, only: Bools | None = None) -> Positions:
    """(M,) the ranks, from 1, of some positions among all (N,), as `top_rows` orders them, without sorting them all.

    only: (N,) which positions there are, all if None; `some` must be of these. No score may be nan.
    """
    if not len(some):
        return np.empty(0, np.int64)
    if only is not None:
        there = np.flatnonzero(only)
        return ranks_of(scores[there], np.searchsorted(there, some))
    interval = _intervals(scores)
    if interval is None:
        return _ranks_among(scores, some)
    # Only what shares an interval with one of these needs to be compared with it; the rest is counted.
    counts, shared = np.bincount(interval, minlength=_INTERVALS), np.zeros(_INTERVALS, dtype=bool)
    shared[interval[some]] = True
    near = np.flatnonzero(shared[interval])
    counts[shared] = 0
    better = counts.sum() - np.cumsum(counts)
    ranks: Positions = better[interval[some]] + _ranks_among(scores[near], np.searchsorted(near, some))
    return ranks


def _intervals(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.int32] | None:
    """(N,) the interval of each score, never lower for a higher one; None where that does not pay or the scores have no
    finite width. What is absent, -inf, is in the lowest."""
    if len(scores) < _INTERVALS:
        return None
    high = float(scores.max())
    low = float(np.min(scores, where=np.isfinite(scores), initial=high))
    width = high - low
    # A scale without a width, or one beyond what a float holds, is no number.
    scale = (_INTERVALS - 1) / width if width > 0 else math.inf
    if not (math.isfinite(scale) and math.isfinite(width)):
        return None
    return (np.maximum(scores - low, 0) * np.float64(scale)).astype(np.int32)


def _ranks_among(scores: npt.NDArray[np.floating], some: Positions) -> Positions:
    """`ranks_of` by comparing every score."""
    levels, level = np.unique(scores[some], return_inverse=True)
    below = np.searchsorted(levels, scores)
    better = len(scores) - np.cumsum(np.bincount(below, minlength=len(levels)))[: len(levels)]
    # Of equal scores those at lower positions come first.
    equal = np.flatnonzero(levels[np.minimum(below, len(levels) - 1)] == scores)
    by_level = np.argsort(below[equal], kind="stable")
    counts = np.bincount(below[equal], minlength=len(levels))
    place = np.empty(len(equal), np.int64)
    place[by_level] = np.arange(len(equal)) - np.repeat(np.cumsum(counts) - counts, counts)
    ranks: Positions = better[level] + place[np.searchsorted(equal, some)] + 1
    return ranks


def _top_of_few(scores: npt.NDArray[np.floating], k: int) -> Positions:
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
