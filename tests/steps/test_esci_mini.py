"""The real slice of ESCI, from its files to its figures, and the real file of SQID's query features.

Titles of all 150 queries are encoded by night (SQID_WHOLE=1), those of 30 with every change.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from evaluating import read_qrels, read_run
from places import SHARED
from tiny_models import minilm_folder

from precompute.__main__ import main
from precompute.read.features import read_features
from precompute.steps.lexical import index_words
from sqid_core.analysis.query_groups import difficulties, random_ndcg
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.metrics import ndcg
from sqid_core.evaluation.reports import evaluate, evaluate_random, signal_run
from sqid_core.evaluation.run_of import run_of

DATA = SHARED / "data"
ESCI, SQID = DATA / "esci_mini", DATA / "sqid_mini"
WHOLE = os.environ.get("SQID_WHOLE") == "1"
EXAMPLES = ESCI / "shopping_queries_dataset_examples.parquet"
needs_esci = pytest.mark.skipif(not ESCI.is_dir(), reason="the real slice of ESCI is not beside the repository")
needs_sqid = pytest.mark.skipif(not SQID.is_dir(), reason="the real files of SQID are not beside the repository")


def import_slice(out: Path, examples: Path = EXAMPLES) -> Path:
    command = ["import", "--out", str(out), "--examples", str(examples)]
    command += ["--products", str(ESCI / "shopping_queries_dataset_products.parquet")]
    command += ["--sources", str(ESCI / "shopping_queries_dataset_sources.csv")]
    command += ["--categories", str(ESCI / "product_categories.parquet")]
    if SQID.is_dir():
        command += ["--image-urls", str(SQID / "product_image_urls.parquet")]
    assert main(command) == 0
    return out


@pytest.fixture(scope="session")
def imported(tmp_path_factory):
    return import_slice(tmp_path_factory.mktemp("real") / "imported")


@pytest.fixture(scope="session")
def encoded(tmp_path_factory):
    """The slice with titles encoded by all-MiniLM-L6-v2: all of it takes a minute on two cores."""
    model = minilm_folder()
    home = tmp_path_factory.mktemp("real")
    examples = pd.read_parquet(EXAMPLES)
    if not WHOLE:
        examples = examples[examples["query_id"].isin(examples["query_id"].unique()[:30])]
    examples.to_parquet(home / "examples.parquet")
    out = import_slice(home / "encoded", home / "examples.parquet")
    index_words(out, "bm25")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        command = ["encode", str(out), "--signal", "sbert_text", "--modality", "text", "--device", "cpu"]
        assert main([*command, "--family", "sentence-transformers", "--model", str(model)]) == 0
    return out


@needs_esci
def test_the_slice_is_whole(imported):
    dataset = load_bundle(imported)
    assert dataset.manifest.counts == {"products": 6597, "queries": 150, "judgements": 6678}
    labels = dataset.judgements.labels[dataset.judgements.mask]
    assert np.bincount(labels).tolist() == [3389, 1898, 305, 1086]
    assert (dataset.judgements.lengths.min(), dataset.judgements.lengths.max()) == (40, 78)
    assert dataset.queries["source"].notna().all()
    assert dataset.products["category"].notna().mean() > 0.9


@needs_esci
def test_random_in_closed_form(imported):
    assert evaluate_random(load_bundle(imported)).means["ndcg"] == pytest.approx(0.7915, abs=0.0005)


@needs_esci
def test_difficulty_is_not_the_share_of_good_products(imported):
    """Decision 0033: of two signals of noise the mean NDCG follows the random one, the difficulty does not."""
    dataset = load_bundle(imported)
    random, gains, judgements = random_ndcg(dataset), dataset.scale.gains(), dataset.judgements
    worth, rng, found = judgements.gains(gains), np.random.default_rng(0), []
    for _ in range(10):
        orders = [np.argsort(np.where(judgements.mask, rng.random(worth.shape), 2), axis=1) for _ in range(2)]
        text, image = (ndcg(np.take_along_axis(worth, order, axis=1)) for order in orders)
        ranks = pd.DataFrame({"random": random, "plain": (text + image) / 2})
        ranks["difficulty"] = pd.Series(difficulties({"text": text, "image": image}, random)).map(
            {"hard": 0, "medium": 1, "easy": 2}
        )
        found.append(ranks.rank().corr()["random"])
    plain, difficulty = np.mean([[each["plain"], each["difficulty"]] for each in found], axis=0)
    assert plain > 0.9
    assert abs(difficulty) < 0.15


@needs_esci
def test_file_order_changes_no_number(imported, tmp_path):
    examples = pd.read_parquet(EXAMPLES)
    examples.sort_values("esci_label").to_parquet(tmp_path / "sorted.parquet")
    products = ESCI / "shopping_queries_dataset_products.parquet"
    out = tmp_path / "sorted"
    assert (
        main(["import", "--examples", str(tmp_path / "sorted.parquet"), "--products", str(products), "--out", str(out)])
        == 0
    )
    first, second = (load_bundle(folder).judgements for folder in (imported, out))
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.labels, second.labels)


@needs_esci
@pytest.mark.skipif(not WHOLE, reason="the whole slice is encoded by night")
def test_minilm_on_titles_gives_the_known_ndcg(encoded, capsys):
    capsys.readouterr()
    assert main(["evaluate", str(encoded), "--json"]) == 0
    methods = {method["name"]: method["ndcg"] for method in json.loads(capsys.readouterr().out)["methods"]}
    assert methods["sbert_text"] == pytest.approx(0.8425, abs=0.001)
    assert methods["random"] == pytest.approx(0.7915, abs=0.0005)


@needs_esci
def test_bm25_on_titles_gives_the_known_ndcg(imported, tmp_path):
    """Measured with bm25s' defaults and English stop words, independently of this program."""
    pytest.importorskip("bm25s", reason="the extra rankers is not installed")
    bundle = Path(shutil.copytree(imported, tmp_path / "words"))
    found = index_words(bundle, "bm25")
    assert (found.products, found.silent) == (6597, 3)
    dataset = load_bundle(bundle)
    assert evaluate(dataset, signal_run(dataset, "bm25")).means["ndcg"] == pytest.approx(0.831, abs=0.003)


@needs_esci
@pytest.mark.skipif(not WHOLE, reason="the whole slice is encoded by night")
def test_bm25_adds_to_minilm_what_is_known(encoded):
    """In-sample: z-scored by slate, BM25 counts .3."""
    dataset = load_bundle(encoded)
    mixed = run_of(dataset, "sbert_text:0.7+bm25:0.3")
    assert evaluate(dataset, mixed).means["ndcg"] == pytest.approx(0.846, abs=0.003)


@needs_esci
def test_every_query_equals_pytrec_eval(encoded, tmp_path, capsys):
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec_eval is a development tool")
    assert main(["evaluate", str(encoded), "--run-dir", str(tmp_path)]) == 0
    qrels, run = read_qrels(tmp_path / "qrels.txt"), read_run(tmp_path / "sbert_text.run")
    reference = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg", "ndcg_cut_10"}).evaluate(run)
    dataset = load_bundle(encoded)
    ours = evaluate(dataset, signal_run(dataset, "sbert_text")).per_query
    for measure, name in (("ndcg", "ndcg"), ("ndcg@10", "ndcg_cut_10")):
        theirs = [reference[query][name] for query in ours.index]
        np.testing.assert_allclose(ours[measure], theirs, atol=1e-9)


@needs_esci
def test_the_bundle_verifies_and_indexes(encoded, capsys):
    pytest.importorskip("hnswlib", reason="hnswlib is not installed")
    assert main(["index", str(encoded)]) == 0
    assert load_bundle(encoded).manifest.signals["sbert_text"].index["measured"]["recall@10"] > 0.95
    assert main(["verify", str(encoded)]) == 0


@needs_sqid
def test_sqids_real_query_features(capsys):
    ids = pd.read_csv(SQID / "queries.csv", dtype=str)["query_id"].tolist()
    path = SQID / "query_features.parquet"
    found = read_features(path, "query_id", ("clip_text_features",), ids, 768)["clip_text_features"]
    assert found.present.all()
    assert found.vectors.shape == (8956, 768)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)


@needs_sqid
def test_sqids_real_supplement_keeps_ids_of_digits():
    from precompute.read.esci import with_pictures

    path = SQID / "supp_product_image_urls.csv"
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame = with_pictures(pd.DataFrame({"product_id": raw["product_id"]}), path)
    assert frame["product_id"].str.fullmatch(r"0\d+").sum() > 100
    there = frame["image"].notna()
    assert there.sum() > 25_000
    assert (frame.loc[there, "image"] == raw.loc[there, "image_url"]).all()
