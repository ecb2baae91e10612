from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fixtures import build_tiny_bundle

from sqid_core.analysis.query_groups import difficulties, disagreeing, random_ndcg, single_ndcgs
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.metrics import expected_random_ndcg, ndcg
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


def test_a_query_at_the_edge_of_a_tercile_is_the_harder() -> None:
    """Of seven the terciles end at the third and at the fifth."""
    single = {"text": np.arange(7) / 8}
    assert list(difficulties(single, np.zeros(7))) == ["hard"] * 3 + ["medium"] * 2 + ["easy"] * 2


def test_difficulty_does_not_follow_the_labels_of_a_slate() -> None:
    """Two signals of noise on slates of 8 to 32 good products of 40: what they score is chance, as is who is hard."""
    rng = np.random.default_rng(0)
    gains = np.array([rng.permutation(np.arange(40) < good) for good in rng.integers(8, 33, 300)]).astype(float)
    random = expected_random_ndcg(gains, np.ones(gains.shape, bool))
    single = {modality: ndcg(rng.permuted(gains, axis=1)) for modality in ("text", "image")}
    hardness = np.array([{"easy": 2.0, "medium": 1.0, "hard": 0.0}[name] for name in difficulties(single, random)])
    plain = np.mean(list(single.values()), axis=0)
    assert spearman(plain, random) > 0.8
    assert abs(spearman(hardness, random)) < 0.15


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's correlation of ranks, equal values sharing theirs."""
    ranks = [np.unique(each, return_inverse=True, return_counts=True)[1:] for each in (first, second)]
    shared = [(np.cumsum(counts) - (counts - 1) / 2)[place] for place, counts in ranks]
    return float(np.corrcoef(*shared)[0, 1])


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
    assert [len(disagreeing({"text": text[:n], "image": image[:n]})) for n in (3, 20, 40, 60, 69)] == [3, 5, 5, 6, 6]
    assert len(disagreeing({"text": text})) == 0
    assert len(disagreeing({"text": image, "image": image})) == 0


def test_one_signal_has_difficulties_too(tmp_path: Path) -> None:
    alone = load_bundle(build_tiny_bundle(tmp_path / "one", modalities=["image"]))
    assert set(difficulties(single_ndcgs(alone), random_ndcg(alone))) <= {"easy", "medium", "hard"}
    with pytest.raises(ValueError, match="needs a signal"):
        difficulties({}, np.zeros(0))
