from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fixtures import build_tiny_bundle

from sqid_core.analysis.query_groups import difficulties, disagreeing, random_ndcg, single_ndcgs
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import evaluate, signal_run


def test_the_single_ndcgs_are_the_evaluations_of_the_bundles_first_signals(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    single = single_ndcgs(dataset)
    for modality in ("text", "image"):
        expected = evaluate(dataset, signal_run(dataset, f"words_{modality}")).per_query["ndcg"]
        np.testing.assert_array_equal(single[modality], expected)
    preferred = single_ndcgs(dataset.preferring("words_image"))
    np.testing.assert_array_equal(preferred["text"], single["text"])


def test_difficulty_is_the_tercile_of_the_mean_above_chance() -> None:
    text = np.array([0.9, 0.8, 0.5, 0.4, 0.2, 0.1, np.nan])
    image = np.array([0.8, 0.9, 0.4, 0.5, 0.1, 0.2, 0.5])
    found = difficulties({"text": text, "image": image}, np.zeros(7))
    assert list(found) == ["easy", "easy", "medium", "medium", "hard", "hard", None]
    assert list(difficulties({"text": np.full(3, np.nan)}, np.zeros(3))) == [None] * 3
    # The first has the highest NDCG, and no more than a random order has; on the last every order scores 1.
    single = {"text": np.array([0.95, 0.6, 0.4, 1.0])}
    assert list(difficulties(single, np.array([0.95, 0.5, 0.1, 1.0]))) == ["hard", "medium", "easy", None]


def test_equal_means_are_equally_hard() -> None:
    assert len(set(difficulties({"text": np.array([0.7, 0.7, 0.7, 0.7])}, np.full(4, 0.2)))) == 1


def test_disagreeing_queries_come_by_their_gap() -> None:
    rng = np.random.default_rng(0)
    text, image = rng.random((2, 200))
    text[3] = np.nan
    rows = disagreeing({"text": text, "image": image})
    gap = np.abs(text - image)
    assert len(rows) == 20
    assert 3 not in rows
    assert gap[rows].min() >= np.nanmax(np.delete(gap, rows))
    assert len(disagreeing({"text": text})) == 0
    assert len(disagreeing({"text": image, "image": image})) == 0


def test_one_signal_has_difficulties_too(tmp_path: Path) -> None:
    alone = load_bundle(build_tiny_bundle(tmp_path / "one", modalities=["image"]))
    assert set(difficulties(single_ndcgs(alone), random_ndcg(alone))) <= {"easy", "medium", "hard"}
    with pytest.raises(ValueError, match="needs a signal"):
        difficulties({}, np.zeros(0))
