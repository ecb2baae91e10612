"""Weights by query: nothing is scored on what it was chosen on, and noise gains nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.analysis.adaptive import Leaf, Split, adaptive, described, fitted, tree_weights
from sqid_core.analysis.methods import tuned_methods
from sqid_core.analysis.query_features import QueryFeatures, predicted_categories, query_features
from sqid_core.analysis.query_weights import (
    WEIGHTS,
    best_weight,
    best_weights,
    by_category,
    headroom,
    inside,
    one_for_all,
    repeated,
    sampled,
)
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.cross_validation import repeated_folds, repeatedly_cross_validated
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.reports import dataset_curves, query_folds
from sqid_core.ranking.fusion import Fusion


@pytest.fixture(scope="module")
def noise() -> Dataset:
    """1,500 queries whose two signals and features know nothing of the labels."""
    return noise_dataset(1500, seed=3)


def standard_error(differences: np.ndarray) -> float:
    return float(np.nanstd(differences) / np.sqrt(np.isfinite(differences).sum()))


def test_noise_gains_nothing_when_cross_validated(noise: Dataset) -> None:
    curves, folds = dataset_curves(noise, Fusion()), query_folds(noise)
    grid, features = sampled(curves), query_features(noise)
    groups = np.random.default_rng(1).choice(np.array(["a", "b", "c", None], dtype=object), len(curves))
    alone = np.maximum(np.nanmean(curves.at_zero), np.nanmean(curves.at_one))
    single = one_for_all(curves, folds)
    assert abs(np.nanmean(single.values) - alone) < 4 * standard_error(single.values - curves.at_zero)
    for chosen in (by_category(curves, grid, folds, groups, prior=0), adaptive(curves, grid, folds, features)):
        gain = chosen.values - single.values
        assert abs(np.nanmean(gain)) <= 2 * standard_error(gain) + 1e-12, chosen.name


def test_a_rule_without_its_safeguard_gains_nothing_on_noise_either(
    noise: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqid_core.analysis.adaptive._helps", lambda *_: True)
    curves, folds = dataset_curves(noise, Fusion()), query_folds(noise)
    chosen = adaptive(curves, sampled(curves), folds, query_features(noise))
    gain = chosen.values - one_for_all(curves, folds).values
    assert len(np.unique(chosen.weights)) > 5
    assert abs(np.nanmean(gain)) <= 2 * standard_error(gain)


def test_no_weight_depends_on_the_labels_of_the_query_it_scores(noise: Dataset) -> None:
    """Turning one fold's curves upside down moves no weight in that fold."""
    curves, folds = dataset_curves(noise, Fusion()), query_folds(noise)
    features, categories = query_features(noise), predicted_categories(noise)
    in_fold = np.repeat(folds == 2, np.diff(curves.offsets))
    turned = replace(curves, values=np.where(in_fold, 1 - curves.values, curves.values))
    for choose in (
        lambda of: by_category(of, sampled(of), folds, categories).weights,
        lambda of: adaptive(of, sampled(of), folds, features).weights,
        lambda of: one_for_all(of, folds).weights,
    ):
        before, after = choose(curves), choose(turned)
        np.testing.assert_array_equal(before[folds == 2], after[folds == 2])
        assert (before != after).any()


def test_one_for_all_is_what_evaluate_says(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    curves = dataset_curves(dataset, Fusion())
    _, honest = tuned_methods(dataset, Fusion(), curves, None, ("ndcg",))
    folds = repeated_folds(dataset)
    chosen = repeated([one_for_all(curves, each) for each in folds])
    assert honest.weights == (chosen.weights.min(), chosen.weights.max())
    np.testing.assert_allclose(chosen.values, honest.values("ndcg"), atol=1e-12)
    again = repeatedly_cross_validated(curves, folds)
    np.testing.assert_allclose(again.values, chosen.values, atol=1e-12)
    np.testing.assert_allclose(again.means, [each.means["ndcg"] for each in honest.repeats], atol=1e-12)
    assert (again.mean, again.spread) == pytest.approx((honest.report.means["ndcg"], honest.spread("ndcg")))
    assert len(np.unique(folds, axis=0)) == len(folds) == 10


def test_the_headroom_is_the_best_of_each_curve(tiny_bundle: Path) -> None:
    curves = dataset_curves(load_bundle(tiny_bundle), Fusion())
    found = headroom(curves)
    assert found.best.tolist() == [curves.curve(query).best.value for query in range(len(curves))]
    assert np.nanmean(found.one) == pytest.approx(curves.mean().best.value)
    np.testing.assert_array_equal(found.gain, found.best - found.one)
    none = headroom(WeightCurves(np.empty(0), np.empty(0), np.zeros(1, np.int64), np.empty(0), np.empty(0)))
    assert (none.best.shape, none.gain.shape) == ((0,), (0,))


def test_an_end_is_moved_by_a_hair() -> None:
    assert inside(np.array([0.0, 1e-12, 0.3, 1.0])).tolist() == [1e-10, 1e-10, 0.3, 1 - 1e-10]


def test_sampled_curves_are_the_curves_inside_their_intervals(tiny_bundle: Path) -> None:
    curves = dataset_curves(load_bundle(tiny_bundle), Fusion())
    grid = sampled(curves)
    for query in range(len(curves)):
        curve = curves.curve(query)
        np.testing.assert_array_equal(grid[query, 1:-1], curve.at(WEIGHTS[1:-1]))
        assert (grid[query, 0], grid[query, -1]) == (curve.values[0], curve.values[-1])


def test_the_best_weight_is_the_middle_of_the_longest_best_stretch() -> None:
    curve = np.zeros(101)
    curve[10] = curve[60:71] = 1.0
    assert best_weight(curve) == pytest.approx(0.65)


def test_a_category_that_needs_another_weight_gets_it() -> None:
    """Even queries are best at 0, odd ones at 1: one weight for all serves half of them."""
    good, bad = np.linspace(1, 0, 101), np.linspace(0, 1, 101)
    grid = np.where(np.arange(200)[:, None] % 2 == 0, good, bad)
    features = QueryFeatures(("odd",), (np.arange(200) % 2).astype(float)[:, None])
    tree = fitted(features, grid, np.arange(200))
    assert isinstance(tree, Split)
    np.testing.assert_allclose(tree_weights(tree, features)[:2], [0, 1], atol=0.01)
    assert described(tree)[0] == "odd ≤ 0.5:"
    assert tree_weights(Leaf(0.3, 0), features).tolist() == [0.3] * 200


def test_too_few_queries_get_one_weight() -> None:
    features = QueryFeatures(("odd",), (np.arange(20) % 2).astype(float)[:, None])
    grid = np.where(np.arange(20)[:, None] % 2 == 0, np.linspace(1, 0, 101), np.linspace(0, 1, 101))
    assert isinstance(fitted(features, grid, np.arange(20)), Leaf)
    assert fitted(features, grid, np.arange(0)) == Leaf(0.5, 0)


def test_a_weight_at_the_edge_is_scored_where_it_was_chosen() -> None:
    """Ties at weight 0: only the open interval beside it was looked at when the weight was chosen."""
    count = 40
    edges = np.tile([0.0, 0.004], count)
    curves = WeightCurves(
        edges, np.tile([0.9, 0.2], count), np.arange(count + 1) * 2, np.full(count, 0.1), np.full(count, 0.2)
    )
    names = np.array(["a"] * count, dtype=object)
    chosen = by_category(curves, sampled(curves), np.arange(count) % 5, names)
    # The grid says 0, as for all; the weight is then that of all, inside the interval.
    assert set(chosen.weights) == {0.002}
    assert set(chosen.values) == {0.9}


def slow_best_weight(curve: np.ndarray) -> float:
    """The middle of the longest stretch of best values, the first of equally long ones."""
    stretches, place = [], 0
    for best, run in groupby(curve >= curve.max() - 1e-12):
        length = len(list(run))
        stretches += [(-length, place)] if best else []
        place += length
    length, first = min(stretches)
    return float(WEIGHTS[first] + WEIGHTS[first - length - 1]) / 2


def test_best_weights_are_found_as_one_would_look_for_them() -> None:
    curves = np.random.default_rng(0).choice(
        [0.2, 0.9, 0.9 - 5e-13, 0.9 - 1e-11], size=(60, 101), p=[0.2, 0.5, 0.2, 0.1]
    )
    curves[0], curves[1, :], curves[2] = 0.5, 0.0, 0.1
    curves[1, 0] = curves[2, -1] = 1.0
    assert best_weights(curves).tolist() == [slow_best_weight(curve) for curve in curves]
    assert best_weights(curves)[:3].tolist() == [0.5, 0.0, 1.0]


def test_a_categorys_weight_is_chosen_beside_twenty_queries_like_all() -> None:
    """Step by step, in three folds, with a query that has no NDCG and some of no category."""
    rng, count = np.random.default_rng(4), 60
    starts = np.tile([0.0, 0.25, 0.65], count)
    values = rng.random(3 * count)
    values[15:18] = np.nan
    ends = values[::3], values[2::3]
    curves = WeightCurves(starts, values, np.arange(count + 1) * 3, *ends)
    names = np.array(["a", "b", None], dtype=object)[rng.integers(3, size=count)]
    folds, grid = np.arange(count) % 3, sampled(curves)
    one = one_for_all(curves, folds)
    for prior in (20, 2):
        chosen = by_category(curves, grid, folds, names, prior)
        assert chosen.name == "a weight per category"
        for query in range(count):
            others = (folds != folds[query]) & curves.defined
            common = grid[others].mean(axis=0)
            same = others & (names == names[query])
            pooled = common if names[query] is None else grid[same].sum(axis=0) + prior * common
            weight = best_weight(pooled)
            weight = one.weights[query] if weight == best_weight(common) else weight
            assert chosen.weights[query] == weight
            assert np.isnan(chosen.values[query]) == (query == 5)
    assert (by_category(curves, grid, folds, names).weights != chosen.weights).any()


def test_a_fold_that_is_alone_has_nothing_to_choose_by() -> None:
    """It gets .5; that is a crossing here, so that the weight is the middle of what lies behind."""
    curves = WeightCurves(np.tile([0.0, 0.5], 4), np.tile([0.2, 0.9], 4), np.arange(5) * 2, np.full(4, 0.2), np.ones(4))
    chosen = by_category(curves, sampled(curves), np.zeros(4, np.int64), np.array(["a"] * 4, dtype=object))
    assert chosen.weights.tolist() == [0.75] * 4
