"""Where products of different gains pass each other as the weight moves, and which of these crossings are one.

Two crossings that are one number on paper may differ in their last bits, within a query and between queries, and what
lies between them is no weight but a rounding error. Where a slate's columns are few-digit numbers (whole scores,
ranks, short decimals, min-max of these) a crossing is computed from whole numbers, so that equal fractions are equal
floats; else crossings closer than `MERGED` are one. See docs/decisions/0017.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..ranking.fusion import Columns
from ..types import Bools, Floats, Positions, Rows

# Crossings closer than this are one: between them there is no weight that anybody could set.
MERGED = 1e-9
# The same where crossings come from whole numbers: narrower intervals cannot be ranked in 53 bits.
MERGED_WHOLE = 1e-11
# Few digits: the whole numbers that a column is made of are not above this.
_LARGEST = 10_000
# More than rounding can move a normalised score, or what is not ranked stands behind (`missing`).
_ROUNDING = 2e-12
# Of a continued fraction: denominators grow by the golden ratio at least.
_TERMS = 21


def distinct(starts: Floats, new: Bools, tolerance: float | Floats) -> Bools:
    """(I,) the last of each run of ascending starts (I,) that are one; where `new`, another query's begin."""
    return np.append((np.diff(starts) > tolerance) | new[1:], True)


def crossings(columns: Columns, gains: Floats, whole: Bools) -> tuple[Rows, Floats]:
    """Where each slate's intervals start: (I,) its position, ascending, and (I,) the weight, ascending within a slate.

    columns, whole: from `in_whole_numbers`, (q, c) without padding. gains: (q, c).
    """
    first, second = np.triu_indices(gains.shape[1], 1)
    pair_a, pair_b = (column[:, first] - column[:, second] for column in (columns.a, columns.b))
    # Signs: the product of two small differences underflows to 0.
    passing = ((pair_a > 0) & (pair_b < 0)) | ((pair_a < 0) & (pair_b > 0))
    passing &= gains[:, first] != gains[:, second]
    w = np.divide(pair_a, pair_a - pair_b, out=np.full(pair_a.shape, np.inf), where=passing)
    w[(w <= MERGED) | (w >= 1 - MERGED)] = np.inf
    w = np.concatenate([np.zeros((len(w), 1)), w], axis=1)
    w.sort(axis=1)
    inside = w < 1
    query, starts = np.nonzero(inside)[0], w[inside]
    kept = distinct(starts, np.append(True, np.diff(query) > 0), np.where(whole, MERGED_WHOLE, MERGED)[query[1:]])
    return query[kept], starts[kept]


def in_whole_numbers(columns: Columns) -> tuple[Columns, Bools]:
    """The columns (Q, C) with each slate's two multiplied by one number, so that they hold whole numbers, where these
    have few digits; as they are elsewhere. (Q,) where. Their crossings are the same."""
    found_a, found_b = (np.where(columns.mask, column, 0.0) for column in (columns.a, columns.b))
    of_a, of_b = denominators(found_a), denominators(found_b)
    whole = (of_a > 0) & (of_b > 0)
    of_a, of_b = of_a[whole, None], of_b[whole, None]
    found_a[whole] = np.rint(found_a[whole] * of_a) * of_b
    found_b[whole] = np.rint(found_b[whole] * of_b) * of_a
    return replace(columns, a=found_a, b=found_b), whole


def denominators(values: Floats) -> Positions:
    """(q,) the least number that makes all values (q, c) of a row whole, to rounding; 0 where none gives whole numbers
    of few digits."""
    found = np.ones(len(values), dtype=np.int64)
    size = np.abs(values).max(axis=1, initial=0.0)
    most = (_LARGEST // np.maximum(size, 1.0)).astype(np.int64)
    for column in values.T:
        left = np.flatnonzero(found)
        if not len(left):
            break
        of_left = found[left]
        found[left] *= _denominator(column[left] * of_left, most[left] // of_left, _ROUNDING * size[left] * of_left)
    return found


def _denominator(values: Floats, most: Positions, rounding: Floats) -> Positions:
    """(q,) the least q <= most for which values · q is whole to rounding · q; 0 where there is none. By continued
    fractions: a fraction that is so near is one of the convergents."""
    before, now = np.zeros(len(values), dtype=np.int64), np.ones(len(values), dtype=np.int64)
    rest, found = values - np.floor(values), np.zeros(len(values), dtype=np.int64)
    for _ in range(_TERMS):
        scaled = values * now
        near = np.abs(scaled - np.rint(scaled)) <= rounding * now
        found = np.where((found == 0) & near & (now <= most), now, found)
        if ((found > 0) | (now > most)).all():
            break
        turned = 1 / np.maximum(rest, 1 / (2 * _LARGEST))
        term = np.floor(turned)
        before, now = now, np.minimum(before + now * term.astype(np.int64), 2 * _LARGEST)
        rest = turned - term
    return found
