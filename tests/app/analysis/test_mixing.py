"""Evaluate's view of several signals: numbers of the core, and a way to the lists at these weights."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from analysing import frame_with, opened, texts

from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.evaluation.signal_weights import best_weights, signal_columns
from sqid_ui.analysis.evaluate.mixing import _read_point, _search_link, _write_point

NAMES = ("words_text", "words_image", "third")


@pytest.fixture(scope="module")
def three(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle with a run as a third signal."""
    folder = shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("three") / "tiny")
    judgements = load_bundle(folder).judgements
    random = np.random.default_rng(0).random(judgements.mask.shape)
    with BundleWriter(folder) as writer:
        writer.write_scores("third", "text", np.where(judgements.mask, random, np.nan), {"file": "third.run"})
    assert isinstance(load_bundle(folder).signals["third"], ScoredSignal)
    return folder


def test_the_view_says_what_the_core_finds(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(three.parent))
    at = opened("evaluate", view="mix", point="0.20~0.60~0.20")
    found = best_weights(signal_columns(load_bundle(three), NAMES))
    assert f"{found.value:.4f}" in texts(at)
    assert "in-sample" in texts(at)
    assert "Picked: words_text .20, words_image .60, third .20" in texts(at).replace("\\", "")
    np.testing.assert_allclose(frame_with(at, "best")["best"], found.weights)


def test_a_link_leads_to_the_same_mix(three: Path) -> None:
    dataset = load_bundle(three)
    link = _search_link(dataset, NAMES, np.array([0.3, 0.6, 0.1]))
    assert link == {"text": "words_text:0.3+third:0.1", "image": "words_image", "w": "0.60", "norm": "z-score"}
    assert _search_link(dataset, NAMES, np.array([0.4, 0.0, 0.6])) is None, "nothing to fuse with"


@pytest.mark.parametrize("text", ["", "1", "0.5~0.5", "0.5~0.5~0.5", "-0.5~1~0.5", "nan~0~1", "a~b~c"])
def test_no_point_of_a_triangle_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        _read_point(text)
    assert _read_point(_write_point((0.2, 0.6, 0.2))) == (0.2, 0.6, 0.2)
