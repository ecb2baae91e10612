"""python -m precompute index on a GPU: what builds the graph, what is said, and that hnswlib reads it everywhere.

The GPU is a stand-in (`cuvs_stand_in`), but for the one test of cuVS itself, which `.ci/gpu` runs where there is one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
import torch
from cuvs_stand_in import FAULTS, install_cuvs, write_cuvs
from fixtures import DIM, ENCODER
from places import ROOT

from precompute.__main__ import main
from precompute.steps.index_graph import ENOUGH, LEAST_VECTORS, MOST_EF
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import load_bundle, load_index
from sqid_core.bundle.write import BundleWriter
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex
from sqid_core.indexes.protocol import recall

hnswlib = pytest.importorskip("hnswlib", reason="hnswlib is not installed")
COUNT, QUERIES = LEAST_VECTORS + 900, 60


def drawn_rows(rng, count):
    rows = rng.standard_normal((count, DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A bundle with enough vectors for a GPU; the picture of every fourth product is missing."""
    folder, rng = tmp_path_factory.mktemp("large") / "bundle", np.random.default_rng(0)
    products = pd.DataFrame({"product_id": [f"P{i:05d}" for i in range(COUNT)], "title": "thing"})
    queries = pd.DataFrame({"query_id": [f"{i:03d}" for i in range(QUERIES)], "query": "thing"})
    judgements = queries[["query_id"]].assign(product_id=products["product_id"][:QUERIES], label="E")
    with BundleWriter(folder) as writer:
        writer.write_tables("large", products, queries, judgements, ESCI)
        writer.write_encoder(ENCODER, drawn_rows(rng, QUERIES))
        for modality, present in (("text", np.ones(COUNT, bool)), ("image", np.arange(COUNT) % 4 > 0)):
            vectors = drawn_rows(rng, COUNT) * present[:, None]
            writer.write_signal(f"words_{modality}", modality, ENCODER.name, vectors, present)
    return folder


@pytest.fixture
def bundle(large, tmp_path):
    return shutil.copytree(large, tmp_path / "bundle")


@pytest.fixture
def gpu(monkeypatch, tmp_path):
    """Puts a stand-in with a fault, or none, where cuvs would be."""
    return lambda fault="": install_cuvs(monkeypatch, tmp_path / "site", fault)


def recall_at_100(dataset, name):
    signal = dataset.signals[name]
    exact = ExactIndex(signal.products, signal.present).search(signal.queries, 100)
    return recall(load_index(dataset, name).search(signal.queries, 100), exact)


def test_a_gpus_graph_finds_what_the_processors_does(bundle, gpu, capsys):
    processor = shutil.copytree(bundle, bundle.with_name("processor"))
    assert main(["index", str(processor), "--device", "cpu"]) == 0
    assert capsys.readouterr().out.count("on the CPU (as asked)") == 2
    gpu()
    assert main(["index", str(bundle)]) == 0
    said = capsys.readouterr().out
    assert said.count("on the GPU by cuvs") == 2
    assert main(["verify", str(bundle)]) == 0
    built, by_hnswlib = load_bundle(bundle), load_bundle(processor)
    for name in built.signals:
        assert recall_at_100(built, name) >= max(recall_at_100(by_hnswlib, name) - 0.005, ENOUGH)
        assert load_index(built, name).spec.by == "cuvs"
        assert "by" not in by_hnswlib.manifest.signals[name].index["spec"]


@pytest.mark.skipif(not torch.cuda.is_available() or find_spec("cuvs") is None, reason="no GPU, or no cuvs")
def test_cuvs_itself_builds_what_hnswlib_reads(bundle, capsys):
    processor = shutil.copytree(bundle, bundle.with_name("processor"))
    assert main(["index", str(processor), "--device", "cpu"]) == 0
    assert main(["index", str(bundle), "--device", "cuda"]) == 0
    assert main(["verify", str(bundle)]) == 0
    built, by_hnswlib = load_bundle(bundle), load_bundle(processor)
    for name in built.signals:
        assert recall_at_100(built, name) >= recall_at_100(by_hnswlib, name) - 0.005


def test_hnswlib_alone_opens_the_file(bundle, gpu):
    gpu()
    assert main(["index", str(bundle)]) == 0
    dataset = load_bundle(bundle)
    for name, rows in (("words_text", None), ("words_image", bundle / "signals/words_image/index_rows.npy")):
        graph = hnswlib.Index(space="ip", dim=DIM)
        graph.load_index(str(bundle / "signals" / name / "index.hnsw"))
        signal = dataset.signals[name]
        own = np.flatnonzero(signal.present)[:300]
        labels, distances = graph.knn_query(np.asarray(signal.products[own]), k=1)
        found = labels[:, 0] if rows is None else np.load(rows)[labels[:, 0]]
        assert (found == own).mean() > 0.99
        assert np.abs(distances[found == own]).max() < 1e-5


def test_a_gpus_index_is_left_as_it_is_and_follows_changes(bundle, gpu, capsys):
    gpu()
    assert main(["index", str(bundle), "--ef", "100"]) == 0
    before = {path: path.read_bytes() for path in bundle.rglob("*.*")}
    for ef in ("100", "50"):  # the second is less care than there is
        assert main(["index", str(bundle), "--ef", ef]) == 0
        assert capsys.readouterr().out.count("indexed with these numbers already") == 2
    assert {path: path.read_bytes() for path in bundle.rglob("*.*")} == before
    dataset = load_bundle(bundle)
    index, signal = load_index(dataset, "words_image"), dataset.signals["words_image"]
    vectors, moved = np.array(signal.products), np.arange(COUNT)
    vectors[5:9] = drawn_rows(np.random.default_rng(9), 4) * signal.present[5:9, None]
    updated = index.updated(np.asarray(signal.products), moved, vectors, signal.present)
    assert updated is not None
    assert (updated.spec.by, updated.spec.dead) == ("cuvs", 3)
    assert updated.search(vectors[6:7], 1).rows[0, 0] == 6


def test_ef_rises_until_recall_is_enough(bundle, gpu, capsys):
    gpu()
    assert main(["index", str(bundle), "--m", "4", "--ef-construction", "20", "--ef", "10"]) == 0
    assert f"for a recall@100 of {ENOUGH:.2f}"[:-1] in capsys.readouterr().out
    dataset = load_bundle(bundle)
    for name in dataset.signals:
        assert 100 < load_index(dataset, name).spec.ef <= MOST_EF
        assert recall_at_100(dataset, name) >= ENOUGH


SAID = {
    "absent": "words_text: on the CPU (cuvs is not installed)",
    "broken": "on the CPU (cuvs cannot be imported: libcudart.so.13: cannot open shared object file)",
    "out of memory": f"on the CPU (the GPU's memory is too small for {COUNT:,} vectors of {DIM} dimensions)",
    "no driver": "on the CPU (cuvs built no graph: CUDA driver version is insufficient)",
    "flat": "on the CPU (cuvs wrote no graph that hnswlib reads)",
    "poor": "of the nearest 100 at ef 1,024)",
}


@pytest.mark.parametrize("fault", SAID)
def test_what_keeps_the_gpu_from_it_is_one_sentence(fault, bundle, gpu, capsys):
    gpu(fault)
    links = ["--m", "2", "--ef-construction", "5"] if fault == "poor" else []
    assert main(["index", str(bundle), *links]) == 0
    captured = capsys.readouterr()
    assert SAID[fault] in captured.out
    assert "Traceback" not in captured.out + captured.err
    assert main(["verify", str(bundle)]) == 0 or fault == "poor"
    untouched = shutil.copytree(bundle, bundle.with_name("again"))
    assert main(["index", str(untouched), "--device", "cuda", "--ef", "77", *links]) == 2
    assert "was not indexed on the GPU: " in (error := capsys.readouterr().err)
    assert "--device cpu builds it without one" in error


def test_ctrl_c_ends_it_also_where_cuvs_catches_it(bundle, gpu):
    gpu("interrupted")
    before = (bundle / "manifest.json").read_bytes()
    assert main(["index", str(bundle)]) == 130
    assert (bundle / "manifest.json").read_bytes() == before


def test_equal_bytes_and_few_vectors_are_for_the_processor(bundle, tiny_bundle, tmp_path, gpu, capsys):
    gpu(next(iter(FAULTS)))
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert "on the CPU (only there one thread gives the same bytes again)" in capsys.readouterr().out
    few = shutil.copytree(tiny_bundle, tmp_path / "few")
    assert main(["index", str(few)]) == 0
    assert "words_text: on the CPU (for few vectors as fast as a GPU)" in capsys.readouterr().out


def test_the_command_takes_the_cuvs_that_is_installed(bundle, tmp_path):
    """In a process of its own, as a person runs it."""
    site = write_cuvs(tmp_path / "site")
    words = [sys.executable, "-m", "precompute", "index", str(bundle), "--device", "cuda"]
    ran = subprocess.run(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    assert ran.stdout.count("on the GPU by cuvs") == 2


def test_a_device_belongs_to_hnsw(bundle, capsys):
    assert main(["index", str(bundle), "--engine", "milvus", "--device", "cpu"]) == 2
    assert "--device belongs to --engine hnsw" in capsys.readouterr().err


def test_a_builder_that_is_none_is_refused(bundle, gpu, capsys):
    gpu()
    assert main(["index", str(bundle)]) == 0
    text = (bundle / "manifest.json").read_text()
    (bundle / "manifest.json").write_text(text.replace('"by":"cuvs"', '"by":"x"').replace('"by": "cuvs"', '"by": "x"'))
    assert main(["verify", str(bundle)]) == 1
    assert "the index of words_" in capsys.readouterr().out


def test_hnswindex_names_its_builder_only_where_it_was_another():
    built = HnswIndex.build(drawn_rows(np.random.default_rng(1), 20), np.ones(20, bool), threads=1)
    assert "by" not in built.spec.to_json()
