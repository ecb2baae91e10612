"""python -m precompute index --engine milvus, with Milvus Lite."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle import arrays
from sqid_core.bundle.files_on_disk import as_json
from sqid_core.bundle.in_milvus import collection_of, in_milvus, milvus_indexes
from sqid_core.bundle.load import load_bundle, load_index
from sqid_core.bundle.manifest import read_manifest
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError
from sqid_core.indexes.milvus_server import MilvusPlace, MilvusServer
from sqid_core.indexes.stored_vectors import StoredVectors


@pytest.fixture(scope="module")
def served(tmp_path_factory, tiny_bundle):
    """A bundle that is indexed in Milvus Lite, and where that is."""
    folder = tmp_path_factory.mktemp("served")
    bundle, uri = shutil.copytree(tiny_bundle, folder / "bundle"), str(folder / "lite.db")
    assert main(["index", str(bundle), "--engine", "milvus", "--uri", uri, "--ef", "60"]) == 0
    return bundle, uri


def test_the_bundle_says_how_and_not_where(served):
    bundle, uri = served
    dataset = load_bundle(bundle)
    specs = in_milvus(dataset.manifest)
    assert {name: (spec.kind, spec.count, spec.ef) for name, spec in specs.items()} == {
        name: ("milvus-hnsw", int(signal.present.sum()), 60) for name, signal in dataset.signals.items()
    }
    assert all(dataset.manifest.signals[name].index["measured"]["recall@10"] == 1 for name in specs)
    assert uri not in (bundle / "manifest.json").read_text()
    assert load_index(dataset, "words_text") is None
    server = MilvusServer(MilvusPlace(uri))
    assert {*milvus_indexes(dataset, server)} == {*dataset.signals}
    server.close()


def test_judged_pairs_need_no_vectors(served, tiny_bundle, monkeypatch):
    """Stored to the last bit, and the vectors of a large bundle stay on the disk."""
    monkeypatch.setattr(arrays, "_READ_UP_TO", 100)
    here, there = load_bundle(tiny_bundle), load_bundle(served[0])
    for name, signal in there.signals.items():
        assert isinstance(signal.products, StoredVectors)
        monkeypatch.setattr(StoredVectors, "_read", lambda *_: pytest.fail("vectors were read"))
        scores = signal.slate_scores(there.judgements)
        alone = [signal.query_scores(there.judgements, query) for query in range(len(there.queries))]
        monkeypatch.undo()
        monkeypatch.setattr(arrays, "_READ_UP_TO", 100)
        expected = here.signals[name].slate_scores(here.judgements)
        np.testing.assert_array_equal(scores, expected)
        np.testing.assert_array_equal(np.concatenate(alone), expected[here.judgements.mask])
        vector = signal.queries[0]
        np.testing.assert_array_equal(signal.catalogue_scores(vector), here.signals[name].catalogue_scores(vector))
        scores[:] = 0  # a caller's own
        assert signal.slate_scores(there.judgements).any()


def test_again_nothing_and_with_other_numbers_another_collection(served, tmp_path, capsys):
    bundle, uri = shutil.copytree(served[0], tmp_path / "bundle"), str(tmp_path / "other.db")
    command = ["index", str(bundle), "--engine", "milvus", "--uri", uri, "--signals", "words_text"]
    assert main([*command, "--type", "flat"]) == 0
    before = {path: path.read_bytes() for path in bundle.rglob("*.*")}
    assert main([*command, "--type", "flat"]) == 0
    assert "already" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in bundle.rglob("*.*")} == before
    old = read_manifest(bundle)
    assert main([*command, "--m", "8"]) == 0
    new = read_manifest(bundle)
    assert collection_of(old, in_milvus(old)) != collection_of(new, in_milvus(new))
    server = MilvusServer(MilvusPlace(uri))
    held = server.asked(lambda client: client.list_collections())
    server.close()
    assert held == [collection_of(new, in_milvus(new))]
    assert [*in_milvus(new)] == ["words_text"]
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert load_index(load_bundle(bundle), "words_text") is not None
    assert read_manifest(bundle).signals["words_image"].index is not None
    assert main(["verify", str(bundle)]) == 0


def test_other_judgements_drop_the_stored_scores(served, tmp_path):
    bundle = shutil.copytree(served[0], tmp_path / "bundle")
    dataset = load_bundle(bundle)
    tables = dataset.products, dataset.queries
    pairs = pd.read_parquet(bundle / "judgements.parquet")
    with BundleWriter(bundle) as writer:
        writer.write_tables(dataset.name, *tables, pairs.iloc[1:], dataset.scale)
    after = load_bundle(bundle)
    assert {*in_milvus(after.manifest)} == {*dataset.signals}
    assert not [name for name in after.manifest.files if "slates_" in name]
    assert not [*bundle.rglob("slates_*")]
    assert after.signals["words_text"].slates is None


def test_a_server_that_holds_something_else_is_a_sentence(served, tmp_path):
    dataset = load_bundle(served[0])
    server = MilvusServer(MilvusPlace(str(tmp_path / "empty.db")))
    with pytest.raises(BundleError, match="does not hold the vectors of tiny as they are now"):
        milvus_indexes(dataset, server)
    server.close()


def test_damaged_scores_are_refused(served, tmp_path):
    bundle = shutil.copytree(served[0], tmp_path / "bundle")
    dataset = load_bundle(bundle)
    name = next(file for file in dataset.manifest.files if "slates_" in file)
    with BundleWriter(bundle) as writer:
        writer.write_array(name, np.full(dataset.judgements.rows.shape, 0.5), np.float64)
    with pytest.raises(BundleError, match="is of other pairs than were judged"):
        load_bundle(bundle)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "milvus"], "--engine milvus needs --uri or SQID_MILVUS_URI"),
        (["--uri", "http://localhost:1"], "belong to --engine milvus"),
        (["--engine", "milvus", "--uri", "x"], "'x' is no address of Milvus"),
        (["--engine", "milvus", "--uri", "http://localhost:1"], "cannot be reached"),
        (["--engine", "milvus", "--uri", "a.db", "--signals", "none"], "no signal 'none' with vectors"),
    ],
)
def test_wrong_options_are_one_sentence(options, said, tiny_bundle, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SQID_MILVUS_URI", raising=False)
    before = (tiny_bundle / "manifest.json").read_bytes()
    assert main(["index", str(tiny_bundle), *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert (tiny_bundle / "manifest.json").read_bytes() == before


def test_a_bundle_without_vectors(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    assert main(["index", str(folder), "--engine", "milvus", "--uri", str(tmp_path / "a.db")]) == 2
    assert "no signals to index" in capsys.readouterr().err


def test_a_manifest_with_an_unknown_index_is_refused(served, tmp_path):
    bundle = shutil.copytree(served[0], tmp_path / "bundle")
    manifest = read_manifest(bundle)
    spec = manifest.signals["words_text"]
    odd = replace(spec, index={**spec.index, "spec": {**spec.index["spec"], "kind": "elsewhere"}})
    changed = replace(manifest, signals={**manifest.signals, "words_text": odd})
    (bundle / "manifest.json").write_text(as_json(changed.to_json()))
    with pytest.raises(BundleError, match="unknown kind 'elsewhere'"):
        load_bundle(bundle)
