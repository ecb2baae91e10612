"""python -m precompute index: HNSW for every signal, with its measured recall."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from drawn_slates import slow_dcg
from fixtures import build_tiny_bundle
from places import ROOT

from precompute.__main__ import main
from precompute.steps.index import described, measure
from sqid_core.bundle.load import load_bundle, load_index
from sqid_core.bundle.manifest import read_manifest
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.indexes.hnsw import HnswIndex

pytest.importorskip("hnswlib", reason="hnswlib is not installed: searches are exact")


@pytest.fixture
def bundle(tiny_bundle, tmp_path):
    return shutil.copytree(tiny_bundle, tmp_path / "bundle")


def test_every_signal_gets_an_index_and_its_recall(bundle, capsys):
    assert main(["index", str(bundle), "--m", "8", "--ef", "40", "--threads", "1"]) == 0
    dataset = load_bundle(bundle)
    for name, signal in dataset.signals.items():
        index = load_index(dataset, name)
        assert index is not None
        assert (len(index), index.spec.m, index.spec.ef) == (signal.present.sum(), 8, 40)
        measured = dataset.manifest.signals[name].index["measured"]
        assert [measured[key] for key in ("recall@10", "recall@100", "ndcg loss@10", "queries")] == [1.0, 1.0, 0.0, 8]
        assert f"{name}: {len(index)} vectors, recall@10 1.0000" in capsys.readouterr().out or name != "words_text"


def test_the_same_numbers_again_change_nothing(bundle, capsys):
    main(["index", str(bundle), "--threads", "1"])
    before = {p: p.read_bytes() for p in bundle.rglob("*.*")}
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert "already" in capsys.readouterr().out
    assert {p: p.read_bytes() for p in bundle.rglob("*.*")} == before
    assert main(["index", str(bundle), "--threads", "1", "--ef", "99"]) == 0
    assert load_bundle(bundle).manifest.signals["words_text"].index["spec"]["ef"] == 99


def test_without_hnswlib_there_is_a_sentence_and_the_bundle_stays(bundle, monkeypatch, capsys):
    before = (bundle / "manifest.json").read_bytes()
    monkeypatch.setattr("precompute.steps.index.hnswlib_installed", lambda: False)
    assert main(["index", str(bundle)]) == 2
    assert "searches exactly" in capsys.readouterr().err
    assert (bundle / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    "wrong",
    [
        ["--m", "1"],
        ["--m", "10001"],
        ["--ef", "0"],
        ["--ef-construction", "0"],
        ["--threads", "0"],
        ["--queries", "-1"],
    ],
)
def test_wrong_numbers(wrong, bundle, capsys):
    assert main(["index", str(bundle), *wrong]) == 2
    assert f"{wrong[0]} must be " in capsys.readouterr().err


def test_a_bundle_without_signals(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    assert main(["index", str(folder)]) == 2
    assert "python -m precompute encode" in capsys.readouterr().err


def test_the_loss_in_ndcg_is_that_of_the_rankings(bundle):
    assert main(["index", str(bundle), "--threads", "1", "--queries", "5"]) == 0
    dataset = load_bundle(bundle)
    signal = dataset.signals["words_text"]
    measured = dataset.manifest.signals["words_text"].index["measured"]
    expected = []
    for query in (0, 1, 3, 5, 7):
        first = np.argsort(-(signal.products @ signal.queries[query]), kind="stable")[:10]
        slate = dict(zip(dataset.judgements.rows[query], dataset.judgements.labels[query], strict=True))
        table = dict(enumerate(dataset.scale.gains())) | {-1: 0.0}
        ranked = [table[slate.get(row, -1)] for row in first]
        expected.append(slow_dcg(ranked, 10) / slow_dcg(sorted(map(table.get, slate.values()), reverse=True), 10))
    assert measured["ndcg@10"] == pytest.approx(np.mean(expected), abs=1e-6)
    assert measured["queries"] == 5


def test_a_worse_index_has_a_loss():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((3000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    signal = DenseSignal("s", "text", "e", vectors, np.ones(3000, bool), vectors[:50])
    poor = measure(HnswIndex.build(vectors, signal.present, 4, 10, 10, threads=1), signal)
    good = measure(HnswIndex.build(vectors, signal.present, 16, 200, 3000, threads=1), signal)
    assert good == {"recall@10": 1.0, "recall@100": 1.0, "queries": 50}
    assert poor["recall@10"] < 0.95
    assert poor["recall@100"] < 0.95


def test_an_older_measurement_is_made_again(bundle, capsys):
    main(["index", str(bundle), "--threads", "1"])
    whole = (bundle / "manifest.json").read_bytes()
    manifest = read_manifest(bundle)
    spec = manifest.signals["words_text"]
    older = replace(spec, index={**spec.index, "measured": {"recall@10": 1.0, "queries": 8}})
    older_manifest = replace(manifest, signals={**manifest.signals, "words_text": older})
    (bundle / "manifest.json").write_text(json.dumps(older_manifest.to_json()))
    assert main(["verify", str(bundle)]) == 0
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert (bundle / "manifest.json").read_bytes() == whole


def test_an_interruption_keeps_the_finished_index(bundle, monkeypatch):
    whole = shutil.copytree(bundle, bundle.with_name("whole"))
    assert main(["index", str(whole), "--threads", "1"]) == 0
    build, built = HnswIndex.build, []

    def interrupted(*args):
        if built:
            raise KeyboardInterrupt
        built.append(1)
        return build(*args)

    with monkeypatch.context() as patch:
        patch.setattr(HnswIndex, "build", interrupted)
        assert main(["index", str(bundle), "--threads", "1"]) == 130
    signals = read_manifest(bundle).signals
    assert [spec.index is not None for spec in signals.values()] == [True, False]
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert read_manifest(bundle) == read_manifest(whole)


def test_verify_notices_a_lower_recall(bundle, capsys, monkeypatch):
    main(["index", str(bundle), "--threads", "1"])
    said = dict(read_manifest(bundle).signals["words_text"].index["measured"])
    for found, words in (
        (0.9, "words_text has recall@100 0.9"),
        (0.4, "words_text misses most of what exact search finds"),
    ):
        monkeypatch.setattr(
            "precompute.steps.verify_indexes.measure", lambda *_, found=found: {**said, "recall@100": found}
        )
        assert main(["verify", str(bundle)]) == 1
        assert words in capsys.readouterr().out


def test_a_poor_index_is_told_to_be_poor():
    measured = {"recall@10": 0.95, "recall@100": 0.8, "queries": 8}
    assert described(measured).endswith("it misses much of what exact search finds: raise --ef or --m, or do without")
    assert "misses" not in described(measured | {"recall@100": 0.95})


def test_verify_notices_another_ndcg(bundle, capsys):
    main(["index", str(bundle), "--threads", "1"])
    for key, value in (("ndcg loss@100", 0.9), ("ndcg@10", 0.1)):
        manifest = read_manifest(bundle)
        spec = manifest.signals["words_text"]
        wrong = replace(spec, index={**spec.index, "measured": {**spec.index["measured"], key: value}})
        changed = replace(manifest, signals={**manifest.signals, "words_text": wrong})
        (bundle / "manifest.json").write_text(json.dumps(changed.to_json()))
        assert main(["verify", str(bundle)]) == 1
        assert f"words_text has {key}" in capsys.readouterr().out
        (bundle / "manifest.json").write_text(json.dumps(manifest.to_json()))


@pytest.mark.parametrize("change", ["a judgement less", "other gains"])
def test_other_judgements_make_what_was_measured_stale(bundle, capsys, change):
    """The index stays, as no vector has changed; its loss in NDCG is measured again without building it again."""
    main(["index", str(bundle), "--threads", "1"])
    before, graph = read_manifest(bundle), (bundle / "signals/words_text/index.hnsw").read_bytes()
    products, queries, pairs = (pd.read_parquet(bundle / f"{n}.parquet") for n in ("products", "queries", "judgements"))
    scale = before.label_scale
    if change == "other gains":
        scale = replace(scale, gain_tables=(("halves", (1.0, 0.5, 0.25, 0.0)),))
    else:
        pairs = pairs[~pairs["query_id"].eq(pairs["query_id"].iloc[0]) | pairs["label"].eq("E")]
    with BundleWriter(bundle) as writer:
        writer.write_tables("tiny", products, queries, pairs, scale)
    assert [spec.index["measured"] for spec in read_manifest(bundle).signals.values()] == [{}, {}]
    assert main(["verify", str(bundle)]) == 0
    capsys.readouterr()
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert "words_text: indexed already, measured again: recall@10" in capsys.readouterr().out
    dataset = load_bundle(bundle)
    measured = dataset.manifest.signals["words_text"].index["measured"]
    assert measured == measure(load_index(dataset, "words_text"), dataset.signals["words_text"], dataset)
    assert (bundle / "signals/words_text/index.hnsw").read_bytes() == graph
    assert main(["verify", str(bundle)]) == 0


def equal_titles(out, titles):
    """A bundle of these titles, encoded by the demo's own model; a query for each of six kinds of things."""
    kinds = ["mug", "dress", "lamp", "chair", "shirt", "backpack"]
    tables = {
        "products": pd.DataFrame({"product_id": [f"P{i:05d}" for i in range(len(titles))], "title": titles}),
        "queries": pd.DataFrame({"query_id": kinds, "query": [f"red {kind}" for kind in kinds]}),
        "judgements": pd.DataFrame({"query_id": kinds, "product_id": "P00000", "label": "Exact"}),
    }
    words = ["own", "--out", str(out)]
    for name, frame in tables.items():
        frame.to_csv(out.parent / f"{name}.csv", index=False)
        words += [f"--{name}", str(out.parent / f"{name}.csv")]
    assert main(words) == 0
    model = str(ROOT / "precompute" / "demo" / "model")
    assert main(["encode", str(out), "--signal", "clip_text", "--modality", "text", "--model", model]) == 0
    assert main(["index", str(out)]) == 0
    return load_bundle(out).manifest.signals["clip_text"].index["measured"]


def test_copies_of_titles_are_found_whichever_they_are(tmp_path):
    """The case `equal_scores`, smaller: at its size recall is 1 too, and was .83."""
    colours, kinds = ("red", "blue", "green", "black", "white"), ("mug", "dress", "lamp", "chair", "shirt", "backpack")
    titles = [f"{colour} {kind}" for colour in colours for kind in kinds]
    measured = equal_titles(tmp_path / "out", titles * 12)
    assert (measured["recall@10"], measured["recall@100"]) == (1.0, 1.0)
    assert main(["verify", str(tmp_path / "out")]) == 0
