"""The best and the cross-validated weight have one number each, whether a curve tells it or a ranking there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from against_reference import FUSIONS
from hard_bundles import build_hard

from sqid_core.analysis.adaptive import adaptive
from sqid_core.analysis.methods import signal_method, tuned_methods
from sqid_core.analysis.query_features import QueryFeatures
from sqid_core.analysis.query_weights import by_category, one_for_all, sampled
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.cross_validation import repeated_folds, repeatedly_cross_validated
from sqid_core.evaluation.reports import dataset_curves, query_folds
from sqid_core.figures.weights import curve_frame
from sqid_core.ranking.fusion import Fusion


@pytest.fixture(scope="module", params=["ties everywhere", "half of the pictures", "negative scores"])
def dataset(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_bundle(build_hard(request.param, tmp_path_factory.mktemp("hard") / "bundle"))


@pytest.mark.parametrize("fusion", [fusion for fusion in FUSIONS if fusion.missing_image == "zero"], ids=str)
def test_a_ranking_at_a_chosen_weight_scores_what_the_curve_says(dataset: Dataset, fusion: Fusion) -> None:
    curves = dataset_curves(dataset, fusion)
    best, honest = tuned_methods(dataset, fusion, curves, None, ["ndcg"])
    assert best.report.means["ndcg"] == pytest.approx(curves.mean().best.value, abs=1e-12)
    assert float(curves.mean().at(best.image_weight)) == pytest.approx(curves.mean().best.value, abs=1e-12)
    told = repeatedly_cross_validated(curves, repeated_folds(dataset))
    assert honest.report.means["ndcg"] == pytest.approx(told.mean, abs=1e-12)
    assert honest.spread("ndcg") == pytest.approx(told.spread, abs=1e-12)


def test_the_row_of_weight_one_is_that_very_weight_and_not_the_picture_alone(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    curves = dataset_curves(dataset, Fusion(norm="z-score"))
    frame = curve_frame(curves.mean(), np.zeros(101), np.ones(101))
    alone = signal_method(dataset, "words_image", None, ["ndcg"]).report.means["ndcg"]
    assert frame["ndcg"].iloc[[0, -1]].tolist() == [curves.mean().at_zero, curves.mean().at_one]
    assert abs(curves.mean().at_one - alone) > 1e-4


def test_a_rule_that_is_one_weight_for_all_differs_from_it_by_exactly_0(dataset: Dataset) -> None:
    """No feature says anything here, and every query is of one category."""
    curves = dataset_curves(dataset, Fusion(norm="min-max"))
    grid, folds = sampled(curves), query_folds(dataset)
    one = one_for_all(curves, folds)
    nothing = QueryFeatures(("words",), np.ones((len(curves), 1)))
    same = np.array(["Home"] * len(curves), dtype=object)
    for rule in (adaptive(curves, grid, folds, nothing), by_category(curves, grid, folds, same)):
        np.testing.assert_array_equal(rule.values - one.values, np.where(curves.defined, 0.0, np.nan))
        np.testing.assert_array_equal(rule.weights, one.weights)
