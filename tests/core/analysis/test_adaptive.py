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


def about(centres: Floats) -> Floats:
    """The grid of queries that are best at a weight each, and less by the square of the distance."""
    return 1 - (np.linspace(0, 1, 101) - centres[:, None]) ** 2


@pytest.mark.usefixtures("sure")
def test_a_leafs_queries_count_beside_twenty_that_are_like_all() -> None:
    """Forty are best at .2 and sixty at .8, all at .56: (40 · .2 + 20 · .56) / 60 and (60 · .8 + 20 · .56) / 80."""
    high = np.arange(100) >= 40
    features = QueryFeatures(("x",), high[:, None].astype(float))
    tree = fitted(features, about(np.where(high, 0.8, 0.2)), np.arange(100))
    assert tree == Split("x", 0.5, Leaf(0.32, 40), Leaf(0.74, 60))
    at_the_threshold = QueryFeatures(("x",), np.array([[0.5], [0.51]]))
    assert tree_weights(tree, at_the_threshold).tolist() == [0.32, 0.74]


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


def test_what_a_half_finds_must_help_the_other_against_its_one_weight() -> None:
    """The halves want opposite things, both about .2: a tree is better there than at .5, and worse than at .2."""
    flag, half = halves(200), np.empty(200)
    half[np.random.default_rng(0).permutation(np.arange(200))] = np.arange(200) >= 100
    grid = about(np.where(flag == half, 0.1, 0.3))
    assert fitted(QueryFeatures(("x",), flag[:, None]), grid, np.arange(200)) == Leaf(0.2, 200)


def test_where_no_half_finds_anything_the_rule_is_one_weight() -> None:
    """Twenty of a hundred may be a leaf of all, but ten are none of fifty."""
    alone = np.empty(100, bool)
    alone[np.random.default_rng(0).permutation(np.arange(100))] = np.arange(100) % 5 == 0
    assert fitted(*of(alone, alone), np.arange(100)) == Leaf(0.0, 100)
    assert fitted(*of(alone, alone), np.arange(0)) == Leaf(0.5, 0)


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
