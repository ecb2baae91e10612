"""Our metrics against values that trec_eval's own code gave (tests/golden/make_golden.py made them)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import Manifest
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation import metrics
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.ranking.ranks import order

GOLDEN = json.loads(Path(__file__).with_name("golden").joinpath("pytrec_eval.json").read_text(encoding="utf-8"))
TABLES = ("paper", "esci-script")
CUTOFFS = {"ndcg": None, "ndcg_cut_5": 5, "ndcg_cut_10": 10}
UNJUDGED = "-"


def ranked_labels(slate):
    """The slate's labels in rank order, as positions in the scale; -1 where unjudged."""
    codes = np.array([-1 if letter == UNJUDGED else ESCI.code(letter) for letter in slate["labels"]])
    return codes[order(np.array(slate["scores"], dtype=np.float64))]


def test_the_golden_slates_hold_every_difficulty():
    assert len(GOLDEN) == 500
    assert sum(len(slate["labels"]) == 1 for slate in GOLDEN) > 10
    assert sum(UNJUDGED in slate["labels"] for slate in GOLDEN) > 100
    assert sum(len(set(slate["scores"])) < len(slate["scores"]) for slate in GOLDEN) > 100
    assert sum(not set("ESC") & set(slate["labels"]) for slate in GOLDEN) > 20


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("measure", CUTOFFS)
def test_ndcg(table, measure):
    gains = ESCI.gains(table)
    for slate in GOLDEN:
        labels = ranked_labels(slate)
        ranked = np.where(labels >= 0, gains[labels], 0.0)
        ours = metrics.ndcg(ranked, gains[labels[labels >= 0]], CUTOFFS[measure])
        theirs = slate[table].get(measure, 0.0)
        if np.isnan(ours):
            assert theirs == 0  # a slate without gain: undefined here, 0 there
            assert not ranked.any()
        else:
            assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("measure", ["recip_rank", "P_10", "recall_10"])
def test_binary_measures(measure):
    for slate in GOLDEN:
        relevant = ESCI.is_relevant(ranked_labels(slate))
        ours = {
            "recip_rank": lambda r: metrics.reciprocal_rank(r),
            "P_10": lambda r: metrics.precision(r, 10),
            "recall_10": lambda r: metrics.recall(r, r.sum(), 10),
        }[measure](relevant)
        theirs = slate["binary"].get(measure, 0.0)
        assert float(np.nan_to_num(ours)) == pytest.approx(theirs, abs=1e-9)


@pytest.fixture(scope="module")
def judged_only():
    return [slate for slate in GOLDEN if UNJUDGED not in slate["labels"]]


@pytest.fixture(scope="module")
def dataset(judged_only):
    """The judged slates as one data set with a run for its signal."""
    shape = len(judged_only), max(len(slate["labels"]) for slate in judged_only)
    rows, labels = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int8)
    scores = np.full(shape, np.nan)
    for query, slate in enumerate(judged_only):
        length = len(slate["labels"])
        rows[query, :length] = np.arange(length)
        labels[query, :length] = [ESCI.code(letter) for letter in slate["labels"]]
        scores[query, :length] = slate["scores"]
    ids = np.array([f"{query:03d}" for query in range(shape[0])], dtype=object)
    counts = {"products": shape[1], "queries": shape[0], "judgements": int((rows >= 0).sum())}
    signals = {"run": ScoredSignal("run", "text", scores)}
    manifest = Manifest("golden", ESCI, counts)
    return Dataset(Path(), manifest, pd.DataFrame(), pd.DataFrame(), Judgements(ids, rows, labels), signals)


@pytest.mark.parametrize("table", TABLES)
def test_evaluating_a_padded_data_set(table, dataset, judged_only):
    report = evaluate(dataset, signal_run(dataset, "run"), table, measures=("ndcg", "ndcg@5", "rr", "precision@10"))
    for ours, (where, theirs) in {
        "ndcg": (table, "ndcg"),
        "ndcg@5": (table, "ndcg_cut_5"),
        "rr": ("binary", "recip_rank"),
        "precision@10": ("binary", "P_10"),
    }.items():
        expected = np.array([slate[where][theirs] for slate in judged_only])
        np.testing.assert_allclose(np.nan_to_num(report.per_query[ours].to_numpy()), expected, atol=1e-9)
    assert report.n_scored + report.n_undefined == len(judged_only)
    assert report.means["ndcg"] == pytest.approx(np.nanmean(report.per_query["ndcg"]))
