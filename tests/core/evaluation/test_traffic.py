"""Means per unit of traffic: by equal weights the plain ones to the last bit, by whole ones of repeated queries."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import reference
from noise import noise_dataset

from sqid_core.analysis.adaptive import adaptive
from sqid_core.analysis.breakdown import breakdown, crossed, group_weights
from sqid_core.analysis.conditional_gain import conditional_gain
from sqid_core.analysis.groupings import Groups, groups_of
from sqid_core.analysis.label_ranks import label_ranks
from sqid_core.analysis.methods import differences_table, means_table, signal_method, tuned_methods
from sqid_core.analysis.query_features import query_features
from sqid_core.analysis.query_weights import by_category, headroom, resampled_best_weights, sampled
from sqid_core.analysis.shared_weight import excess
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.traffic import counted_by, effective_number, traffic
from sqid_core.errors import InputError
from sqid_core.evaluation.chance import group_adjusted
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.cross_validation import repeated_folds, repeatedly_cross_validated
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.intervals import mean_intervals
from sqid_core.evaluation.metrics import defined_mean, measures
from sqid_core.evaluation.power import power_table
from sqid_core.evaluation.reports import dataset_curves, evaluate, signal_run
from sqid_core.evaluation.significance import effect_size, outcomes, randomisation_p
from sqid_core.evaluation.slate_scores import slate_scores
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Floats

FUSION = Fusion(norm="min-max")


@pytest.fixture(scope="module", params=["tiny", "noise"])
def dataset(request: pytest.FixtureRequest, tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle) if request.param == "tiny" else noise_dataset(queries=36)


def counted(dataset: Dataset, weights: Any) -> Dataset:
    """The data set whose queries are asked so often, read per unit of traffic."""
    return replace(dataset, queries=dataset.queries.assign(weight=weights)).as_traffic()


def uneven(count: int) -> Floats:
    """(count,) whole numbers from 0 to 4, the first and the last not 0."""
    weights = np.random.default_rng(count).integers(0, 5, count).astype(float)
    weights[[0, -1]] = 3.0, 1.0
    return weights


def repeats(weights: Floats) -> Any:
    return np.repeat(np.arange(len(weights)), weights.astype(int))


# --- equal weights ---


@lru_cache(maxsize=2)
def everything(dataset: Dataset) -> dict[str, Any]:
    """All that is a mean, a curve, a best weight, an interval, a test or a breakdown."""
    curves, folds = dataset_curves(dataset, FUSION), repeated_folds(dataset)
    chosen, grid = repeatedly_cross_validated(curves, folds), sampled(curves)
    names = tuple(dataset.signals)
    methods = [signal_method(dataset, name, None, measures(5)) for name in names]
    methods += tuned_methods(dataset, FUSION, curves, None, measures(5), chosen=chosen)
    text, image = (method.values("ndcg") for method in methods[:2])
    compared = compare(methods[0].report, methods[1].report)
    groups, weights = groups_of(dataset, "query length"), dataset.traffic
    runs, judged = [signal_run(dataset, name) for name in names], dataset.judgements.gains(dataset.scale.gains())
    gain, scores = headroom(curves).gain, slate_scores(dataset.judgements, *dataset.both_signals)
    ranks = label_ranks(dataset, runs[0])
    category = np.array(["a", "b"], dtype=object)[np.arange(len(curves)) % 2]
    rules = (
        by_category(curves, grid, folds[0], category),
        adaptive(curves, grid, folds[0], query_features(dataset, scores)),
    )
    conditional, apart = conditional_gain(
        *runs, dataset.judgements, judged, np.arange(judged.shape[1]) % 3 > 0, weights
    )
    return {
        "mean": (curves.mean().starts, curves.mean().values, curves.mean().at_zero, curves.mean().best.weight),
        "cross-validated": (chosen.mean, chosen.means, chosen.weights),
        "means": means_table(methods, ["ndcg", "rr"]),
        "differences": differences_table(methods, 0, "ndcg").drop(columns="effective", errors="ignore"),
        "compared": (compared.mean_a, compared.mean_b, compared.interval, compared.p, compared.effect),
        "verdict": compared.verdict.kind,
        "breakdown": breakdown(groups, {"text": text, "image": image}, ("text", "image"), text / 2, weights).drop(
            columns="effective", errors="ignore"
        ),
        "group weights": group_weights(groups, grid, weights),
        "crossed": crossed(groups, groups, image - text, weights),
        "conditional": conditional.drop(columns="effective", errors="ignore"),
        "apart": apart,
        "power": power_table(image - text, 3, weights),
        "resampled": resampled_best_weights(grid[curves.defined], None if weights is None else weights[curves.defined]),
        "band": mean_intervals(grid.T, resamples=200, traffic=weights),
        "excess": (excess(gain, np.stack([gain * 0.5, gain * 0.7]), weights).p,),
        "labels": (ranks.shares, ranks.displaced),
        "rules": tuple(rule.weights for rule in rules),
    }


@pytest.mark.parametrize("weight", [1.0, 7.0])
def test_equal_weights_change_no_bit(dataset: Dataset, weight: float) -> None:
    plain, weighted = everything(dataset), everything(counted(dataset, weight))
    for name, one in plain.items():
        _identical(one, weighted[name], name)


def _identical(one: Any, other: Any, what: str) -> None:
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=what)
    elif isinstance(one, tuple):
        for first, second in zip(one, other, strict=True):
            _identical(first, second, what)
    else:
        np.testing.assert_array_equal(one, other, what)


# --- whole numbers: each query as often ---


def test_whole_weights_are_repeated_queries(dataset: Dataset) -> None:
    weights = uneven(len(dataset.queries))
    again, weighted = repeats(weights), counted(dataset, weights)
    report = evaluate(dataset, signal_run(dataset, next(iter(dataset.signals))), measures=("ndcg", "rr"))
    per_query = {name: report.values(name) for name in ("ndcg", "rr")}
    found = evaluate(weighted, signal_run(weighted, next(iter(dataset.signals))), measures=("ndcg", "rr"))
    for name, values in per_query.items():
        assert found.means[name] == pytest.approx(np.nanmean(values[again]), abs=1e-14)
        assert found.means[name] == pytest.approx(reference.mean(values.tolist(), weights.tolist()), abs=1e-14)
        np.testing.assert_array_equal(found.values(name), values)
    curves = dataset_curves(dataset, FUSION)
    _same_curve(dataset_curves(weighted, FUSION).mean(), curves.mean(again))
    some = np.arange(0, len(curves), 2)
    _same_curve(dataset_curves(weighted, FUSION).mean(some), curves.mean(again[np.isin(again, some)]))


def _same_curve(found: Any, wanted: Any) -> None:
    np.testing.assert_array_equal(found.starts, wanted.starts)
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-12)
    assert (found.at_zero, found.at_one) == pytest.approx((wanted.at_zero, wanted.at_one), abs=1e-14)
    assert (found.best.low, found.best.high) == (wanted.best.low, wanted.best.high)
    assert found.best.value == pytest.approx(wanted.best.value, abs=1e-12)


def test_group_means_of_whole_weights_are_those_of_repeated_queries() -> None:
    rng, weights = np.random.default_rng(3), uneven(40)
    a, b = rng.random((2, 40))
    a[5], b[9] = np.nan, 1.0
    again, halves = repeats(weights), Groups(("even", "odd"), np.arange(40) % 2)
    assert defined_mean(a, weights) == pytest.approx(reference.mean(a.tolist(), weights.tolist()), abs=1e-14)
    assert group_adjusted(a, b, weights) == pytest.approx(group_adjusted(a[again], b[again]), abs=1e-14)
    often = Groups(halves.names, halves.of_query[again])
    columns = ["a", "random", "a above chance"]
    found = breakdown(halves, {"a": a}, random=b, traffic=weights)[columns]
    np.testing.assert_allclose(found, breakdown(often, {"a": a[again]}, random=b[again])[columns], atol=1e-14)
    cells, wanted = crossed(halves, halves, a, weights), crossed(often, often, a[again])
    np.testing.assert_allclose(cells["mean"], wanted["mean"], atol=1e-14)


def test_a_query_that_nobody_asks_is_as_if_it_were_not_there(dataset: Dataset) -> None:
    rng, weights = np.random.default_rng(5), uneven(50)
    weights[3] = 0.5
    values = rng.normal(0.1, 0.3, 50)
    asked = weights > 0
    kept, left = values[asked], weights[asked]
    assert outcomes(values, traffic=weights) == outcomes(kept, traffic=left)
    assert outcomes(values, traffic=weights).n == asked.sum() < 50
    assert effect_size(values, weights) == effect_size(kept, left)
    found = mean_intervals(values[None], traffic=weights)
    np.testing.assert_allclose(found, mean_intervals(kept[None], traffic=left), atol=1e-12)
    assert randomisation_p(values, traffic=weights) == pytest.approx(randomisation_p(kept, traffic=left), abs=0.02)
    some = counted(dataset, np.where(np.arange(len(dataset.queries)) < 4, 1.0, 0.0))
    assert dataset_curves(some, FUSION).mean().n <= 4
    _same_curve(dataset_curves(some, FUSION).mean(), dataset_curves(dataset, FUSION).mean(np.arange(4)))


# --- what is no weight ---


def test_what_is_no_weight_is_refused(dataset: Dataset) -> None:
    with pytest.raises(InputError, match="does not say how often its queries are asked: they have no weight"):
        dataset.as_traffic()
    for wrong in ([-1.0, 1.0], [np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0], ["often", "1"]):
        assert traffic(pd.DataFrame({"weight": wrong})) is None
    assert counted(dataset, 2.0).key != dataset.key


def test_sizes_do_not_matter() -> None:
    values, weights = np.array([0.25, 0.5, 1.0]), np.array([1.0, 2.0, 5.0])
    for size in (1e-200, 1e200):
        assert effective_number(weights * size) == pytest.approx(effective_number(weights))
        assert defined_mean(values, weights * size) == pytest.approx(defined_mean(values, weights))
    assert effective_number(np.zeros(3)) == 0.0
    assert counted_by(values, np.full(3, 0.1))[1] is None


def test_curves_of_queries_that_are_not_asked_have_no_mean() -> None:
    curves = WeightCurves(np.zeros(2), np.ones(2), np.arange(3), np.ones(2), np.ones(2), traffic=np.array([0.0, 2.0]))
    assert curves.mean([0]).n == 0
    assert curves.mean().n == 1


def test_what_is_printed_says_by_what_it_counts(dataset: Dataset) -> None:
    plain, weighted = dataset, counted(dataset, uneven(len(dataset.queries)))
    for data, said in ((plain, False), (weighted, True)):
        reports = [evaluate(data, signal_run(data, name), measures=("ndcg",)) for name in data.signals]
        assert [("by traffic" in repr(each)) for each in (*reports, compare(*reports))] == [said] * 3
