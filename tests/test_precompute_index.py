"""python -m precompute index: HNSW for every signal, with its measured recall."""

from __future__ import annotations

import shutil

import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle import load_bundle, load_index

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
        assert measured == {"recall@10": 1.0, "queries": 8}
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
    monkeypatch.setattr("precompute.index.hnswlib_installed", lambda: False)
    assert main(["index", str(bundle)]) == 2
    assert "searches exactly" in capsys.readouterr().err
    assert (bundle / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("wrong", [["--m", "1"], ["--ef", "0"], ["--ef-construction", "0"], ["--threads", "0"]])
def test_wrong_numbers(wrong, bundle, capsys):
    assert main(["index", str(bundle), *wrong]) == 2
    assert f"{wrong[0]} must be at least" in capsys.readouterr().err


def test_a_bundle_without_signals(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    assert main(["index", str(folder)]) == 2
    assert "python -m precompute encode" in capsys.readouterr().err
