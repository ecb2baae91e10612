"""How the tree of an adaptive weight splits, by hand: queries are best at weight 0 or at 1."""

from __future__ import annotations

import numpy as np
import pytest

from sqid_core.analysis.adaptive import Leaf, Split, adaptive, described, fitted, tree_weights
from sqid_core.analysis.query_features import QueryFeatures
from sqid_core.analysis.query_weights import one_for_all, sampled
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.types import Floats

AT_0, AT_1 = np.linspace(1, 0, 101), np.linspace(0, 1, 101)


def of(values: Floats | list[float], high: Floats) -> tuple[QueryFeatures, Floats]:
    """One feature, and the grid of queries of which the `high` are best at 1."""
    return QueryFeatures(("x",), np.asarray(values, float)[:, None]), np.where(high[:, None], AT_1, AT_0)


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every split is taken to help on other queries."""
    monkeypatch.setattr("sqid_core.analysis.adaptive._helps", lambda *_: True)


@pytest.mark.usefixtures("sure")
def test_few_values_are_split_between_two_and_many_at_their_deciles() -> None:
    for count, threshold in ((10, 3.5), (11, 3.0)):
        values = np.repeat(np.arange(float(count)), 20)
        tree = fitted(*of(values, values > 3), np.arange(len(values)))
        assert isinstance(tree, Split)
        assert (tree.feature, tree.threshold) == ("x", threshold)
        assert tree.low == Leaf(0.0, 80)
        assert tree.high == Leaf(1.0, len(values) - 80)
    # Of a thousand the third decile, though the best place lies elsewhere.
    values = np.arange(1000.0)
    tree = fitted(*of(values, values > 330), np.arange(1000))
    assert isinstance(tree, Split)
    assert tree.threshold == pytest.approx(np.quantile(values, 0.3))
    assert described(Split("x", 0.5, Leaf(0.25, 1200), Leaf(1.0, 3))) == [
        "x ≤ 0.5:",
        "    image weight 0.25   (1,200 queries)",
        "x > 0.5:",
        "    image weight 1.00   (3 queries)",
    ]


@pytest.mark.usefixtures("sure")
@pytest.mark.parametrize(("queries", "least"), [(60, 15), (200, 20)])
@pytest.mark.parametrize("side", ["low", "high"])
def test_a_leaf_holds_a_tenth_and_fifteen_at_least(queries: int, least: int, side: str) -> None:
    for few, splits in ((least, True), (least - 1, False)):
        alone = np.arange(queries) < few
        values = np.where(alone == (side == "low"), 0.0, 1.0)
        assert isinstance(fitted(*of(values, alone), np.arange(queries)), Split) == splits


@pytest.mark.usefixtures("sure")
def test_a_leafs_queries_count_beside_twenty_that_are_like_all() -> None:
    """Of a hundred, sixty are best at 1. The others gain .4 each at 0, and the twenty beside them .2 each at 1."""
    high = np.arange(100) < 60
    features, grid = of(high, high)
    grid[~high] = 0.5 + 0.4 * (AT_0 - 0.5)
    for gain, weight in ((0.2, 1.0), (0.4, 0.0)):
        grid[~high] = gain * AT_0
        tree = fitted(features, grid, np.arange(100))
        # 40 of them against 20 of the mean: -40 gain + 20 (.6 - .4 gain) by weight.
        best = 1.0 if -40 * gain + 20 * (0.6 - 0.4 * gain) > 0 else 0.0
        assert best == weight
        assert tree_weights(tree, features)[99] == weight


@pytest.mark.usefixtures("sure")
def test_at_most_two_splits_one_behind_the_other_and_unknown_goes_high() -> None:
    """Eight groups by three flags: the weight is that of the group's number, of which only two flags are read."""
    flags = np.array([[i >> place & 1 for place in range(3)] for i in range(8)], float).repeat(40, axis=0)
    number = flags @ [4.0, 2.0, 1.0]
    grid = 1 - np.abs(np.linspace(0, 1, 101) - number[:, None] / 7)
    features = QueryFeatures(("a", "b", "c"), flags)
    tree = fitted(features, grid, np.arange(320))
    assert isinstance(tree, Split)
    assert isinstance(tree.low, Split)
    assert isinstance(tree.high, Split)
    assert [tree.feature, tree.low.feature, tree.high.feature] == ["a", "b", "b"]
    leaves = [leaf for side in (tree.low, tree.high) for leaf in (side.low, side.high)]
    assert all(isinstance(leaf, Leaf) and leaf.queries == 80 for leaf in leaves)
    unknown = QueryFeatures(("a", "b", "c"), np.array([[np.nan, 1, 0], [0, np.nan, 0], [1, 1, 1]]))
    weights = [leaf.weight for leaf in leaves if isinstance(leaf, Leaf)]
    assert tree_weights(tree, unknown).tolist() == [weights[3], weights[1], weights[3]]


@pytest.mark.usefixtures("sure")
def test_what_is_known_of_no_query_splits_nothing() -> None:
    high = np.arange(100) < 50
    assert isinstance(fitted(*of(np.full(100, np.nan), high), np.arange(100)), Leaf)
    assert isinstance(fitted(*of(np.ones(100), high), np.arange(100)), Leaf)
    # All are alike: two leaves reach what one does.
    assert isinstance(fitted(*of(high, np.zeros(100, bool)), np.arange(100)), Leaf)


def halves(queries: int) -> Floats:
    """A flag that is as often set in either half of the shuffled queries."""
    flag = np.empty(queries)
    flag[np.random.default_rng(0).permutation(np.arange(queries))] = np.arange(queries) % 2
    return flag


def test_a_rule_must_help_either_half_and_sixty_queries_are_enough() -> None:
    for queries, splits in ((60, True), (58, False)):
        flag = halves(queries)
        assert isinstance(fitted(*of(flag, flag > 0), np.arange(queries)), Split) == splits


def test_it_must_help_by_two_standard_errors() -> None:
    """Chance in either half, where the flag means nothing in most grids."""
    flag, rng = halves(200), np.random.default_rng(0)
    taken = [isinstance(fitted(*of(flag, rng.random(200) < 0.5), np.arange(200)), Split) for _ in range(12)]
    assert sum(taken) <= 1
    strong = np.where(rng.random(200) < 0.85, flag > 0, flag == 0)
    assert isinstance(fitted(*of(flag, strong), np.arange(200)), Split)


def test_each_fold_is_scored_by_the_rule_of_the_others() -> None:
    flag = halves(400)
    values = np.where(flag[:, None] > 0, [0.2, 0.9], [0.9, 0.2]).ravel()
    curves = WeightCurves(np.tile([0.0, 0.5], 400), values, np.arange(401) * 2, values[::2].copy(), values[1::2].copy())
    folds, features = np.arange(400) % 5, QueryFeatures(("flag",), flag[:, None])
    found = adaptive(curves, sampled(curves), folds, features)
    assert found.values.tolist() == [0.9] * 400
    assert np.nanmean(one_for_all(curves, folds).values) < 0.7
    # Where the rule says what one weight for all is, it is that very weight.
    assert set(found.weights) == {0.245, 0.25, 0.75}
    alone = adaptive(curves, sampled(curves), np.zeros(400, np.int64), features)
    assert alone.weights.tolist() == [0.5 + 0.25] * 400
