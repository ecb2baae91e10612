"""What has to be known of a number that is made of imported runs, or of scores below 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.cautions import FOLLOW, NOT_RETURNED, of_raw_scores, of_runs, said_share
from sqid_core.evaluation.slate_scores import SlateScores
from sqid_core.ranking.fusion import Fusion

NAN = np.nan
ALL = np.array([[0.9, 0.1], [0.5, 0.5]])
# A missing one beside a score below 0 in the first slate, beside one of 0 in the second.
BELOW, AT_ZERO = np.array([[NAN, -0.1], [0.5, 0.5]]), np.array([[NAN, 0.2], [NAN, 0.0]])


def two(text: np.ndarray, image: np.ndarray) -> Dataset:
    """Two queries of two products."""
    dataset = noise_dataset(2)
    judgements = Judgements(dataset.judgements.query_ids, np.array([[0, 1]] * 2, np.int32), np.array([[0, 1]] * 2))
    signals = {"t": ScoredSignal("t", "text", text), "i": ScoredSignal("i", "image", image)}
    return replace(dataset, judgements=judgements, signals=signals)


def test_a_run_that_ranks_less_than_all_says_so() -> None:
    dataset = two(BELOW, ALL)
    assert of_runs(dataset) == {"t": f"t ranks 75.0% of the judged pairs. {FOLLOW}"}
    assert of_runs(dataset.as_retrieval()) == {"t": f"t ranks 75.0% of the judged pairs. {NOT_RETURNED}"}
    assert of_runs(dataset, ["t"]) == of_runs(dataset)
    assert of_runs(dataset, ["i"]) == of_runs(dataset, []) == {}
    nothing = Judgements(dataset.judgements.query_ids, np.full((2, 2), -1, np.int32), np.full((2, 2), -1))
    assert of_runs(replace(dataset, judgements=nothing)) == {}
    assert [said_share(share) for share in (0.99949, 0.9999, 0.5)] == ["99.9%", "99.9%", "50.0%"]


def told(text: np.ndarray, image: np.ndarray, fusion: Fusion, runs: tuple[bool, bool] = (False, False)) -> list[str]:
    return of_raw_scores(two(text, image), fusion, SlateScores(text, image, runs=runs))


def test_a_0_above_scores_below_it_is_told() -> None:
    said = "t has scores below 0 on 1 query where others are missing"
    stands = f"{said}: their 0 stands above these. Min-max with the worst score avoids that."
    behind = f"{said}: 0 would stand above them, so these stand behind. Min-max or z-score suit such scores."
    assert told(BELOW, ALL, Fusion()) == [stands]
    assert told(BELOW, ALL, Fusion(), (True, False)) == [behind]
    assert told(ALL, AT_ZERO, Fusion()) == []
    # Missing in one slate and below 0 in another.
    assert told(np.array([[NAN, 0.1], [-0.5, 0.5]]), ALL, Fusion()) == []
    both = told(np.array([[NAN, -0.1]] * 2), BELOW, Fusion())
    assert [text.split(":")[0] for text in both] == [
        "t has scores below 0 on 2 queries where others are missing",
        "i has scores below 0 on 1 query where others are missing",
    ]


@pytest.mark.parametrize("fusion", [Fusion("rrf"), Fusion(norm="min-max"), Fusion(missing_image="worst")], ids=str)
def test_only_a_sum_of_raw_scores_with_a_0_is_told_of(fusion: Fusion) -> None:
    assert told(BELOW, BELOW, fusion) == []


def test_a_signal_that_is_not_there_is_not_told_of() -> None:
    dataset = two(BELOW, BELOW)
    assert len(of_raw_scores(dataset, Fusion(), SlateScores(image=BELOW))) == 1
    del dataset.signals["t"]  # type: ignore[attr-defined]
    assert len(of_raw_scores(dataset, Fusion(), SlateScores(BELOW, BELOW))) == 1
