"""What analyses say per unit of traffic is what they say of queries that are repeated as often as they are asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import THREE
from noise import noise_dataset

from sqid_core.analysis import poor_pictures as module
from sqid_core.analysis.breakdown import RESAMPLES, SIGNS, breakdown, crossed, group_weights
from sqid_core.analysis.conditional_gain import conditional_gain
from sqid_core.analysis.groupings import Groups
from sqid_core.analysis.label_ranks import LabelRanks, label_rank_frame, label_ranks
from sqid_core.analysis.poor_pictures import poor_pictures
from sqid_core.analysis.query_weights import best_weight, counted_grid, resampled_best_weights
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.traffic import worth
from sqid_core.evaluation.chance import group_adjusted
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.exchange import exchange_p
from sqid_core.evaluation.intervals import difference_intervals, expanded_levels, mean_intervals
from sqid_core.evaluation.reports import Run, evaluate, scores_run, signal_run
from sqid_core.evaluation.significance import holm, outcomes, randomisation_p, randomisation_ps

ASKED = np.random.default_rng(0).integers(0, 5, 40).astype(float)
ASKED[[0, 39]] = 3.0, 1.0


def values() -> dict[str, np.ndarray]:
    text, fused = np.random.default_rng(1).random((2, 40))
    text[5] = fused[5] = np.nan
    return {"text": text, "fused": fused}


@pytest.mark.parametrize("traffic", [None, ASKED], ids=["alike", "by traffic"])
def test_a_line_of_a_breakdown_is_what_each_function_says_of_the_group(traffic: np.ndarray | None) -> None:
    runs, random = values(), np.where(np.arange(40) % 4 == 0, 1.0, 0.3)
    groups = Groups(("few", "rest"), (np.arange(40) >= 12).astype(np.int64))
    table = breakdown(groups, runs, ("text", "fused"), random, traffic)
    for name, line in zip(groups.names, table.to_dict("records"), strict=True):
        rows = groups.rows(name)
        asked = None if traffic is None else traffic[rows]
        counted = np.ones(len(rows), bool) if asked is None else asked > 0
        weights = np.ones(len(rows)) if asked is None else asked
        known = counted & ~np.isnan(runs["text"][rows])
        assert line["n"] == known.sum()
        effective = worth(runs["text"][rows], asked)
        assert line["small"] == (effective < 10)
        assert line.get("effective", effective) == effective
        stacked = np.stack([each[rows] for each in runs.values()])
        for (run, of_run), interval in zip(
            runs.items(), mean_intervals(stacked, resamples=RESAMPLES, within=(0, 1), traffic=asked), strict=True
        ):
            assert line[run] == pytest.approx(np.average(of_run[rows][known], weights=weights[known]))
            assert [line[f"{run} low"], line[f"{run} high"]] == interval.tolist()
            assert line[f"{run} above chance"] == group_adjusted(of_run[rows], random[rows], asked)
        lift = (runs["fused"] - runs["text"])[rows]
        assert line["lift"] == pytest.approx(np.average(lift[known], weights=weights[known]))
        expected = difference_intervals(lift[None], resamples=RESAMPLES, traffic=asked)[0]
        assert [line["lift low"], line["lift high"]] == expected.tolist()
        assert line["p"] == randomisation_p(lift, SIGNS, traffic=asked)
        found = outcomes(lift, traffic=asked)
        assert line["differ"] == found.wins + found.losses == known.sum()
        assert line["random"] == pytest.approx(np.average(random[rows][counted], weights=weights[counted]))
        assert line["equal gains"] == (counted & (random[rows] == 1)).sum()
    assert table.columns[:3].tolist() == ["group", "n", "small"]
    assert table["p Holm"].tolist() == holm(table["p"].to_numpy()).tolist()
    assert ("effective" in table) == (traffic is not None)


def test_ten_queries_are_no_small_group() -> None:
    groups = Groups(("nine", "ten"), np.repeat([0, 1], [9, 10]))
    assert breakdown(groups, {"text": np.linspace(0, 1, 19)})["small"].tolist() == [True, False]


@pytest.mark.parametrize("traffic", [None, ASKED], ids=["alike", "by traffic"])
def test_the_best_weight_of_a_group_and_its_percentiles(traffic: np.ndarray | None) -> None:
    grid = np.random.default_rng(2).random((40, 101))
    grid[5] = np.nan
    groups = Groups(("none", "one", "two", "rest"), np.append([0, 1, 2, 2, 3, 3], np.full(34, 3)))
    grid[0] = np.nan
    asked = np.ones(40) if traffic is None else np.where(np.arange(40) < 4, [2.0, 1.0, 1.0, 3.0][0], ASKED)
    if traffic is not None:
        asked[2:4] = 1.0, 3.0
    table = group_weights(groups, grid, None if traffic is None else asked)
    assert table.loc[0].isna().all()
    assert table["weight"][1] == best_weight(grid[1])
    assert table.loc[1].isna().tolist() == [False, True, True]
    for number, rows in ((2, np.array([2, 3])), (3, np.arange(6, 40))):
        kept = rows[asked[rows] > 0]
        weights = None if traffic is None else asked[kept]
        assert table["weight"][number] == best_weight(np.average(grid[kept], axis=0, weights=weights))
        levels = expanded_levels(worth(grid[kept, 0], weights))
        expected = np.quantile(resampled_best_weights(grid[kept], weights), levels)
        assert table.loc[number, ["weight low", "weight high"]].tolist() == expected.tolist()


def test_cells_by_traffic_are_those_of_repeated_queries() -> None:
    found, again = values()["text"], np.repeat(np.arange(40), ASKED.astype(int))
    first, second = Groups(("a", "b"), np.arange(40) % 3 - 1), Groups(("x", "y"), np.arange(40) % 2)
    often = [Groups(each.names, each.of_query[again]) for each in (first, second)]
    cells, wanted = crossed(first, second, found, ASKED), crossed(*often, found[again])
    pd.testing.assert_frame_equal(cells.drop(columns="n"), wanted.drop(columns="n"))
    known = ~np.isnan(found) & (ASKED > 0)
    assert cells["n"].tolist() == [
        int((known & (first.of_query == i) & (second.of_query == j)).sum()) for i in range(2) for j in range(2)
    ]


def test_labels_by_traffic_are_those_of_repeated_queries() -> None:
    dataset = noise_dataset(40, scale=THREE)
    asked = replace(dataset, queries=dataset.queries.assign(weight=ASKED)).as_traffic()
    again = np.repeat(np.arange(40), ASKED.astype(int))
    run = signal_run(dataset, "text")
    often = replace(dataset, judgements=type(dataset.judgements)(*(
        each[again] for each in (dataset.judgements.query_ids, dataset.judgements.rows, dataset.judgements.labels)
    )))  # fmt: skip
    found, wanted = label_ranks(asked, run), label_ranks(often, Run("often", run.order[again]))
    np.testing.assert_allclose(found.shares, wanted.shares)
    np.testing.assert_allclose(found.displaced, wanted.displaced)
    np.testing.assert_array_equal(found.counts, label_ranks(dataset, run).counts * 0 + [
        int(((dataset.judgements.lengths > rank) & (ASKED > 0)).sum()) for rank in range(len(found.counts))
    ])  # fmt: skip


def test_ranks_that_few_reach_are_left_out_unless_all_are() -> None:
    def ranks(*counts: int) -> list[int]:
        shares = np.arange(2.0 * len(counts)).reshape(-1, 2)
        frame = label_rank_frame(LabelRanks(np.array(counts), shares, shares / 2), ("A", "B"))
        assert frame["label"].tolist() == ["A", "B"] * (len(frame) // 2)
        assert frame["share"].tolist() == [each for rank in frame["rank"][::2] for each in shares[rank - 1]]
        assert (frame["displaced"] == frame["share"] / 2).all()
        assert frame["queries"].tolist() == [counts[rank - 1] for rank in frame["rank"]]
        return frame["rank"].tolist()[::2]

    assert ranks(7, 5, 4, 0) == [1, 2]
    assert ranks(6, 5, 5) == [1, 2, 3]
    assert ranks(3, 2, 0) == [1]
    assert ranks(1, 1, 0) == [1, 2]
    assert ranks(0, 0) == []
    # A slate of one product reaches the first rank.
    dataset = noise_dataset(6, scale=THREE)
    old, first = dataset.judgements, np.arange(dataset.judgements.rows.shape[1]) < 1
    one = replace(old, rows=np.where(first, old.rows, -1), labels=np.where(first, old.labels, -1))
    alone = replace(dataset, judgements=one)
    found = label_ranks(alone, Run("as it is", np.tile(np.arange(first.size), (6, 1))))
    assert found.counts.tolist() == [6] + [0] * (first.size - 1)
    assert found.shares[0].tolist() == [(one.labels[:, 0] == label).mean() for label in range(3)]


def test_what_counts_by_traffic_counts_one_in_the_mean_of_what_is_defined() -> None:
    curves = WeightCurves(np.zeros(3), np.array([0.5, np.nan, 0.2]), np.arange(4), np.array([0.5, np.nan, 0.2]),
        np.ones(3), traffic=np.array([1.0, 7.0, 3.0]))  # fmt: skip
    grid = np.ones((3, 4))
    assert counted_grid(curves, grid).tolist() == [[0.5] * 4, [3.5] * 4, [1.5] * 4]
    assert counted_grid(replace(curves, traffic=None), grid) is grid


def test_a_gain_by_traffic_is_worth_its_effective_number() -> None:
    dataset = noise_dataset(40)
    judgements, gains = dataset.judgements, dataset.judgements.gains(dataset.scale.gains())
    pictured = np.arange(gains.shape[1])[None] >= np.where(np.arange(40) % 2, 1, 0)[:, None]
    runs = [signal_run(dataset, name) for name in ("text", "image")]
    table, apart = conditional_gain(*runs, judgements, gains, pictured, ASKED)
    a, b = (evaluate(dataset, run).values("ndcg") for run in runs)
    whole = np.arange(40) % 2 == 0
    groups = np.where(whole, b - a, np.nan), np.where(whole, np.nan, b - a)
    assert table["n"].tolist()[:2] == [
        int((pictured & judgements.mask).sum()),
        int((~pictured & judgements.mask).sum()),
    ]
    for line, difference in zip(table.to_dict("records")[2:], groups, strict=True):
        found = outcomes(difference, traffic=ASKED)
        assert (line["n"], line["wins"], line["losses"]) == (found.n, found.wins, found.losses)
        assert line["effective"] == found.worth
        assert line["p"] == pytest.approx(randomisation_ps(difference[None], traffic=ASKED)[0])
        known = ~np.isnan(difference)
        assert line["gain"] == pytest.approx(np.average(difference[known], weights=ASKED[known]))
    assert apart == pytest.approx(exchange_p(*groups, traffic=ASKED))
    assert "effective" not in conditional_gain(*runs, judgements, gains, pictured)[0]


# --- pictures that are poor ---


def with_faults(dataset: Dataset, monkeypatch: pytest.MonkeyPatch, faults: dict[str, str] | None) -> Dataset:
    monkeypatch.setattr(module, "read_faults", lambda path: faults)
    files = {**dataset.manifest.files, module.STATUS_TABLE: None}
    return replace(dataset, manifest=replace(dataset.manifest, files=files))


def test_what_poor_pictures_cost(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = load_bundle(tiny_bundle)
    assert poor_pictures(dataset) is None
    assert poor_pictures(with_faults(dataset, monkeypatch, None)) is None
    judgements, signal = dataset.judgements, dataset.signals["words_image"]
    products = dataset.products["product_id"].tolist()
    poor = np.unique(judgements.rows[0][judgements.mask[0]])[:4]
    told = with_faults(dataset, monkeypatch, {products[row]: "blurred" for row in poor} | {"nobody": "dark"})
    found = poor_pictures(told)
    assert found is not None
    assert [row for row, fault in enumerate(found.faults) if fault is not None] == poor.tolist()
    touched = (np.isin(judgements.rows, poor) & judgements.mask).any(axis=1)
    assert found.touched.tolist() == touched.tolist()
    assert found.queries == touched.sum() < 8
    scores = signal.slate_scores(judgements)
    without = np.where(np.isin(judgements.rows, poor), np.nan, scores)
    both = [evaluate(dataset, scores_run("", each, judgements)).values("ndcg") for each in (scores, without)]
    assert [found.as_it_is, found.without] == pytest.approx([each[touched].mean() for each in both])
    weights = np.arange(1.0, 9.0)
    asked = poor_pictures(replace(told, queries=told.queries.assign(weight=weights)).as_traffic())
    assert asked is not None
    expected = [np.average(each[touched], weights=weights[touched]) for each in both]
    assert [asked.as_it_is, asked.without] == pytest.approx(expected)
    text = {name: each for name, each in told.signals.items() if each.modality == "text"}
    for nothing in (replace(told, signals=text), with_faults(dataset, monkeypatch, {})):
        lost = poor_pictures(nothing)
        assert lost is not None
        assert np.isnan([lost.as_it_is, lost.without]).all()
