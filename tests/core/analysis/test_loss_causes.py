from pathlib import Path

import numpy as np

from sqid_core.analysis.loss_causes import cause_shares
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.evaluation.slate_scores import SlateScores, slate_scores
from sqid_core.ranking.fusion import Fusion


def test_the_causes_add_up_to_each_querys_difference(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    runs = RunSpec(fusion=Fusion(image_weight=0.2)), RunSpec(signal="words_image")
    both = slate_scores(dataset.judgements, *dataset.both_signals)
    scores = both, SlateScores(image=both.image)
    rows = np.array([6, 1, 3, 0])
    found = cause_shares(
        dataset, rows, runs, scores, dataset.scale.gains(), lambda cause: " ".join(cause.prefer) or "none"
    )
    a, b = (evaluate(dataset, run_of(dataset, run)).per_query["ndcg"].to_numpy() for run in runs)
    np.testing.assert_allclose(found.shares.sum(axis=1), (b - a)[rows], atol=1e-9)
    sums = np.abs(found.shares.sum(axis=0))
    assert (np.diff(sums) <= 1e-12).all()
    for row, main in zip(found.shares, found.main, strict=True):
        assert row[main] * np.sign(row.sum()) == max(row * np.sign(row.sum()))
    nothing = cause_shares(dataset, rows[:0], runs, scores, dataset.scale.gains(), str)
    assert nothing.names == ()
    assert len(nothing.main) == 0
