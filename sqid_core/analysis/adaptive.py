"""An adaptive weight: a tree of at most four leaves over features without labels, each leaf with its weight."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..evaluation.curves import WeightCurves
from ..types import Floats, Rows
from ..wording import numbered
from .query_features import QueryFeatures
from .query_weights import PRIOR_QUERIES, ChosenWeights, as_one_where_equal, best_weight, counted_grid

DEPTH = 2
# A leaf holds at least this share of the queries, and this many: a weight for a handful of queries is chance.
_LEAST_SHARE, _LEAST = 0.1, 15
_QUANTILES = np.linspace(0.1, 0.9, 9)
# Sums in another order differ by less.
_NOTHING = 1e-9


@dataclass(frozen=True)
class Leaf:
    """queries: how many it was fitted on."""

    weight: float
    queries: int


@dataclass(frozen=True)
class Split:
    """Queries whose feature is at most `threshold` go to `low`, the others (and unknown ones) to `high`."""

    feature: str
    threshold: float
    low: Split | Leaf
    high: Split | Leaf


@dataclass(frozen=True, eq=False)
class _Data:
    features: QueryFeatures = field(repr=False)
    grid: Floats = field(repr=False)
    prior: Floats = field(repr=False)
    least: int


def fitted(features: QueryFeatures, grid: Floats, queries: Rows) -> Split | Leaf:
    """The tree that raises the mean NDCG of some queries (row numbers) most, one split after the other.

    grid: (Q, 101) NDCG of each query at each weight, defined for `queries`, see `counted_grid`. A leaf's weight is
    chosen as a category's is: its queries beside PRIOR_QUERIES that are like all. Where such trees, fitted on either
    half of the queries, do not help the other half by two standard errors, the rule is one weight for all.
    """
    return _tree(features, grid, queries, DEPTH if _helps(features, grid, queries) else 0)


def _helps(features: QueryFeatures, grid: Floats, queries: Rows) -> bool:
    shuffled = np.random.default_rng(0).permutation(queries)
    halves = np.array_split(shuffled, 2)
    if min(map(len, halves)) < 2 * _LEAST:
        return False
    gains = []
    for chosen, scored in (halves, halves[::-1]):
        rules = (tree_weights(_tree(features, grid, chosen, depth), features)[scored] for depth in (DEPTH, 0))
        values = (grid[scored, np.round(w * (grid.shape[1] - 1)).astype(int)] for w in rules)
        gains.append(np.subtract(*values))
    gain = np.concatenate(gains)
    return bool(gain.mean() > 2 * gain.std() / np.sqrt(len(gain)))


def _tree(features: QueryFeatures, grid: Floats, queries: Rows, depth: int) -> Split | Leaf:
    if not len(queries):
        return Leaf(0.5, 0)
    least = max(_LEAST, int(_LEAST_SHARE * len(queries)))
    return _grown(_Data(features, grid, PRIOR_QUERIES * grid[queries].mean(axis=0), least), queries, depth)


def _grown(data: _Data, queries: Rows, depth: int) -> Split | Leaf:
    parent = data.grid[queries].sum(axis=0)
    leaf = Leaf(best_weight(parent + data.prior), len(queries))
    splits = _splits(data, queries) if depth else []
    if not splits:
        return leaf
    below = np.stack([data.features.values[queries, feature] <= threshold for feature, threshold in splits])
    # What both sides reach together, each beside its prior.
    low = below.astype(np.float64) @ data.grid[queries]
    reached = (low + data.prior).max(axis=1) + (parent - low + data.prior).max(axis=1)
    best = int(np.argmax(reached))
    if reached[best] <= (parent + data.prior).max() + data.prior.max() + _NOTHING:
        return leaf
    feature, threshold = splits[best]
    sides = (_grown(data, queries[side], depth - 1) for side in (below[best], ~below[best]))
    return Split(data.features.names[feature], threshold, *sides)


def _splits(data: _Data, queries: Rows) -> list[tuple[int, float]]:
    """(feature, threshold) of every split that leaves enough queries on both sides."""
    found = []
    for feature in range(len(data.features.names)):
        values = data.features.values[queries, feature]
        for threshold in _thresholds(values):
            below = int((values <= threshold).sum())
            if data.least <= below <= len(queries) - data.least:
                found.append((feature, float(threshold)))
    return found


def _thresholds(values: Floats) -> Floats:
    """The deciles; of a feature with few values, what lies between each two."""
    known = values[~np.isnan(values)]
    if not len(known):
        return known
    distinct = np.unique(known)
    if len(distinct) <= len(_QUANTILES) + 1:
        return (distinct[1:] + distinct[:-1]) / 2
    return np.unique(np.quantile(known, _QUANTILES))


def tree_weights(tree: Split | Leaf, features: QueryFeatures) -> Floats:
    """(Q,) the weight of each query."""
    if isinstance(tree, Leaf):
        return np.full(len(features.values), tree.weight)
    below = features.values[:, features.names.index(tree.feature)] <= tree.threshold
    return np.where(below, tree_weights(tree.low, features), tree_weights(tree.high, features))


def adaptive(curves: WeightCurves, grid: Floats, folds: Rows, features: QueryFeatures) -> ChosenWeights:
    """The rule, fitted for each fold on the queries of the others; where it is one weight for all, that very weight."""
    weights, of_all = np.empty(len(curves)), np.empty(len(curves))
    grid = counted_grid(curves, grid)
    for fold in np.unique(folds):
        others = np.flatnonzero((folds != fold) & curves.defined)
        weights[folds == fold] = tree_weights(fitted(features, grid, others), features)[folds == fold]
        of_all[folds == fold] = tree_weights(_tree(features, grid, others, 0), features)[folds == fold]
    return as_one_where_equal("an adaptive weight", curves, folds, weights, of_all)


def described(tree: Split | Leaf, depth: int = 0) -> list[str]:
    """The rule as lines of text, for reading."""
    indent = "    " * depth
    if isinstance(tree, Leaf):
        return [f"{indent}image weight {tree.weight:.2f}   ({numbered(tree.queries, 'queries')})"]
    return [
        f"{indent}{tree.feature} ≤ {tree.threshold:.3g}:",
        *described(tree.low, depth + 1),
        f"{indent}{tree.feature} > {tree.threshold:.3g}:",
        *described(tree.high, depth + 1),
    ]
