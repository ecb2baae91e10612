"""Orders and ranks of scores: ties by place, or shared."""

from __future__ import annotations

import math

import numpy as np

from ..types import Array, Floats, Positions, Rows


def order(scores: Floats) -> Positions:
    """(..., C) positions from best to worst; equal scores in position order (rows ascend in a slate: label-blind)."""
    return _places(scores) - starts(scores.shape)


def ordered(values: Array, scores: Floats) -> Array:
    """(..., C) values in the `order` of the scores (..., C)."""
    return values.reshape(-1).take(_places(scores))


def taken(values: Array, positions: Rows) -> Array:
    """(..., k) the values (..., C) at positions (..., k) of their own slates: np.take_along_axis in half the time."""
    return values.reshape(-1).take(positions + starts(values.shape))


def starts(shape: tuple[int, ...]) -> Positions:
    """(..., 1) where each slate begins in an array (..., C) that is laid out flat."""
    return (np.arange(math.prod(shape[:-1])) * shape[-1]).reshape(*shape[:-1], 1)


def _places(scores: Floats) -> Positions:
    """(..., C) places in the flat array, each slate's in its `order`.

    A score and its place become one whole number, the place in the last bits: numbers are sorted in a third of the time
    of places by numbers. Where scores differ in those bits alone the slate is sorted again, by the scores themselves.
    """
    descending = np.subtract(0.0, scores, dtype=np.float64, order="C")  # and not -scores: -0 would stand before 0
    bits, last = descending.view(np.int64), (1 << scores.size.bit_length()) - 1
    # As whole numbers, negative ones ascend backwards: all their bits but the sign are turned.
    keys = bits >> 63
    keys &= np.iinfo(np.int64).max
    keys ^= bits
    keys &= ~last
    keys |= np.arange(scores.size).reshape(scores.shape)
    keys.sort(axis=-1)
    keys &= last
    found = descending.reshape(-1).take(keys).reshape(-1)
    in_order = np.ones(scores.shape, dtype=bool)
    in_order.reshape(-1)[1:] = found[1:] >= found[:-1]
    in_order[..., :1] = True
    if not in_order.all():
        late = ~in_order.all(axis=-1)
        keys[late] = np.argsort(descending[late], axis=-1, kind="stable") + starts(scores.shape)[late]
    return keys


def ranks(scores: Floats) -> Floats:
    """(..., C) rank of each score, 1 the best. Equal scores share the best of their ranks, so that a constant signal
    ranks nothing; absent products (nan) share the rank behind the last; nan is never returned."""
    filled = np.where(np.isnan(scores), -np.inf, scores)
    # Any order of equal scores will do, since they share a rank: `order` would sort a slate with ties once more.
    positions = np.argsort(-filled, axis=-1)
    ranked = taken(filled, positions)
    place = np.broadcast_to(np.arange(1.0, scores.shape[-1] + 1), scores.shape)
    first_of_ties = np.ones(scores.shape, dtype=bool)
    first_of_ties[..., 1:] = ranked[..., 1:] != ranked[..., :-1]
    shared = np.maximum.accumulate(np.where(first_of_ties, place, 0.0), axis=-1)
    result = np.empty(scores.shape)
    np.put_along_axis(result, positions, shared, axis=-1)
    return result
