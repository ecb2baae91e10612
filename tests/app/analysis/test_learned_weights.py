"""Where a signal that is fused learned from the labels, no view of Evaluate calls a weight out-of-fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysing import opened, texts
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.signal_weights import signal_columns


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with pictures, and as its text side a ranking that learned from their scores and the titles."""
    folder = build_tiny_bundle(tmp_path_factory.mktemp("learned") / "tiny", modalities=("image",), copies=3)
    assert main(["learn", str(folder), "--name", "sum", "--learner", "linear", "--features", "title"]) == 0
    return folder


@pytest.mark.parametrize("view", ["methods", "weight", "missing"])
def test_a_weight_over_learned_scores_is_called_in_sample(
    learned: Path, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    monkeypatch.setenv("SQID_DATA", str(learned.parent))
    at = opened("evaluate", view=view)
    assert not at.exception
    said = texts(at)
    assert "sum learned from these labels" in said
    assert "**not in-sample**" not in said
    assert "Mixing both signals helps" not in said
    assert {"methods": "No verdict", "weight": "in-sample too", "missing": "**in-sample**"}[view] in said


def test_a_mix_among_weighed_signals_is_not_normed_again(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    mix = "words_text:1@min-max"
    columns = signal_columns(dataset, [mix, "words_image"], norm="z-score").columns[0]
    plain = signal_columns(dataset, ["words_text", "words_image"], norm="min-max").columns[0]
    np.testing.assert_array_equal(columns, plain)
