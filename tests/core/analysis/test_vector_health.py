"""Repeated and near vectors, and scores by label, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.analysis import vector_health as health_module
from sqid_core.analysis.vector_health import NearDuplicates, label_scores, near_duplicates, vector_health
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.signals import DenseSignal


def signal_of(vectors: list[list[float]], present: list[bool] | None = None) -> DenseSignal:
    products = np.array(vectors, np.float32)
    there = np.ones(len(products), bool) if present is None else np.array(present)
    return DenseSignal("s", "image", "e", products, there, products)


def unit(rng: np.random.Generator, count: int, dim: int = 8) -> np.ndarray:
    vectors = rng.standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_groups_of_equal_vectors_come_by_size_then_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "_BLOCK", 3)
    vectors = [[1, 0], [0, 1], [1, 1], [0, 1], [1, 0], [0, 1], [0, 0], [2, 2], [2, 2], [0, 0]]
    found = vector_health(signal_of(vectors, [i != 9 for i in range(10)]))
    assert [group.tolist() for group in found.groups] == [[1, 3, 5], [0, 4], [7, 8]]
    assert (found.products, found.present, found.zero, found.repeated) == (10, 9, 1, 7)
    nothing = vector_health(signal_of([[0, 0], [1, 0]], [True, False]))
    assert (nothing.groups, nothing.zero, nothing.repeated) == ((), 1, 0)


def test_equal_keys_are_no_equal_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """With multipliers of 1, [1, 2] and [2, 1] have one sum."""

    class Ones:
        def integers(self, *_: object, size: int, dtype: type) -> np.ndarray:
            return np.ones(size, dtype)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Ones())
    found = vector_health(signal_of([[1, 2], [2, 1], [1, 2], [2, 1], [1, 3]]))
    assert [group.tolist() for group in found.groups] == [[0, 2], [1, 3]]


def test_pairs_come_once_the_closest_first_and_no_more_than_asked() -> None:
    cosines = np.array([0.99, 0.98, 0.97, 0.995, 0.99])
    found = NearDuplicates(np.arange(5), np.array([4, 3, 0, 1, 0]), cosines, True)
    assert found.near().tolist() == [True, True, False, True, True]
    assert found.pairs() == [(1, 3, 0.995), (0, 4, 0.99)]
    assert found.pairs(0.9) == [(1, 3, 0.995), (0, 4, 0.99), (0, 2, 0.97)]
    assert found.pairs(0.97, most=2) == [(1, 3, 0.995), (0, 4, 0.99)]
    assert found.pairs(0.97, most=3)[-1] == (0, 2, 0.97)


def test_a_large_catalogue_is_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "_ALL_UP_TO", 20)
    monkeypatch.setattr(health_module, "_SAMPLE", 7)
    vectors = unit(np.random.default_rng(0), 22)
    for present, looked_at in ((20, 20), (21, 7)):
        there = np.arange(22) < present
        found = near_duplicates(signal_of(vectors.tolist(), there.tolist()))
        assert (len(found.rows), found.complete) == (looked_at, looked_at == present)
        cosines = vectors[:present] @ vectors[:present].T - 2 * np.eye(present)
        np.testing.assert_array_equal(found.nearest, cosines.argmax(axis=1)[found.rows])
    two = near_duplicates(signal_of(vectors[:2].tolist()))
    assert (two.rows.tolist(), two.nearest.tolist()) == ([0, 1], [1, 0])
    assert two.cosines == pytest.approx([vectors[0] @ vectors[1]] * 2)


def test_scores_of_a_label_by_hand() -> None:
    dataset = noise_dataset(1)
    labels = np.array([[0, 0, 1, 0]], dtype=np.int8)
    judged = replace(
        dataset, judgements=Judgements(np.array(["q"], object), np.arange(4, dtype=np.int32)[None], labels)
    )
    found = label_scores(judged, "text", 4, np.array([[0.0, 1.0, 0.3, np.nan]]))
    first, second = (found[found["label"] == name] for name in dataset.scale.names[:2])
    assert first["score"].tolist() == [0.125, 0.375, 0.625, 0.875]
    assert first["share"].tolist() == [0.5, 0, 0, 0.5]
    assert (first["pairs"].iloc[0], first["mean"].iloc[0]) == (2, 0.5)
    assert second["share"].tolist() == [0, 1, 0, 0]
    assert len(found) == 4 * len(dataset.scale.names)
    third = found[found["label"] == dataset.scale.names[2]]
    assert third["share"].tolist() == [0] * 4
    assert third["mean"].isna().all()
    # Where all scores are equal the bins are one wide in all.
    equal = label_scores(judged, "text", 2, np.array([[0.5, 0.5, 0.5, np.nan]]))
    assert equal["score"].tolist()[:2] == [0.75, 1.25]
