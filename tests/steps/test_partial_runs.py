"""Runs that rank less than all, and runs whose scores are below 0."""

from __future__ import annotations

import json
from itertools import product as every
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evaluating import read_qrels, read_run
from places import CASES

from precompute.__main__ import main
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.cautions import of_runs
from sqid_core.evaluation.reports import dataset_curves, evaluate, fusion_run, signal_run, slate_columns
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.ranking.fusion import Fusion, columns, fuse
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.norms import NORMS
from sqid_core.ranking.ranks import order

FUSIONS = [
    Fusion(method, norm=norm)
    for method, norm in every(METHODS, NORMS)
    if norm in METHODS[method].norms and not METHODS[method].needs_one_space
]


def made(out: Path, tables: str, **runs: tuple[str, str, str]) -> Path:
    """runs: a signal's name -> modality, case, file."""
    words = [
        word for name in ("products", "queries", "judgements") for word in (f"--{name}", CASES / tables / f"{name}.csv")
    ]
    assert main(["own", *map(str, [*words, "--out", out])]) == 0
    for name, (modality, case, file) in runs.items():
        words = ["run-file", out, "--signal", name, "--modality", modality, "--run", CASES / case / file]
        assert main([*map(str, words)]) == 0
    return out


@pytest.fixture(scope="module")
def negative(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset]:
    """A reranker's log-probabilities, as they are and with 10 added."""
    folder = tmp_path_factory.mktemp("negative")
    text = {"txt": ("text", "negative_scores", "text.run")}
    found = (
        load_bundle(made(folder / name, "base", **text, rerank=("image", "negative_scores", name)))
        for name in ("rerank.run", "shifted.run")
    )
    first, second = found
    return first, second


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty products a query, the relevant one at rank 4; the other run is cut at 3."""
    runs = {name: (modality, "short_run", f"{name}.run") for name, modality in (("deep", "text"), ("cut", "image"))}
    return made(tmp_path_factory.mktemp("short") / "out", "short_run", **runs)


@pytest.mark.parametrize("fusion", FUSIONS, ids=lambda f: f"{f.method}, {f.norm}")
@pytest.mark.parametrize("missing", ["zero", "worst"])
def test_what_a_run_does_not_rank_stands_behind_what_it_ranks(negative, fusion: Fusion, missing: str) -> None:
    """All texts score the same, so that the run alone decides at any weight above 0. (A maximum may be the text's, and
    the products that the run ranks are then equals.)"""
    for dataset in negative:
        mask = dataset.judgements.mask
        unranked = ~dataset.signals["rerank"].knows(dataset.judgements) & mask
        assert unranked.any()
        for weight in (0.01, 0.3, 0.5, 0.99, 1.0):
            at = Fusion(fusion.method, weight, fusion.norm, missing)
            scores = fuse(slate_columns(dataset, at), at)
            for behind, there, own in zip(unranked, mask, scores, strict=True):
                assert (own[behind].max(initial=-np.inf) < own[there & ~behind]).all()
            if fusion.method != "max":
                assert evaluate(dataset, fusion_run(dataset, at)).means["ndcg"] == pytest.approx(1)


@pytest.mark.parametrize("fusion", [f for f in FUSIONS if f.norm != "none" or not f.rule.reads_norm], ids=str)
def test_a_shift_of_all_scores_changes_no_number(negative, fusion: Fusion) -> None:
    first, second = negative
    for weight in (0.0, 0.2, 0.5, 0.77, 1.0):
        at = Fusion(fusion.method, weight, fusion.norm)
        assert evaluate(first, fusion_run(first, at)).means == evaluate(second, fusion_run(second, at)).means
    best = [dataset_curves(dataset, fusion).mean().best for dataset in negative]
    assert (best[0].low, best[0].high, best[0].value) == pytest.approx((best[1].low, best[1].high, best[1].value))


def test_the_raw_sum_warns_where_a_zero_would_stand_above(negative, capsys) -> None:
    first, second = negative
    assert "rerank has scores below 0 on 2 queries" in evaluated(capsys, first.folder)["cautions"][-1]
    assert not [text for text in evaluated(capsys, second.folder)["cautions"] if "below 0" in text]
    assert not [t for t in evaluated(capsys, first.folder, "--fusion", "min-max")["cautions"] if "below 0" in t]


def evaluated(capsys, bundle: Path, *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["evaluate", str(bundle), "--json", *words]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_a_cut_run_is_measured_as_it_is_asked_for(short: Path, capsys) -> None:
    by_name = {line["name"]: line for line in evaluated(capsys, short)["methods"]}
    assert by_name["deep"]["ndcg"] == pytest.approx(0.4307, abs=5e-5)
    assert by_name["cut"]["ndcg"] == pytest.approx(0.2794, abs=5e-5)
    found = evaluated(capsys, short, "--unranked", "not-returned", "--measures", "recall@20,precision@5,rr")
    by_name = {line["name"]: line for line in found["methods"]}
    assert found["unranked"] == "not returned"
    assert by_name["deep"]["ndcg"] == pytest.approx(0.4307, abs=5e-5)
    assert [by_name["cut"][name] for name in ("ndcg", "recall@20", "precision@5", "rr")] == [0, 0, 0, 0]
    assert by_name["deep"]["recall@20"] == 1
    assert (by_name["cut"]["ranked"], "ranked" in by_name["deep"]) == (0.15, False)
    assert by_name["weighted 0.5"]["ranked"] == 0.15


def test_the_share_stands_beside_every_number_of_such_a_run(short: Path, capsys) -> None:
    capsys.readouterr()
    for words, rest in (([], "follows behind"), (["--unranked", "not-returned"], "has no gain")):
        assert main(["evaluate", str(short), *words]) == 0
        printed = capsys.readouterr().out
        assert "cut ranks 15.0% of the judged pairs. What it does not rank" in printed
        assert rest in printed
        lines = [line for line in printed.splitlines() if line.startswith(("cut ", "weighted", "rrf", "min-max"))]
        assert len(lines) > 5
        assert all("15.0%" in line for line in lines)
    assert list(of_runs(load_bundle(short))) == ["cut"]


def test_two_cut_runs_return_what_one_of_them_ranks(tmp_path: Path, capsys) -> None:
    both = {name: (modality, "short_run", "cut.run") for name, modality in (("a", "text"), ("b", "image"))}
    dataset = load_bundle(made(tmp_path / "out", "short_run", **both)).as_retrieval()
    for fusion in FUSIONS:
        assert evaluate(dataset, fusion_run(dataset, fusion)).means["ndcg"] == 0
        assert dataset_curves(dataset, fusion).mean().best.value == 0
    assert (
        main(["evaluate", str(tmp_path / "out"), "--unranked", "not-returned", "--run-dir", str(tmp_path / "runs")])
        == 0
    )
    run, qrels = read_run(tmp_path / "runs" / "a.run"), read_qrels(tmp_path / "runs" / "qrels.txt")
    assert {len(ranked) for ranked in run.values()} == {3}
    assert {len(judged) for judged in qrels.values()} == {20}


def test_a_run_by_its_name_or_spec_is_read_as_the_bundle_is(short: Path) -> None:
    dataset = load_bundle(short)
    for what in ("cut", Fusion(image_weight=1.0), RunSpec(fusion=Fusion(image_weight=1.0), text="deep")):
        found = [evaluate(each, run_of(each, what)).means["ndcg"] for each in (dataset, dataset.as_retrieval())]
        # A fusion returns what one of both runs ranks, and the other ranks all.
        assert found == pytest.approx([0.2794, 0.0 if what == "cut" else 0.2794], abs=5e-5)


def test_signals_with_vectors_are_read_as_before(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    reports = [evaluate(each, signal_run(each, "words_image")) for each in (dataset, dataset.as_retrieval())]
    assert reports[0].means == reports[1].means
    assert dataset.key != dataset.as_retrieval().key


@pytest.mark.parametrize("fusion", FUSIONS, ids=lambda f: f"{f.method}, {f.norm}")
@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_an_unranked_product_is_last_among_equal_texts_whatever_the_scales(fusion: Fusion, size: float) -> None:
    """The product stands first in the slate, so that it would win a tie; both runs may lack it."""
    for text in (np.full((1, 4), 25.7), np.array([[np.nan, 25.7, 25.7, 25.7]])):
        image = np.array([[np.nan, 0.3, 0.2, 0.1]]) * size
        prepared = columns(fusion, text, image, runs=(True, True))
        for weight in (0.01, 0.5, 0.99, 1.0):
            assert order(fuse(prepared, fusion, weight))[0, -1] == 0
