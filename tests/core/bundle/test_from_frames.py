"""Frames without a folder: the numbers of a bundle of the same, whatever form the judgements and runs come in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sqid_core import Fusion, InputError, compare, dataset_curves, dataset_of, evaluate, load_bundle, run_of

QRELS = {"q1": {"a": 2, "b": 0, "c": 1}, "q2": {"a": 0, "d": 1}}
RUN = {"q1": {"a": 0.1, "b": 0.9, "c": 0.5, "z": 1.0}, "q2": {"d": 0.2}}


def test_the_numbers_are_those_of_the_bundle(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    pairs = pd.read_parquet(tiny_bundle / "judgements.parquet")
    judged = bundle.judgements
    rows = judged.rows[judged.mask]
    queries = np.repeat(judged.query_ids, judged.lengths)
    ids = bundle.products["product_id"].to_numpy()[rows]
    runs = {
        name: pd.DataFrame(
            {"query_id": queries, "product_id": ids, "score": signal.slate_scores(judged)[judged.mask]}
        ).dropna()
        for name, signal in bundle.signals.items()
    }
    found = dataset_of(
        pairs,
        runs,
        products=bundle.products.sample(frac=1, random_state=0),
        queries=bundle.queries,
        images=("words_image",),
    )
    assert found.scale.names == bundle.scale.names
    for what in ("words_text", "words_image"):
        theirs = evaluate(bundle, run_of(bundle, what)).values("ndcg")
        assert np.array_equal(evaluate(found, run_of(found, what)).values("ndcg"), theirs)
    assert dataset_curves(found, Fusion()).mean().n == 8
    text, fused = (evaluate(found, run_of(found, what)) for what in ("words_text", Fusion(norm="z-score")))
    assert compare(text, fused).outcomes.n == 8


def test_dicts_frames_and_ranx_are_the_same() -> None:
    ranx = pytest.importorskip("ranx")
    frames = [
        pd.DataFrame([(q, p, v) for q, each in table.items() for p, v in each.items()], columns=names)
        for table, names in ((QRELS, ["query_id", "product_id", "label"]), (RUN, ["query_id", "product_id", "score"]))
    ]
    sets = [
        dataset_of(QRELS, {"mine": RUN}),
        dataset_of(frames[0], {"mine": frames[1]}),
        dataset_of(ranx.Qrels(QRELS), {"mine": ranx.Run(RUN)}),
    ]
    assert len({each.fingerprint for each in sets}) == 1
    values = [evaluate(each, run_of(each, "mine")).values("ndcg").tolist() for each in sets]
    assert values[0] == values[1] == values[2]
    other = dataset_of(QRELS, {"mine": {**RUN, "q2": {"d": 0.2, "a": 0.3}}})
    assert other.fingerprint != sets[0].fingerprint


def test_gains_name_what_labels_are_worth() -> None:
    found = dataset_of(QRELS, {}, gains={"2": 1.0, "1": 0.4, "0": 0.0})
    assert found.scale.gains().tolist() == [1.0, 0.4, 0.0]
    assert dataset_of({"q": {"a": "Exact", "b": "I"}}, {}).scale.names[0] == "Exact"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: dataset_of([1], {}), "the judgements must be a frame, a dict or ranx's, got list"),
        (lambda: dataset_of({"q": 1}, {}), "the judgements must hold an object of products for each query"),
        (lambda: dataset_of(QRELS, {"r": pd.DataFrame({"query_id": []})}), "the run r lack the column 'product_id'"),
        (lambda: dataset_of(QRELS, {}, images=("x",)), "images names 'x', which is no run"),
        (lambda: dataset_of({"q": {"a": "fine"}}, {}), "unknown label 'fine'"),
        (lambda: dataset_of(QRELS, {}, queries=pd.DataFrame({"query_id": ["q1"], "query": ["x"]})), "q2"),
        (lambda: dataset_of(QRELS, {"r": {"q1": {"a": float("inf")}}}), "infinite score"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(make, expected) -> None:
    with pytest.raises(InputError, match=expected):
        make()
