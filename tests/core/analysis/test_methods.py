"""Methods, their table and their differences: equal to the command line, to pytrec_eval and to enumeration."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from noise import noise_dataset

from precompute.__main__ import main
from precompute.read.trec import integer_gains
from sqid_core.analysis.breakdown import breakdown, crossed, group_weights
from sqid_core.analysis.groupings import Groups, groups_of
from sqid_core.analysis.methods import (
    chosen_method,
    differences_table,
    fusion_name,
    means_table,
    random_method,
    ranked_share,
    signal_method,
    tuned_methods,
)
from sqid_core.analysis.query_table import PRESETS, best_intervals, preset_rows, query_table
from sqid_core.analysis.query_weights import sampled
from sqid_core.bundle.judgements import PADDING, Judgements
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.intervals import difference_interval
from sqid_core.evaluation.metrics import RankedSlates, best_first, measure, measures
from sqid_core.evaluation.reports import dataset_curves, evaluate
from sqid_core.evaluation.significance import holm, randomisation_p
from sqid_core.ranking.fusion import Fusion


def test_the_table_is_what_evaluate_prints(tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tiny_bundle), "--json"]) == 0
    theirs = {line["name"]: line for line in json.loads(capsys.readouterr().out)["methods"]}
    dataset = load_bundle(tiny_bundle)
    fusion = Fusion(image_weight=0.25)
    ours = [
        random_method(dataset, None, measures(10)),
        *(signal_method(dataset, name, None, measures(10)) for name in dataset.signals),
        chosen_method(dataset, fusion, None, measures(10)),
        *tuned_methods(dataset, fusion, dataset_curves(dataset, fusion), None, measures(10)),
    ]
    names = ["random", *dataset.signals, "weighted 0.25", "weighted best", "weighted cross-validated"]
    table = means_table(ours, ["ndcg"])
    for row, name in zip(table.to_dict("records"), names, strict=True):
        assert row["ndcg"] == pytest.approx(theirs[name]["ndcg"], abs=1e-12)
        assert [row["ndcg low"], row["ndcg high"]] == pytest.approx(theirs[name]["ci95"], abs=1e-9)
        assert bool(theirs[name].get("in_sample")) == row["in-sample"]
    assert table["image weight"].tolist()[3:5] == pytest.approx([0.25, theirs["weighted best"]["image_weight"]])


@pytest.mark.parametrize("k", [3, 10])
def test_every_measure_is_pytrec_evals(k: int) -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval")
    dataset = noise_dataset(60)
    judgements, scale = dataset.judgements, dataset.scale
    method = chosen_method(dataset, Fusion(image_weight=0.3), None, measures(k))
    assert method.run is not None
    whole = integer_gains(scale.gains().tolist())
    qrels, relevant, run = {}, {}, {}
    for query, rows, labels, order, length in zip(
        judgements.query_ids, judgements.rows, judgements.labels, method.run.order, judgements.lengths, strict=True
    ):
        ids, marks = [f"p{row}" for row in rows[:length]], labels[:length].tolist()
        qrels[query] = {p: whole[label] for p, label in zip(ids, marks, strict=True)}
        relevant[query] = {p: int(label <= scale.relevant_from) for p, label in zip(ids, marks, strict=True)}
        run[query] = {ids[place]: float(length - rank) for rank, place in enumerate(order[:length])}
    graded = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg", f"ndcg_cut.{k}"}).evaluate(run)
    binary = pytrec_eval.RelevanceEvaluator(relevant, {"recip_rank", f"P.{k}", f"recall.{k}", "map"}).evaluate(run)
    names = ("ndcg", f"ndcg_cut_{k}", "recip_rank", f"P_{k}", f"recall_{k}", "map")
    for ours, theirs in zip(measures(k), names, strict=True):
        values = method.values(ours)
        expected = [(graded if "ndcg" in theirs else binary)[query][theirs] for query in judgements.query_ids]
        np.testing.assert_allclose(np.nan_to_num(values), expected, atol=1e-9)


def test_random_is_the_mean_over_all_orders() -> None:
    dataset = noise_dataset(30, longest=5)
    method = random_method(dataset, None, measures(3))
    for query in range(30):
        length = dataset.judgements.lengths[query]
        labels = dataset.judgements.labels[query, :length]
        orders = np.array(list(permutations(labels.tolist())))
        gains = dataset.scale.gains()[orders]
        slates = RankedSlates(gains, dataset.scale.is_relevant(orders), np.ones(orders.shape, bool), best_first(gains))
        for name in measures(3):
            expected = measure(name, slates).mean() if labels.size else np.nan
            assert method.values(name)[query] == pytest.approx(expected, nan_ok=True), name


def test_what_nobody_judged_is_in_no_mean() -> None:
    dataset = noise_dataset(40)
    judgements = dataset.judgements
    padded = [np.where(np.arange(40)[:, None] < 30, array, PADDING) for array in (judgements.rows, judgements.labels)]
    fewer = replace(dataset, judgements=Judgements(judgements.query_ids, *padded))
    for make in (lambda d: random_method(d, None, measures(5)), lambda d: signal_method(d, "text", None, measures(5))):
        before, now = make(dataset), make(fewer)
        for name in measures(5):
            assert np.isnan(now.values(name)[30:]).all(), name
            assert now.report.means[name] == pytest.approx(np.nanmean(before.values(name)[:30])), name


def test_a_norm_that_a_method_does_not_read_is_not_in_its_name() -> None:
    assert fusion_name(Fusion("rrf", norm="z-score")) == "rrf"
    assert fusion_name(Fusion(norm="z-score")) == "weighted scores (z-score)"


def test_what_runs_rank_of_the_judged_pairs() -> None:
    dataset = noise_dataset(30)
    mask, image = dataset.judgements.mask, dataset.signals["image"]
    known = np.isfinite(image.slate_scores(dataset.judgements))
    assert ranked_share(dataset, *dataset.both_signals) == ranked_share(dataset, image) == known[mask].mean() < 1
    assert ranked_share(dataset, dataset.signals["text"]) == ranked_share(dataset) == 1
    unjudged = replace(dataset, judgements=dataset.judgements.take(slice(0)), signals={})
    none = ScoredSignal("image", "image", np.empty(unjudged.judgements.rows.shape))
    assert ranked_share(unjudged, none) == 1


def test_differences_are_the_tests_own() -> None:
    dataset = noise_dataset(80)
    methods = [signal_method(dataset, name, None, measures(10)) for name in ("text", "image")]
    methods.append(chosen_method(dataset, Fusion(), None, measures(10)))
    table = differences_table(methods, 0, "rr")
    gap = methods[2].values("rr") - methods[0].values("rr")
    row = table.iloc[2]
    assert row["difference"] == pytest.approx(np.nanmean(gap))
    assert (row["low"], row["high"]) == pytest.approx(difference_interval(gap))
    assert row["p"] == randomisation_p(gap)
    assert row["p Holm"] >= row["p"]
    assert np.isnan(table["p"][0])
    assert (table["wins"] + table["ties"] + table["losses"]).tolist() == table["n"].tolist()
    assert table.iloc[0][["wins", "losses"]].tolist() == [0, 0]


def test_what_was_chosen_here_and_a_random_order_have_no_p() -> None:
    dataset, measured = noise_dataset(60), ("ndcg",)
    fusion = Fusion()
    best, honest = tuned_methods(dataset, fusion, dataset_curves(dataset, fusion), None, measured)
    signals = [signal_method(dataset, name, None, measured) for name in ("text", "image")]
    methods = [random_method(dataset, None, measured), *signals, best, honest]
    table = differences_table(methods, 1, "ndcg")
    assert np.isnan(table["p"]).tolist() == [True, True, False, True, False]
    # Holm corrects for the two that have one.
    np.testing.assert_allclose(table["p Holm"][[2, 4]], holm(table["p"][[2, 4]].to_numpy()))
    np.testing.assert_allclose(differences_table([signals[0], honest], 0, "ndcg")["p"][1], table["p"][4])
    assert np.isnan(differences_table(methods, 0, "ndcg")["p"]).all()
    assert len(honest.repeats) == 10
    assert honest.run is not None
    np.testing.assert_array_equal(honest.repeats[0].values("ndcg"), evaluate(dataset, honest.run).values("ndcg"))
    assert honest.repeats[0].means != honest.repeats[1].means
    assert honest.spread("ndcg") == pytest.approx(np.std([each.means["ndcg"] for each in honest.repeats], ddof=1))


def test_groups_stand_beside_their_random_order() -> None:
    groups = Groups(("a", "b"), np.array([0, 0, 0, 1]))
    text, random = np.array([0.9, 0.7, 1.0, 1.0]), np.array([0.5, 0.6, 1.0, 1.0])
    table = breakdown(groups, {"text": text}, random=random)
    assert table["random"].tolist() == pytest.approx([0.7, 1.0])
    assert table["equal gains"].tolist() == [1, 1]
    # (.4 + .1) of (.5 + .4); on the third query, and in all of b, no order is better than another.
    assert table["text above chance"][0] == pytest.approx(0.5 / 0.9)
    assert np.isnan(table["text above chance"][1])


def test_best_intervals_are_those_of_each_curve() -> None:
    for fusion in (Fusion(), Fusion("weighted ranks"), Fusion("max", norm="z-score")):
        dataset = noise_dataset(50)
        curves = dataset_curves(dataset, fusion)
        found = best_intervals(curves)
        for query in range(50):
            best = curves.curve(query).best
            if curves.defined[query]:
                assert (found.low[query], found.high[query]) == (best.low, best.high)
                assert found.value[query] == pytest.approx(best.value, abs=1e-12)
            else:
                assert np.isnan(found.value[query])


def test_the_query_table_has_a_row_a_query(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    curves = dataset_curves(dataset, Fusion())
    table = query_table(dataset, {"text": curves.at_zero, "image": curves.at_one}, curves)
    assert table["query_id"].tolist() == list(dataset.judgements.query_ids)
    assert table["judged"].tolist() == dataset.judgements.lengths.tolist()
    counts = [sum(int(part.split()[1]) for part in mix.split(" · ")) for mix in table["labels"]]
    assert counts == table["judged"].tolist()
    assert table["source"].tolist() == ["other"] * 8
    assert (table["best"] >= table[["text", "image"]].max(axis=1) - 0.2).all()


def test_presets_choose_and_order() -> None:
    dataset = noise_dataset(200)
    curves = dataset_curves(dataset, Fusion())
    table = query_table(
        dataset, {"text": curves.at_zero, "image": curves.at_one, "fused": curves.at(np.full(200, 0.5))}, curves
    )
    found = {name: table.iloc[preset_rows(table, name)] for name in PRESETS}
    gap = found["pictures rescue"]["image"] - found["pictures rescue"]["text"]
    assert gap.min() >= 0.1
    assert (gap.diff().dropna() <= 0).all()
    assert (found["text rescues"]["text"] - found["text rescues"]["image"]).min() >= 0.1
    assert (found["both fail"][["text", "image"]].max(axis=1).diff().dropna() >= 0).all()
    assert found["both fail"]["text"].max() <= table["text"].quantile(0.25)
    hurt = found["fusion hurts"]
    assert (hurt["fused"] < hurt[["text", "image"]].max(axis=1)).all()
    assert len(found["widest disagreement"]) == table["text"].notna().sum()
    with pytest.raises(ValueError, match="unknown preset 'x'"):
        preset_rows(table, "x")


def test_a_breakdown_is_the_means_of_its_groups(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    curves = dataset_curves(dataset, Fusion())
    grid = sampled(curves)
    groups = groups_of(dataset, "colour word")
    runs = {"text": curves.at_zero, "fused": curves.at(np.full(8, 0.5))}
    table = breakdown(groups, runs, ("text", "fused")).join(group_weights(groups, grid))
    assert table["group"].tolist() == ["names a colour", "no colour"]
    assert table["n"].tolist() == [7, 1]
    assert table["small"].tolist() == [True, True]
    colour = groups.rows("names a colour")
    assert table["text"][0] == pytest.approx(runs["text"][colour].mean())
    assert table["lift"][0] == pytest.approx((runs["fused"] - runs["text"])[colour].mean())
    assert table["p"][0] == randomisation_p((runs["fused"] - runs["text"])[colour], 2000)
    assert table["weight low"][0] <= table["weight high"][0]
    assert np.isnan(table["text low"][1])
    assert grid[colour].mean(axis=0)[round(table["weight"][0] * 100)] == pytest.approx(
        grid[colour].mean(axis=0).max(), abs=0.01
    )


def test_perfect_rankings_fail_nothing() -> None:
    table = pd.DataFrame({"text": [1.0, 1.0, 1.0, 0.4], "image": [1.0, 1.0, 1.0, 0.5]})
    assert preset_rows(table, "both fail").tolist() == [3]
    assert not len(preset_rows(table.head(3), "both fail"))


def test_a_groups_best_weight_lies_in_its_interval_on_a_plateau() -> None:
    grid = np.zeros((12, 101))
    grid[:, 30:91] = 1.0
    table = group_weights(Groups(("a",), np.zeros(12, np.int64)), grid)
    assert table.to_numpy()[0] == pytest.approx([0.6, 0.6, 0.6])


def test_a_breakdown_of_undefined_queries_is_nan() -> None:
    groups = Groups(("a", "b"), np.array([0, 0, 1]))
    values = np.array([0.5, np.nan, np.nan])
    table = breakdown(groups, {"text": values, "fused": values}, ("text", "fused"))
    assert group_weights(groups, values[:, None] * np.ones(101))["weight"].isna().tolist() == [False, True]
    assert table["n"].tolist() == [1, 0]
    assert np.isnan(table["text"][1])
    assert np.isnan(table["p"][1])


def test_cells_cross_two_groupings() -> None:
    first, second = Groups(("a", "b"), np.array([0, 0, 1, -1])), Groups(("x", "y"), np.array([0, 1, 1, 1]))
    cells = crossed(first, second, np.array([0.2, np.nan, 0.6, 0.9]))
    assert cells.to_dict("records") == [
        {"first": "a", "second": "x", "n": 1, "mean": 0.2},
        {"first": "b", "second": "y", "n": 1, "mean": 0.6},
    ]


def test_no_group_is_drawn_beyond_what_an_ndcg_can_be():
    groups = Groups(("nearly perfect", "nearly nothing"), np.array([0, 0, 0, 1, 1, 1]))
    table = breakdown(groups, {"text": np.array([1.0, 1.0, 0.9, 0.0, 0.0, 0.1])})
    assert table["text high"].max() == 1.0
    assert table["text low"].min() == 0.0
