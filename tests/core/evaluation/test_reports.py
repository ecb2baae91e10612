from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_slates import slow_ndcg
from fixtures import ENCODER, THREE, build_tiny_bundle, judgement_frame, product_frame, product_vectors

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import Manifest
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.cross_validation import cross_validated, repeated_folds
from sqid_core.evaluation.metrics import METRICS, RankedSlates, best_first, measure
from sqid_core.evaluation.reports import (
    Run,
    columns_run,
    dataset_curves,
    evaluate,
    evaluate_random,
    fusion_run,
    query_folds,
    signal_run,
)
from sqid_core.ranking.fusion import Columns, Fusion
from sqid_core.ranking.methods import METHODS


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


def test_a_signal_is_scored_like_its_slates_one_by_one(dataset: Dataset) -> None:
    judgements, gains = dataset.judgements, dataset.judgements.gains(dataset.scale.gains())
    scores = np.nan_to_num(dataset.signals["words_image"].slate_scores(judgements), nan=-9)
    expected = [slow_ndcg(*slate) for slate in zip(scores, gains, judgements.mask, strict=True)]
    report = evaluate(dataset, signal_run(dataset, "words_image"))
    np.testing.assert_allclose(report.per_query["ndcg"], expected)
    assert report.means["ndcg"] == pytest.approx(np.nanmean(expected))
    assert (report.n_scored, report.n_undefined, report.gains) == (8, 0, "paper")


def test_the_ends_of_a_fusion_are_the_signals(dataset: Dataset) -> None:
    for weight, name in ((0.0, "words_text"), (1.0, "words_image")):
        fused = evaluate(dataset, fusion_run(dataset, Fusion("weighted ranks", weight)))
        alone = evaluate(dataset, signal_run(dataset, name))
        np.testing.assert_allclose(fused.per_query["ndcg"], alone.per_query["ndcg"])


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_runs_and_its_curve_agrees(dataset: Dataset, method: str) -> None:
    fusion = Fusion(method, 0.315, norm="z-score")
    curve = dataset_curves(dataset, fusion).mean()
    assert float(curve.at(0.315)) == pytest.approx(evaluate(dataset, fusion_run(dataset, fusion)).means["ndcg"])


def test_gain_tables_change_the_score_and_its_name(dataset: Dataset) -> None:
    run = signal_run(dataset, "words_text")
    paper, script = evaluate(dataset, run), evaluate(dataset, run, "esci-script")
    assert script.gains == "esci-script"
    assert paper.means["ndcg"] != script.means["ndcg"]
    with pytest.raises(InputError, match="unknown gains 'mine'"):
        evaluate(dataset, run, "mine")


def test_permuting_the_judgement_file_changes_no_number(tmp_path: Path, dataset: Dataset) -> None:
    products = pd.read_parquet(dataset.folder / "products.parquet")
    pairs = pd.read_parquet(dataset.folder / "judgements.parquet")
    before = evaluate(dataset, signal_run(dataset, "words_text")).per_query
    for seed, frame in enumerate([pairs.sort_values("label"), pairs.sample(frac=1, random_state=1)]):
        folder = tmp_path / str(seed)
        with BundleWriter(folder) as writer:
            shuffled = products.sample(frac=1, random_state=seed)
            writer.write_tables("again", shuffled, dataset.queries, frame, dataset.scale)
            writer.write_encoder(ENCODER, np.asarray(dataset.signals["words_text"].queries))
            writer.write_signal("words_text", "text", ENCODER.name, *product_vectors(products, "text"))
        again = load_bundle(folder)
        pd.testing.assert_frame_equal(evaluate(again, signal_run(again, "words_text")).per_query, before)
        assert evaluate_random(again).means == evaluate_random(dataset).means


def test_a_file_sorted_by_label_does_not_flatter_a_constant_signal(dataset: Dataset) -> None:
    constant = ScoredSignal("constant", "text", np.where(dataset.judgements.mask, 0.5, np.nan))
    flat = replace(dataset, signals={"constant": constant})
    scored, random = evaluate(flat, signal_run(flat, "constant")), evaluate_random(flat)
    difference = scored.per_query["ndcg"] - random.per_query["ndcg"]
    assert abs(difference.mean()) < 3 * difference.std() / np.sqrt(len(difference))


def test_cross_validation_uses_weights_of_the_other_folds(dataset: Dataset) -> None:
    curves = dataset_curves(dataset, Fusion())
    folds = query_folds(dataset)
    values, weights = cross_validated(curves, folds)
    for fold in np.unique(folds):
        others = curves.mean(np.flatnonzero(folds != fold)).best.weight
        assert (weights[folds == fold] == others).all()
    assert np.nanmean(values) <= curves.mean().best.value


def test_equal_texts_share_a_fold_in_every_repeat(dataset: Dataset) -> None:
    """A weight must not be scored on the text that chose it, asked once more."""
    texts = [f"query {number}" for number in range(40)]
    twice = pd.DataFrame({"query": [*texts, *(f"  {text.upper()} " for text in texts)]})
    folds = repeated_folds(replace(dataset, queries=twice))
    np.testing.assert_array_equal(folds[:, :40], folds[:, 40:])
    assert all(set(each) == set(range(5)) for each in folds.tolist())


def test_a_bundle_with_one_signal_says_what_is_missing(tmp_path: Path) -> None:
    alone = load_bundle(build_tiny_bundle(tmp_path / "text", modalities=["text"]))
    with pytest.raises(InputError, match="has no image signal to fuse; run python -m precompute encode"):
        fusion_run(alone, Fusion())


def test_a_scale_of_three_grades_runs_through_everything(tmp_path: Path) -> None:
    products, pairs = product_frame(), judgement_frame(product_frame())
    pairs["label"] = pairs["label"].map({"E": "good", "S": "F", "C": "Fair", "I": "B"})
    queries = pd.DataFrame({"query_id": sorted(pairs["query_id"].unique())}).assign(query="words")
    with BundleWriter(tmp_path / "three") as writer:
        writer.write_tables("three", products, queries, pairs, THREE)
        ordered = pd.read_parquet(tmp_path / "three" / "products.parquet.partial")
        vectors = [product_vectors(ordered, modality) for modality in ("text", "image")]
        writer.write_encoder(ENCODER, vectors[0][0][: len(queries)])
        writer.write_signal("t", "text", ENCODER.name, *vectors[0])
        writer.write_signal("i", "image", ENCODER.name, *vectors[1])
    three = load_bundle(tmp_path / "three")
    assert three.scale == THREE
    report = evaluate(three, fusion_run(three, Fusion(norm="min-max")))
    assert report.gains == "own"
    assert 0 < report.means["ndcg"] <= 1
    relevant_share = np.mean(pairs["label"].isin(["good", "F", "Fair"]))
    assert 0 < report.means["precision@10"] <= 1
    assert report.means["recall@10"] >= relevant_share / 10
    assert dataset_curves(three, Fusion()).mean().best.value >= report.means["ndcg"] - 0.2


@pytest.mark.parametrize("behind", ["in place", "reversed"])
def test_slates_of_similar_length_score_as_one_rectangle(behind: str) -> None:
    """1,500 slates of 0 to 40 products make several groups; each metric, with and without a cutoff, is what the padded
    rectangle gives, whatever positions a run has at its padding; on an empty slate it is undefined."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(0, 41, 1500)
    mask = np.arange(40) < lengths[:, None]
    labels = np.where(mask, rng.integers(0, 4, mask.shape), -1).astype(np.int8)
    ids = np.array([str(i) for i in range(1500)], dtype=object)
    judgements = Judgements(ids, np.where(mask, np.arange(40, dtype=np.int32), -1), labels)
    counts = dict.fromkeys(("products", "queries", "judgements"), 1500)
    dataset = Dataset(Path(), Manifest("random", ESCI, counts), pd.DataFrame(), pd.DataFrame(), judgements, {})
    a, b = np.round(rng.random((2, *mask.shape)), 1)  # with ties
    prepared, fusion = Columns(a, b, mask), Fusion(image_weight=0.3)
    run = columns_run("fused", prepared, fusion)
    expected = np.argsort(-np.where(mask, 0.7 * a + 0.3 * b, -np.inf), axis=1, kind="stable")
    np.testing.assert_array_equal(run.order, expected)
    weights = rng.random((1500, 1))
    each = columns_run("each", prepared, fusion, weights)
    own = np.argsort(-np.where(mask, (1 - weights) * a + weights * b, -np.inf), axis=1, kind="stable")
    np.testing.assert_array_equal(each.order, own)

    ranked = np.take_along_axis(labels, expected, axis=1)
    worth = np.append(ESCI.gains(), 0.0)
    whole = RankedSlates(worth[ranked], ranked == 0, ranked >= 0, best_first(worth[labels]))
    if behind == "reversed":
        run = Run("odd", np.where(mask, run.order, run.order[:, ::-1]))
    names = [name + cutoff for name in METRICS for cutoff in ("", "@1", "@10", "@50")]
    found = evaluate(dataset, run, measures=names).per_query
    for name in names:
        values = np.where(lengths > 0, measure(name, whole), np.nan)
        np.testing.assert_allclose(found[name], values, atol=1e-12, rtol=0, err_msg=name)


def test_what_a_run_does_not_return_is_not_found(tmp_path: Path) -> None:
    """Three products, good, bad and good; the run ranks the last two. Read as retrieval, the first is not found."""
    ids = np.array(["q", "none"], dtype=object)
    judgements = Judgements(
        ids, np.array([[0, 1, 2], [-1] * 3], np.int32), np.array([[0, 2, 0], [-1] * 3], np.int8), THREE
    )
    counts = dict.fromkeys(("products", "queries", "judgements"), 3)
    signal = ScoredSignal("run", "text", np.array([[np.nan, 0.9, 0.5], [np.nan] * 3]))
    manifest = Manifest("one", THREE, counts, signals={})
    dataset = Dataset(Path(), manifest, pd.DataFrame(), pd.DataFrame(), judgements, {"run": signal})
    second, third = 1 / np.log2(3), 0.5
    found = evaluate(dataset, signal_run(dataset, "run"), measures=("ndcg", "recall@2", "precision@2", "rr"))
    assert found.per_query.iloc[0].tolist() == pytest.approx([(second + third) / (1 + second), 0.5, 0.5, 0.5])
    retrieval = dataset.as_retrieval()
    less = evaluate(retrieval, signal_run(retrieval, "run"), measures=("ndcg", "recall@3", "recall@1", "rr"))
    assert less.per_query.iloc[0].tolist() == pytest.approx([second / (1 + second), 0.5, 0.0, 0.5])
    assert less.per_query.iloc[1].isna().all()
    assert (less.n_scored, less.n_undefined, less.judged.tolist()) == (1, 1, [True, False])


def test_what_is_kept_of_one_gain_table_is_not_read_for_another() -> None:
    """More tables than are kept, one after the other and again, and labels that count as relevant by another scale."""
    judgements = Judgements(
        np.array(["q"], dtype=object), np.array([[0, 1, 2]], np.int32), np.array([[2, 1, 0]], np.int8)
    )
    tables = {f"table {best}": (float(best), 1.0, 0.0) for best in range(2, 9)}
    run = Run("last first", np.array([[1, 0, 2]], np.int32))
    for relevant_from in (0, 1):
        scale = replace(THREE, gain_tables=tuple(tables.items()), relevant_from=relevant_from)
        data = replace(judgements, scale=scale)
        vars(data)["kept"] = judgements.kept
        for name, (best, *_) in [*tables.items()] * 2:
            found = evaluate(data, run, name, ("ndcg", "rr")).means
            second, third = 1 / np.log2(3), 0.5
            assert found["ndcg"] == pytest.approx((1 + best * third) / (best + second))
            assert found["rr"] == (1 if relevant_from else pytest.approx(1 / 3))
