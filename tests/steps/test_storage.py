"""python -m precompute storage: float16 vectors, what they lose, and that every reader widens them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from precompute.steps.storage import store
from sqid_core.bundle import arrays
from sqid_core.bundle.files_on_disk import as_json
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import Manifest, read_manifest
from sqid_core.errors import BundleError, InputError
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.stored_vectors import StoredVectors


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_bundle, tmp_path / "bundle")


def test_half_the_bytes_and_what_they_lose(bundle, tiny_bundle, capsys):
    assert main(["storage", str(bundle)]) == 0
    full, half = load_bundle(tiny_bundle), load_bundle(bundle)
    for name, signal in half.signals.items():
        file = bundle / f"signals/{name}/products.npy"
        assert np.load(file).dtype == np.float16
        np.testing.assert_array_equal(signal.products, full.signals[name].products.astype(np.float16))
        assert signal.products.dtype == np.float32
        told = half.manifest.signals[name].storage
        assert told["type"] == "float16"
        measured = [float(np.nanmean(evaluate(data, run_of(data, name)).values("ndcg"))) for data in (full, half)]
        assert told["measured"]["ndcg"] == pytest.approx(measured[1], abs=1e-6)
        assert told["measured"]["ndcg loss"] == pytest.approx(measured[0] - measured[1], abs=2e-6)
        apart = np.abs(signal.slate_scores(half.judgements) - full.signals[name].slate_scores(full.judgements))
        assert told["measured"]["largest score error"] == pytest.approx(np.nanmax(apart), rel=0.1)
        assert 0 < np.nanmax(apart) < 1e-3
        assert f"{name}: float16" in capsys.readouterr().out or name != "words_text"
    assert main(["verify", str(bundle)]) == 0
    before = (bundle / "manifest.json").read_bytes()
    assert main(["storage", str(bundle)]) == 0
    assert (bundle / "manifest.json").read_bytes() == before
    assert main(["storage", str(bundle), "--type", "float32", "--signals", "words_text"]) == 0
    assert load_bundle(bundle).manifest.signals["words_text"].storage is None
    assert np.load(bundle / "signals/words_text/products.npy").dtype == np.float32


def test_a_large_file_is_read_row_by_row_to_the_same_numbers(bundle, monkeypatch):
    store(bundle, "float16")
    small = load_bundle(bundle)
    monkeypatch.setattr(arrays, "_READ_UP_TO", 100)
    large = load_bundle(bundle)
    for name, signal in large.signals.items():
        other = small.signals[name]
        assert isinstance(signal.products, StoredVectors)
        np.testing.assert_array_equal(signal.slate_scores(large.judgements), other.slate_scores(small.judgements))
        np.testing.assert_array_equal(
            signal.catalogue_scores(signal.queries[0]), other.catalogue_scores(other.queries[0])
        )
        for queries in (signal.queries[:1], signal.queries):
            found = ExactIndex(signal.products, signal.present).search(queries, 7)
            expected = ExactIndex(other.products, other.present).search(queries, 7)
            np.testing.assert_array_equal(found.rows, expected.rows)
            np.testing.assert_array_equal(found.scores, expected.scores)


def test_rows_are_taken_as_of_an_array(bundle, monkeypatch):
    store(bundle, "float16", ("words_text",))
    expected = load_bundle(bundle).signals["words_text"].products
    monkeypatch.setattr(arrays, "_READ_UP_TO", 100)
    stored = load_bundle(bundle).signals["words_text"].products
    n = len(expected)
    mask = np.arange(n) % 3 == 0
    for rows in (0, -1, np.int64(5), slice(3, 9), slice(None), slice(50, 2, -7), slice(9, 3), [4, 4, 0, -2], mask,
                 np.array([[1, 2], [n - 1, 0]]), np.array([], np.int64)):  # fmt: skip
        np.testing.assert_array_equal(stored[rows], expected[rows])
    np.testing.assert_array_equal(np.asarray(stored), expected)
    assert (len(stored), stored.shape, stored.dtype, stored.ndim) == (n, expected.shape, np.float32, 2)
    with pytest.raises(IndexError):
        stored[[n]]
    (bundle / "signals/words_text/products.npy").write_bytes(b"short")
    with pytest.raises(BundleError, match=r"cannot be read \(it is shorter than it was\)"):
        stored[5]


def test_an_index_of_the_vectors_as_they_were_goes(bundle, capsys):
    pytest.importorskip("hnswlib")
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert main(["storage", str(bundle), "--signals", "words_text"]) == 0
    assert "its index is dropped: run python -m precompute index again" in capsys.readouterr().out
    signals = load_bundle(bundle).manifest.signals
    assert signals["words_text"].index is None
    assert signals["words_image"].index is not None
    assert not (bundle / "signals/words_text/index.hnsw").exists()
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert main(["verify", str(bundle)]) == 0


def test_wrong_wishes_are_one_sentence(bundle, tmp_path, capsys):
    with pytest.raises(InputError, match="no signal 'nothing' with vectors of its own; it has: words_text"):
        store(bundle, "float16", ("nothing",))
    bare = build_tiny_bundle(tmp_path / "bare", modalities=())
    assert main(["storage", str(bare)]) == 2
    assert main(["storage", str(bundle), "--type", "int8"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ({"type": "int4", "measured": {}}, "'int4' is none"),
        ({"type": "float16", "measured": {"a": "b"}}, "Expected"),
        ({}, "Expected"),
    ],
)
def test_a_manifest_that_says_nonsense_is_refused(storage, said, bundle):
    data = json.loads((bundle / "manifest.json").read_text())
    data["signals"]["words_text"]["storage"] = storage
    with pytest.raises(ValueError, match=said):
        Manifest.from_json(data)


def test_damaged_halves_are_refused(bundle, monkeypatch):
    store(bundle, "float16")
    file = bundle / "signals/words_text/products.npy"
    halves = np.load(file)
    halves[3] *= 2
    np.save(file, halves)
    manifest = read_manifest(bundle)
    files = {**manifest.files, "signals/words_text/products.npy": sha256(file.read_bytes()).hexdigest()}
    (bundle / "manifest.json").write_text(as_json(replace(manifest, files=files).to_json()))
    for most in (arrays._READ_UP_TO, 100):
        monkeypatch.setattr(arrays, "_READ_UP_TO", most)
        with pytest.raises(BundleError, match=r"row 3 of .* has length 2, expected 1"):
            load_bundle(bundle)
