"""python -m precompute evaluate: the JSON, the table, and TREC files that pytrec_eval agrees with."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from evaluating import as_json, read_qrels, read_run
from fixtures import THREE, build_tiny_bundle
from hard_bundles import HARD, build_hard
from hypothesis import given
from hypothesis import strategies as st

from precompute.__main__ import main
from precompute.read import trec
from precompute.report.method_rows import plans
from sqid_core.analysis.checks import quick_checks
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import dataset_curves, evaluate, fusion_run, random_ndcgs, signal_run
from sqid_core.exports import trec_runs
from sqid_core.ranking.fusion import Fusion

WEIGHTS = ("0.1", "0.25", "0.5", "0.75", "0.9")
# The names of the first version, and what was added since.
FIRST_METHODS = ["random", "words_text", "words_image", "weighted 0.5", "weighted best", "weighted cross-validated"]
METHODS = [
    *("random", "random 100 seeds", "words_text", "words_image"),
    *(f"weighted {w}" for w in WEIGHTS),
    *("weighted best", "weighted cross-validated"),
    *(f"weighted ranks {w}" for w in WEIGHTS),
    "rrf 0.5",
    *("z-score best", "z-score cross-validated", "min-max best", "min-max cross-validated"),
]


def test_the_json_is_as_agreed(tiny_bundle, capsys):
    result = as_json(capsys, tiny_bundle)
    # The drawn pictures' cosines are below 0 where others are missing.
    names = "bundle gains queries judged without_gain judgements methods unranked cautions"
    assert list(result) == names.split()
    judgements = load_bundle(tiny_bundle).judgements
    assert (result["bundle"], result["gains"]) == ("tiny", "paper")
    assert (result["queries"], result["judgements"]) == (8, int(judgements.lengths.sum()))
    methods = {method["name"]: method for method in result["methods"]}
    assert list(methods) == METHODS
    assert [name for name in methods if name in FIRST_METHODS] == FIRST_METHODS
    for method in methods.values():
        assert method["n"] == {"ndcg": 8}
        more = {"n", "image_weight", "in_sample", "repeats", "repeats_sd", "validation"}
        assert {"name", "ndcg", "ci95"} <= set(method) <= {"name", "ndcg", "ci95"} | more
        assert ("repeats" in method) == method["name"].endswith("cross-validated")
        low, high = method["ci95"]
        assert low <= method["ndcg"] <= high
    assert methods["weighted 0.5"]["image_weight"] == 0.5
    assert [name for name in METHODS if methods[name].get("in_sample")] == [m for m in METHODS if m.endswith("best")]
    kinds = {name: method.get("validation") for name, method in methods.items()}
    assert (kinds["random"], kinds["words_text"], kinds["weighted 0.5"]) == (None, "fixed", "fixed")
    assert (kinds["weighted best"], kinds["weighted cross-validated"]) == ("in-sample", "cross-validated")
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
    assert [m["name"] for m in as_json(capsys, one)["methods"]] == ["random", "random 100 seeds", "words_text"]
    none = build_tiny_bundle(tmp_path / "none", modalities=())
    assert [m["name"] for m in as_json(capsys, none)["methods"]] == ["random", "random 100 seeds"]
    assert main(["evaluate", str(none)]) == 0
    assert "python -m precompute encode" in capsys.readouterr().out


@pytest.mark.parametrize("gains", ["paper", "esci-script"])
def test_pytrec_eval_agrees_on_every_run_file(gains, tiny_bundle, tmp_path, capsys):
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec_eval is a development tool")
    result = as_json(capsys, tiny_bundle, "--gains", gains, "--run-dir", tmp_path / "runs")
    qrels = read_qrels(tmp_path / "runs" / "qrels.txt")
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg"})
    ranked = [method for method in result["methods"] if not method["name"].startswith("random")]
    assert sorted(p.stem for p in (tmp_path / "runs").glob("*.run")) == sorted(
        trec_runs.safe_name(m["name"]) for m in ranked
    )
    for method in ranked:
        run = read_run(tmp_path / "runs" / f"{trec_runs.safe_name(method['name'])}.run")
        scores = [values["ndcg"] for values in evaluator.evaluate(run).values()]
        # A cross-validation is repeated; its file holds the first repeat.
        assert np.mean(scores) == pytest.approx(method.get("repeats", [method["ndcg"]])[0], abs=1e-9)
        assert np.mean(method.get("repeats", method["ndcg"])) == pytest.approx(method["ndcg"], abs=1e-12)


def test_permuting_the_judgements_changes_no_number(tiny_bundle, tmp_path, capsys):
    other = shutil.copytree(tiny_bundle, tmp_path / "other")
    tables = [pd.read_parquet(other / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    shuffled = [table.sample(frac=1, random_state=5) for table in tables]
    dataset = load_bundle(other)
    with BundleWriter(other) as writer:
        writer.write_tables("tiny", *shuffled, dataset.scale, dataset.manifest.about)
    assert as_json(capsys, other) == as_json(capsys, tiny_bundle)


def test_a_scale_of_three_grades(tmp_path, capsys):
    tiny = build_tiny_bundle(tmp_path / "tiny")
    tables = [pd.read_parquet(tiny / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    tables[2]["label"] = tables[2]["label"].map({"E": "G", "S": "Fair", "C": "b", "I": "B"})
    with BundleWriter(tmp_path / "three") as writer:
        writer.write_tables("three", *tables, THREE)
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
    assert "1 judged query without a gain left out" in capsys.readouterr().out
    report = evaluate(load_bundle(tiny), signal_run(load_bundle(tiny), "words_text"))
    figures = {method["name"]: method["ndcg"] for method in as_json(capsys, tiny)["methods"]}
    assert figures["words_text"] == report.means["ndcg"]


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
    assert trec_runs.safe_name("weighted 0.5") == "weighted-0.5"
    assert trec_runs.safe_name("../../etc/passwd") == "etc-passwd"
    assert trec_runs.safe_name("…") == "run"
    assert trec_runs.trec_word("a b\tc") == "a%20b%09c"


def test_each_method_is_the_fusion_that_its_name_says(tiny_bundle, capsys):
    dataset = load_bundle(tiny_bundle)
    figures = {method["name"]: method["ndcg"] for method in as_json(capsys, tiny_bundle)["methods"]}
    for name, fusion in {
        "weighted 0.1": Fusion(image_weight=0.1),
        "weighted ranks 0.75": Fusion("weighted ranks", 0.75),
        "rrf 0.5": Fusion("rrf", 0.5),
    }.items():
        assert figures[name] == pytest.approx(evaluate(dataset, fusion_run(dataset, fusion)).means["ndcg"], abs=1e-12)
    for name, norm in (("weighted", "none"), ("z-score", "z-score"), ("min-max", "min-max")):
        best = dataset_curves(dataset, Fusion(norm=norm)).mean().best
        assert figures[f"{name} best"] == pytest.approx(best.value, abs=1e-12)


def test_fusions_by_name(tiny_bundle, capsys):
    def fusions(words):
        return [m["name"] for m in as_json(capsys, tiny_bundle, "--fusion", words)["methods"]][4:]

    assert fusions("none") == []
    assert fusions("rrf, embedding-average") == [
        "rrf 0.5",
        "embedding average best",
        "embedding average cross-validated",
    ]
    assert len(fusions(",".join(name.replace(" ", "-") for name in plans()))) == sum(p.lines for p in plans().values())
    assert main(["evaluate", str(tiny_bundle), "--fusion", "rff"]) == 2
    assert "unknown fusion 'rff'; choose from: weighted, weighted-ranks, rrf" in capsys.readouterr().err


def with_another_text(folder):
    """The tiny bundle with a second text signal: the first one's vectors moved by a row, so worse."""
    build_tiny_bundle(folder)
    first = load_bundle(folder).signals["words_text"]
    with BundleWriter(folder) as writer:
        shifted = np.ascontiguousarray(np.roll(first.products, 1, axis=0))
        writer.write_signal("other_text", "text", "words", shifted, np.ones(len(shifted), bool))
    return folder


def test_the_fused_signals_can_be_chosen(tmp_path, capsys):
    bundle = with_another_text(tmp_path / "two")
    first, named, other = (
        {m["name"]: m["ndcg"] for m in as_json(capsys, bundle, *words)["methods"]}
        for words in ([], ["--text", "words_text", "--image", "words_image"], ["--text", "other_text"])
    )
    assert first == named
    assert other["weighted 0.5"] < first["weighted 0.5"]
    assert {name: other[name] for name in ("words_text", "other_text", "words_image")}.items() <= first.items()
    for words in (["--text", "words_image"], ["--image", "nothing"]):
        assert main(["evaluate", str(bundle), *words]) == 2
        assert f"has no {words[0][2:]} signal {words[1]!r}; it has: words_" in capsys.readouterr().err


def test_random_orders_lie_around_the_closed_form(tiny_bundle, capsys):
    methods = {m["name"]: m for m in as_json(capsys, tiny_bundle, "--fusion", "none")["methods"]}
    values = random_ndcgs(load_bundle(tiny_bundle), 2000)
    standard_error = values.mean(axis=1).std() / np.sqrt(len(values))
    assert values.mean() == pytest.approx(methods["random"]["ndcg"], abs=4 * standard_error)
    low, high = methods["random 100 seeds"]["ci95"]
    assert low < methods["random"]["ndcg"] < high
    assert methods["random 100 seeds"]["ndcg"] == pytest.approx(values[:100].mean())


def test_counts_are_of_judged_queries_and_every_mean_has_its_own(tmp_path, capsys):
    """Six queries, three of them judged, one of which has nothing relevant."""
    folder = build_hard("queries that nobody judged", tmp_path / "bundle")
    result = as_json(capsys, folder, "--measures", "recall@10,rr")
    dataset = load_bundle(folder)
    judged = dataset.judgements.lengths > 0
    gains = dataset.judgements.gains(dataset.scale.gains()).any(axis=1)
    relevant = dataset.scale.is_relevant(dataset.judgements.labels).any(axis=1)
    assert (result["queries"], result["judged"]) == (6, int(judged.sum())) == (6, 3)
    assert result["without_gain"] == int((judged & ~gains).sum())
    for method in result["methods"]:
        if not method["name"].startswith("random"):
            assert method["n"] == {"ndcg": int(gains.sum()), "recall@10": int(relevant.sum()), "rr": int(judged.sum())}
    assert main(["evaluate", str(folder)]) == 0
    assert "6 queries, 3 of them judged, 24 judgements" in capsys.readouterr().out
    said = next(check for check in quick_checks(dataset) if check.name == "Judgements")
    assert said.text == "8.0 judged products a judged query; 3 queries are not judged."
    assert said.state == "good"
    assert main(["verify", str(folder)]) == 0
    told = next(line for line in capsys.readouterr().out.splitlines() if " judgements " in line)
    assert told.startswith("ok")
    assert told.endswith("; 3 queries are not judged")


def test_a_query_without_gain_is_told_apart_from_one_without_judgements(tmp_path, capsys):
    hard = replace(HARD["queries that nobody judged"], labels=lambda _, query, count: np.full(count, 3 * (query < 4)))
    dataset = load_bundle(build_hard(hard, tmp_path / "bundle"))
    assert main(["verify", str(dataset.folder)]) == 0
    told = next(line for line in capsys.readouterr().out.splitlines() if " judgements " in line)
    assert "24 for 3 queries" in told
    assert told.endswith("; 2 judged queries have no gain, so no NDCG; 3 queries are not judged")
    assert as_json(capsys, dataset.folder)["without_gain"] == 2
    said = next(check for check in quick_checks(dataset) if check.name == "Judgements")
    assert "2 judged queries have no gain, so no NDCG" in said.text
    assert said.state == "look"
