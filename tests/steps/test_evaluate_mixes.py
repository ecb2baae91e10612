"""What `evaluate` says of mixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from precompute.__main__ import main
from precompute.steps.evaluate import evaluate
from sqid_core.errors import InputError


def test_several_signals_at_their_best_weights(tiny_bundle: Path) -> None:
    found = evaluate(tiny_bundle, plans=["z-score"], mixed=["words_text", "words_image"])
    by_name = {line.name: line for line in found.lines}
    best, honest = by_name["mix best"], by_name["mix cross-validated"]
    assert best.method.in_sample
    assert not honest.method.in_sample
    assert best.ndcg == pytest.approx(by_name["z-score best"].ndcg, abs=1e-12)
    assert "words_image 0." in best.note
    with pytest.raises(InputError, match="two signals at least"):
        evaluate(tiny_bundle, mixed=["words_text"])


def test_an_end_may_be_a_mix(tiny_bundle: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    alone = evaluate(tiny_bundle, plans=["z-score"])
    mixed = evaluate(tiny_bundle, text="words_text:1", plans=["z-score"])
    assert [line.ndcg for line in mixed.lines[-2:]] == [line.ndcg for line in alone.lines[-2:]]
    assert main(["evaluate", str(tiny_bundle), "--text", "words_text:1", "--run-dir", str(tmp_path / "runs")]) == 0
    assert "words_text:1" in capsys.readouterr().out
    assert (tmp_path / "runs").is_dir()
    for wrong in ("words_image:1", "words_text:0", "words_text:1+nothing:1", "words_text:1@none@min-max"):
        assert main(["evaluate", str(tiny_bundle), "--text", wrong]) == 2
