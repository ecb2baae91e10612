from pathlib import Path

import numpy as np

from sqid_core.analysis.loss_causes import CauseShares, cause_shares
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
    shares = CauseShares(rows[:3], ("x", "y"), np.array([[0.3, -0.5], [-0.1, -0.2], [0.2, 0.1]]))
    assert shares.main.tolist() == [1, 1, 0]
    assert CauseShares(rows[:2], (), np.empty((2, 0))).main.tolist() == [-1, -1]
    nothing = cause_shares(dataset, rows[:0], runs, scores, dataset.scale.gains(), str)
    assert nothing.names == ()
    assert len(nothing.main) == 0


def test_the_kind_with_the_largest_sum_of_all_queries_comes_first(tiny_bundle: Path) -> None:
    """One kind of all: each way of naming kinds, and each pair of runs, sums differences of both signs."""
    dataset = load_bundle(tiny_bundle)
    both, rows = slate_scores(dataset.judgements, *dataset.both_signals), np.arange(8)
    for weight in (0.2, 0.4, 0.6, 0.8):
        runs = RunSpec(fusion=Fusion(image_weight=weight)), RunSpec(signal="words_text")
        for name_of in (lambda cause: "one", lambda cause: str(len(cause.prefer)), lambda cause: str(cause.against)):
            found = cause_shares(dataset, rows, runs, (both, SlateScores(both.text)), dataset.scale.gains(), name_of)
            sums = np.abs(found.shares.sum(axis=0))
            assert (np.diff(sums) <= 1e-12).all()
            assert len(set(found.names)) == len(found.names)
