"""Boosted trees as arrays: nothing of a file is run, and scoring needs no library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import BundleError
from ..types import Array, Floats, Positions
from .protocol import Examples
from .stored import checked

# Pairs that go through a tree at a time: they stay in the cache.
_BLOCK = 1 << 14
# What LightGBM writes of a split: whether unknown values go left, and whether nan is unknown (else it is a 0).
_DEFAULT_LEFT, _MISSING, _NAN = 2, 3 << 2, 2 << 2


@dataclass(frozen=True, eq=False)
class TreesModel:
    """Sums of one leaf a tree, T trees of S splits in all.

    splits: (T,) of each tree; it has one leaf more. feature, threshold, left, right: (S,) values up to the threshold go
    left; a child is a split of the same tree, or -1 - a leaf. unknown_left, nan_is_unknown: (S,) where nan goes; where
    the training had none, it is a 0. leaves: (S + T,). gains: (F,) what the splits of each feature took off the loss.
    """

    splits: Positions = field(repr=False)
    feature: Positions = field(repr=False)
    threshold: Floats = field(repr=False)
    left: Positions = field(repr=False)
    right: Positions = field(repr=False)
    unknown_left: Array = field(repr=False)
    nan_is_unknown: Array = field(repr=False)
    leaves: Floats = field(repr=False)
    gains: Floats = field(repr=False)

    def scores(self, examples: Examples) -> Floats:
        """(P,) equal to LightGBM's raw scores."""
        values = examples.features.values
        found = np.zeros(len(values))
        for start in range(0, len(values), _BLOCK):
            block = slice(start, start + _BLOCK)
            self._add(found[block], values[block])
        return found

    def _add(self, into: Floats, values: Floats) -> None:
        """Adds the leaves of all trees, tree after tree."""
        for nodes, leaves in self._trees():
            place = np.full(len(values), 0 if nodes.stop > nodes.start else -1)
            inside = np.flatnonzero(place >= 0)
            while len(inside):
                node = nodes.start + place[inside]
                value = values[inside, self.feature[node]]
                unknown = np.isnan(value)
                left = np.where(self.nan_is_unknown[node], value, np.where(unknown, 0.0, value)) <= self.threshold[node]
                left = np.where(unknown & self.nan_is_unknown[node], self.unknown_left[node], left)
                place[inside] = np.where(left, self.left[node], self.right[node])
                inside = inside[place[inside] >= 0]
            into += self.leaves[leaves.start - 1 - place]

    def _trees(self) -> Iterator[tuple[slice, slice]]:
        """Where each tree's splits and leaves stand."""
        ends = np.cumsum(self.splits)
        for tree, (count, end) in enumerate(zip(self.splits.tolist(), ends.tolist(), strict=True)):
            yield slice(end - count, end), slice(end - count + tree, end + tree + 1)

    def arrays(self) -> dict[str, Array]:
        """For a file."""
        return {name: getattr(self, name) for name in (*_SPLIT_TYPES, "splits", "leaves", "gains")}

    def gain(self) -> Floats | None:
        """(F,) what the splits of each feature took off the loss."""
        return self.gains


_SPLIT_TYPES = {
    "feature": np.int64,
    "threshold": np.float64,
    "left": np.int64,
    "right": np.int64,
    "unknown_left": np.bool_,
    "nan_is_unknown": np.bool_,
}


def load(arrays: Mapping[str, Array], features: int) -> TreesModel:
    """Of a file's arrays. Raises BundleError where a split leads out of its tree, or backwards."""
    splits = checked(arrays, "splits", (None,), np.int64)
    if (splits < 0).any() or splits.sum() > 10_000_000:
        raise BundleError("a learned model has trees of no possible size; run python -m precompute learn again")
    total = int(splits.sum())
    found = {name: checked(arrays, name, (total,), kind) for name, kind in _SPLIT_TYPES.items()}
    leaves = checked(arrays, "leaves", (total + len(splits),), np.float64)
    own = np.arange(total) - np.repeat(np.cumsum(splits) - splits, splits)
    size = np.repeat(splits, splits)
    sides = (found["left"], found["right"])
    # A child stands behind its parent: every walk ends.
    inside = all(((side > own) & (side < size) | (side < 0) & (-1 - side <= size)).all() for side in sides)
    if not inside or ((found["feature"] < 0) | (found["feature"] >= features)).any():
        raise BundleError("a learned model has a split that leads nowhere; run python -m precompute learn again")
    gains = checked(arrays, "gains", (features,), np.float64)
    return TreesModel(splits, leaves=leaves, gains=gains, **found)


def from_lightgbm(text: str, gains: Floats) -> TreesModel:
    """Of LightGBM's own text. gains: (F,) of its features."""
    blocks = text.split("\nTree=")[1:]
    fields = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]
    splits = np.array([int(tree["num_leaves"]) - 1 for tree in fields], dtype=np.int64)

    def joined(name: str, kind: type) -> Array:
        values = [value for tree in fields for value in tree.get(name, "").split()]
        return np.array(values, dtype=np.float64).astype(kind)

    kinds = joined("decision_type", np.int64)
    return TreesModel(
        splits,
        joined("split_feature", np.int64),
        joined("threshold", np.float64),
        joined("left_child", np.int64),
        joined("right_child", np.int64),
        (kinds & _DEFAULT_LEFT) > 0,
        (kinds & _MISSING) == _NAN,
        joined("leaf_value", np.float64),
        gains,
    )
