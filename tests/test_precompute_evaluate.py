"""python -m precompute evaluate: the JSON, the table, and TREC files that pytrec_eval agrees with."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from fixtures import build_tiny_bundle
from hypothesis import given
from hypothesis import strategies as st

from precompute import trec
from precompute.__main__ import main
from sqid_core.bundle import load_bundle
from sqid_core.bundle_writer import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation import evaluate, signal_run
from sqid_core.labels import LabelScale

METHODS = ["random", "words_text", "words_image", "weighted 0.5", "weighted best", "weighted cross-validated"]


def as_json(capsys, *words):
    assert main(["evaluate", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_json_is_as_agreed(tiny_bundle, capsys):
    result = as_json(capsys, tiny_bundle)
    assert list(result) == ["bundle", "gains", "queries", "judgements", "methods"]
    judgements = load_bundle(tiny_bundle).judgements
    assert (result["bundle"], result["gains"]) == ("tiny", "paper")
    assert (result["queries"], result["judgements"]) == (8, int(judgements.lengths.sum()))
    methods = {method["name"]: method for method in result["methods"]}
    assert list(methods) == METHODS
    for method in methods.values():
        assert {"name", "ndcg", "ci95"} <= set(method) <= {"name", "ndcg", "ci95", "image_weight", "in_sample"}
        low, high = method["ci95"]
        assert low <= method["ndcg"] <= high
    assert methods["weighted 0.5"]["image_weight"] == 0.5
    assert [name for name in METHODS if methods[name].get("in_sample")] == ["weighted best"]
    best = methods["weighted best"]["ndcg"]
    assert best >= max(methods[name]["ndcg"] for name in ("weighted 0.5", "weighted cross-validated"))


def test_gains_by_name(tiny_bundle, capsys):
    paper, swapped = (as_json(capsys, tiny_bundle, "--gains", name) for name in ("paper", "esci-script"))
    assert swapped["gains"] == "esci-script"
    assert swapped["methods"][0]["ndcg"] != paper["methods"][0]["ndcg"]
    assert main(["evaluate", str(tiny_bundle), "--gains", "nonsense"]) == 2
    assert "choose one of: paper, esci-script" in capsys.readouterr().err


def test_the_table_says_the_same(tiny_bundle, capsys):
    result = as_json(capsys, tiny_bundle)
    assert main(["evaluate", str(tiny_bundle)]) == 0
    table = capsys.readouterr().out
    for method in result["methods"]:
        assert f"{method['name']:<26}{method['ndcg']:>8.4f}" in table
    assert "chosen on these queries" in table


def test_one_signal_and_none(tmp_path, capsys):
    one = build_tiny_bundle(tmp_path / "one", modalities=("text",))
    assert [m["name"] for m in as_json(capsys, one)["methods"]] == ["random", "words_text"]
    none = build_tiny_bundle(tmp_path / "none", modalities=())
    assert [m["name"] for m in as_json(capsys, none)["methods"]] == ["random"]
    assert main(["evaluate", str(none)]) == 0
    assert "python -m precompute encode" in capsys.readouterr().out


def read_run(path):
    run: dict[str, dict[str, int]] = {}
    for line in path.read_text().splitlines():
        query, q0, product, rank, score, tag = line.split(" ")
        assert (q0, tag) == ("Q0", path.stem)
        assert int(rank) == len(run.setdefault(query, {})) + 1
        run[query][product] = int(score)
    return run


def read_qrels(path):
    qrels: dict[str, dict[str, int]] = {}
    for query, _, product, gain in (line.split(" ") for line in path.read_text().splitlines()):
        qrels.setdefault(query, {})[product] = int(gain)
    return qrels


@pytest.mark.parametrize("gains", ["paper", "esci-script"])
def test_pytrec_eval_agrees_on_every_run_file(gains, tiny_bundle, tmp_path, capsys):
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec_eval is a development tool")
    result = as_json(capsys, tiny_bundle, "--gains", gains, "--run-dir", tmp_path / "runs")
    qrels = read_qrels(tmp_path / "runs" / "qrels.txt")
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg"})
    ranked = [method for method in result["methods"] if method["name"] != "random"]
    assert sorted(p.stem for p in (tmp_path / "runs").glob("*.run")) == sorted(
        trec.safe_name(m["name"]) for m in ranked
    )
    for method in ranked:
        run = read_run(tmp_path / "runs" / f"{trec.safe_name(method['name'])}.run")
        scores = [values["ndcg"] for values in evaluator.evaluate(run).values()]
        assert np.mean(scores) == pytest.approx(method["ndcg"], abs=1e-9)


def test_permuting_the_judgements_changes_no_number(tiny_bundle, tmp_path, capsys):
    other = shutil.copytree(tiny_bundle, tmp_path / "other")
    tables = [pd.read_parquet(other / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    shuffled = [table.sample(frac=1, random_state=5) for table in tables]
    dataset = load_bundle(other)
    with BundleWriter(other) as writer:
        writer.write_tables("tiny", *shuffled, dataset.scale, dataset.manifest.about)
    assert as_json(capsys, other) == as_json(capsys, tiny_bundle)


def test_a_scale_of_three_grades(tmp_path, capsys):
    scale = LabelScale(("Good", "Fair", "Bad"), ("G", "F", "B"), ("#000", "#111", "#222"), (("own", (1.0, 0.5, 0.0)),))
    tiny = build_tiny_bundle(tmp_path / "tiny")
    tables = [pd.read_parquet(tiny / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    tables[2]["label"] = tables[2]["label"].map({"E": "G", "S": "Fair", "C": "b", "I": "B"})
    with BundleWriter(tmp_path / "three") as writer:
        writer.write_tables("three", *tables, scale)
    result = as_json(capsys, tmp_path / "three", "--run-dir", tmp_path / "runs")
    assert result["gains"] == "own"
    qrels = read_qrels(tmp_path / "runs" / "qrels.txt")
    assert {gain for slate in qrels.values() for gain in slate.values()} == {2, 1, 0}


def test_a_query_without_gain_is_left_out_and_counted(tmp_path, capsys):
    tiny = build_tiny_bundle(tmp_path / "tiny")
    tables = [pd.read_parquet(tiny / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    tables[2].loc[tables[2]["query_id"] == "03", "label"] = "I"
    dataset = load_bundle(tiny)
    with BundleWriter(tiny) as writer:
        writer.write_tables("tiny", *tables, dataset.scale, dataset.manifest.about)
    assert main(["evaluate", str(tiny)]) == 0
    assert "1 queries without a gain are left out" in capsys.readouterr().out
    report = evaluate(load_bundle(tiny), signal_run(load_bundle(tiny), "words_text"))
    assert as_json(capsys, tiny)["methods"][1]["ndcg"] == report.means["ndcg"]


def test_undefined_figures_are_null(tmp_path, capsys):
    tiny = build_tiny_bundle(tmp_path / "tiny")
    tables = [pd.read_parquet(tiny / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    dataset = load_bundle(tiny)
    with BundleWriter(tiny) as writer:
        writer.write_tables("tiny", *tables[:2], tables[2].assign(label="I"), dataset.scale)
    result = as_json(capsys, tiny)
    assert [(m["ndcg"], m["ci95"]) for m in result["methods"]] == [(None, [None, None])] * len(METHODS)


@pytest.mark.parametrize(
    ("gains", "whole"),
    [
        ((1.0, 0.1, 0.01, 0.0), [100, 10, 1, 0]),
        ((1.0, 0.01, 0.1, 0.0), [100, 1, 10, 0]),
        ((3.0, 2.0, 0.0), [3, 2, 0]),
        ((1.0, 0.5), [2, 1]),
        ((2.0, 0.0), [1, 0]),
    ],
)
def test_integer_gains(gains, whole):
    assert trec.integer_gains(gains) == whole


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any), st.sampled_from([1, 2, 4, 5, 10, 100]))
def test_integer_gains_keep_their_proportions(numerators, denominator):
    gains = [number / denominator for number in numerators]
    whole = trec.integer_gains(gains)
    np.testing.assert_allclose(np.array(whole) * sum(gains), np.array(gains) * sum(whole))


def test_gains_without_small_proportions():
    with pytest.raises(InputError, match="no small whole-number proportions"):
        trec.integer_gains((1.0, 1 / 3))


def test_file_names_and_words_are_safe():
    assert trec.safe_name("weighted 0.5") == "weighted-0.5"
    assert trec.safe_name("../../etc/passwd") == "etc-passwd"
    assert trec.safe_name("…") == "run"
    assert trec._word("a b\tc") == "a%20b%09c"
