"""What the Dataset page says about a bundle: vectors, labels, pictures, index, encoder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.analysis.checks import picture_statuses, quick_checks, vector_checks
from sqid_core.analysis.index_loss import index_loss, sampled_queries
from sqid_core.analysis.vector_health import label_scores, near_duplicates, vector_health
from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.signals import DenseSignal
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed


def signal_of(vectors: list[list[float]], present: list[bool] | None = None) -> DenseSignal:
    products = np.array(vectors, np.float32)
    there = np.ones(len(products), bool) if present is None else np.array(present)
    return DenseSignal("s", "image", "e", products, there, products)


def unit(rng: np.random.Generator, count: int, dim: int = 8) -> np.ndarray:
    vectors = rng.standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_repeated_and_zero_vectors_are_counted() -> None:
    vectors = unit(np.random.default_rng(0), 20000)
    vectors[[5, 9000, 19999]] = vectors[5]
    vectors[[7, 8]] = vectors[7]
    vectors[11] = 0
    found = vector_health(signal_of(vectors.tolist(), [i not in (8, 12) for i in range(20000)]))
    assert (found.products, found.present, found.zero, found.repeated) == (20000, 19998, 1, 3)
    assert [group.tolist() for group in found.groups] == [[5, 9000, 19999]]
    states = {check.name: check.state for check in vector_checks(signal_of(vectors.tolist()), found)}
    assert states == {"Zero vectors in s": "bad", "Repeated vectors in s": "good"}


def test_near_duplicates_are_the_closest_others() -> None:
    rng = np.random.default_rng(1)
    vectors = unit(rng, 50)
    vectors[3] = vectors[30] + 0.01 * rng.standard_normal(8)
    vectors[3] /= np.linalg.norm(vectors[3])
    vectors[4] = vectors[40]
    found = near_duplicates(signal_of(vectors.tolist()))
    cosines = vectors @ vectors.T - 2 * np.eye(50)
    np.testing.assert_allclose(found.cosines, cosines.max(axis=1), atol=1e-6)
    assert found.complete
    assert {pair[:2] for pair in found.pairs(0.98)} == {(3, 30), (4, 40)}
    assert found.near(0.98).sum() == 4
    assert len(near_duplicates(signal_of([[1.0, 0.0]])).rows) == 0


def test_scores_by_label_hold_every_pair_once(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    found = label_scores(dataset, "words_text")
    pairs = found.groupby("label", sort=False)["pairs"].first()
    labels = dataset.judgements.labels[dataset.judgements.mask]
    assert pairs.to_dict() == {name: (labels == i).sum() for i, name in enumerate(dataset.scale.names)}
    np.testing.assert_allclose(found.groupby("label")["share"].sum(), 1)
    scores = dataset.signals["words_text"].slate_scores(dataset.judgements)
    for i, name in enumerate(dataset.scale.names):
        own = scores[dataset.judgements.labels == i]
        assert found[found["label"] == name]["mean"].iloc[0] == own.mean()
    empty = noise_dataset(5)
    empty.signals["text"].scores[:] = np.nan
    assert not len(label_scores(empty, "text"))


def test_checks_of_a_sound_bundle_and_of_a_poor_one(tiny_bundle: Path) -> None:
    checks = {check.name: check for check in quick_checks(load_bundle(tiny_bundle))}
    assert checks["Size"].state == "look"
    assert "60 products, 8 queries" in checks["Size"].text
    assert checks["Pictures"].text == "5 of 60 products have no picture to show."
    assert {"Signal words_text", "Signal words_image", "Judgements"} <= set(checks)
    scale = LabelScale(("Yes", "No", "Never"), ("Y", "N", "V"), ("#000",) * 3, (("own", (1.0, 0.0, 0.0)),))
    poor = noise_dataset(40)
    labels = np.where(poor.judgements.mask, 1, -1).astype(np.int8)
    labels[0, 0] = 0
    poor = replace(
        poor,
        manifest=replace(poor.manifest, label_scale=scale),
        judgements=replace(poor.judgements, labels=labels),
        signals={},
    )
    found = {check.name: check for check in quick_checks(poor)}
    assert "39 judged queries have no gain, so no NDCG" in found["Judgements"].text
    assert found["Labels"].text == "No pair has the label Never."
    assert found["Signals"].state == "bad"
    assert picture_statuses(poor) is None
    poor.products["image"] = "https://m.example/01RmK+J4pJL.gif"
    found = {check.name: check for check in quick_checks(poor)}
    assert "64 show a shop’s default picture" in found["Picture addresses"].text


def test_at_most_two_hundred_judged_queries_are_measured_evenly() -> None:
    dataset = noise_dataset(300)
    old, judged = dataset.judgements, np.arange(300)[:, None] % 4 > 0
    ones = np.arange(old.rows.shape[1]) < 1
    less = replace(old, rows=np.where(judged & ones, old.rows, -1), labels=np.where(judged & ones, old.labels, -1))
    rows = sampled_queries(replace(dataset, judgements=less))
    assert len(rows) == len(set(rows.tolist())) == 200
    assert (rows % 4 > 0).all()
    assert sampled_queries(dataset.__class__(**{**vars(dataset), "judgements": old.take(slice(0, 7))})).tolist() == [
        *range(7)
    ]


def test_the_speed_is_that_of_single_searches(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = load_bundle(tiny_bundle)
    signal = dataset.signals["words_text"]
    index = ExactIndex(signal.products, signal.present)  # type: ignore[union-attr]
    ticks = iter([1.0, 5.0, 7.0, 7.5])
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks))
    monkeypatch.setattr(index, "with_ef", lambda ef: index, raising=False)
    table = index_loss(dataset, signal, index, efs=(7,))  # type: ignore[arg-type]
    assert table["queries a second"].tolist() == [8 / 0.5, 8 / 4]
    assert table["ef"].tolist()[0] == 7


@pytest.mark.skipif(not hnswlib_installed(), reason="hnswlib is not installed")
def test_looking_hard_enough_loses_nothing(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    signal = dataset.signals["words_text"]
    assert isinstance(signal, DenseSignal)
    index = HnswIndex.build(signal.products, signal.present, threads=1)
    table = index_loss(dataset, signal, index, efs=(10, 64))
    assert table["recall@10"].tolist()[1:] == [1.0, 1.0]
    assert table["loss"].tolist()[1:] == [0.0, 0.0]
    assert np.isnan(table["ef"].iloc[-1])
    assert (table["queries a second"] > 0).all()
    assert table["queries"].unique().tolist() == [8]
