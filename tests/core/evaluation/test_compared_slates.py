"""One query under two runs is that query of both runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.compared_slates import compared_slate
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.evaluation.slate_scores import SlateScores, slate_scores
from sqid_core.ranking.fusion import Fusion


def test_a_query_of_two_runs(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    judgements = dataset.judgements
    runs = RunSpec(signal="words_text"), RunSpec(fusion=Fusion("rrf", 0.6))
    both = slate_scores(judgements, *dataset.both_signals)
    whole = [run_of(dataset, run) for run in runs]
    ndcgs = [evaluate(dataset, run).values("ndcg") for run in whole]
    for row in (0, 3, 7):
        found = compared_slate(dataset, row, runs, (SlateScores(both.text), both), dataset.scale.gains())
        length = judgements.lengths[row]
        np.testing.assert_array_equal(found.rows, judgements.rows[row, :length])
        np.testing.assert_array_equal(found.labels, judgements.labels[row, :length])
        orders = [run.order[row, :length] for run in whole]
        for name, order, ndcg in zip("ab", orders, ndcgs, strict=True):
            np.testing.assert_array_equal(found.orders[name], order)
            assert found.ndcg[name] == pytest.approx(ndcg[row])
        assert found.moved == (orders[0] != orders[1]).sum() > 0
        assert list(found.scores) == ["words_text", "words_image"]
        np.testing.assert_array_equal(found.scores["words_image"], both.image[row, :length])
        assert found.swaps.difference == pytest.approx(ndcgs[1][row] - ndcgs[0][row])
        assert len(found.kind) == len(found.swaps)
        # Text alone made A and takes part in B: it is named, and nothing but these two.
        assert {name for cause in found.kinds for name in cause.prefer} <= {"words_text", "words_image"}
    same = compared_slate(dataset, 0, (runs[0], runs[0]), (SlateScores(both.text),) * 2, dataset.scale.gains())
    assert same.moved == 0
