"""Evaluate's view of rankers: the ladder's numbers are the core's, and what is said of them is honest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysing import frame_with, opened, texts
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.reports import evaluate, signal_run


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle twice over, with words and with a ranking that learned from these."""
    folder = build_tiny_bundle(tmp_path_factory.mktemp("ranked") / "tiny", copies=2)
    assert main(["lexical", str(folder), "--signal", "bm25"]) == 0
    assert main(["learn", str(folder), "--name", "sum", "--learner", "lambdamart", "--signals", "bm25"]) == 0
    return folder


def test_the_ladder_says_what_the_core_finds(ranked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(ranked.parent))
    at = opened("evaluate", view="rankers")
    assert not at.exception
    frame = next(each.value for each in at.dataframe if "seconds" in each.value).set_index("method")
    assert frame["step"].tolist() == sorted(
        frame["step"], key=["random order", "presence", "signal alone", "one weight", "mix", "learned"].index
    )
    mix = next(name for name in frame.index if name.startswith("mix of 3"))
    assert frame.loc["sum", "against"] == mix
    assert frame.loc["sum", "validation"] == "out-of-fold"
    assert frame.loc[mix, "validation"] == "cross-validated"
    assert frame.loc["bm25", "seconds"] not in ("", "not measured")
    assert frame.loc["words_text", "seconds"] == "not measured"
    assert np.isnan(frame.loc["presence", "p"]), "a random order is an expectation"
    dataset = load_bundle(ranked)
    presence = frame.loc["presence", "ndcg"]
    found = evaluate(dataset, signal_run(dataset, "bm25"), measures=("ndcg",)).means["ndcg"]
    assert frame.loc["bm25", "difference"] == pytest.approx(found - presence)
    said = texts(at)
    assert "Highest:" in said
    assert "an oracle that takes the best of 4 signals" in said


def test_methods_lists_every_ranker_with_its_validation(ranked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(ranked.parent))
    at = opened("evaluate")
    kinds = frame_with(at, "ranker").set_index("ranker")["validation"]
    assert kinds["sum"] == "out-of-fold"
    assert kinds["bm25"] == kinds["words_image"] == "fixed"
    assert {kinds[name] for name in kinds.index if name.endswith("best weight")} == {"in-sample"}
    assert {kinds[name] for name in kinds.index if name.endswith("cross-validated")} == {"cross-validated"}


def test_two_signals_are_compared_by_group(ranked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_DATA", str(ranked.parent))
    at = opened("evaluate", view="tuned", before="words_text", after="sum")
    assert not at.exception
    dataset = load_bundle(ranked)
    reports = [evaluate(dataset, signal_run(dataset, name), measures=("ndcg",)) for name in ("words_text", "sum")]
    found = compare(*reports)
    assert f"{found.difference:+.4f}" in texts(at)
    groups = frame_with(at, "lift")
    assert groups["n"].sum() == found.outcomes.n
    np.testing.assert_allclose((groups["lift"] * groups["n"]).sum() / groups["n"].sum(), found.difference)
