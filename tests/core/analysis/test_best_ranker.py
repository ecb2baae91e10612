"""Where one ranker is right for every query, the oracle over rankers gains no more than it would anyway; else more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from noise import noise_dataset

from sqid_core.analysis.best_ranker import BestRanker, best_ranker, oracle_gain
from sqid_core.analysis.shared_weight import excess
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.reports import evaluate, signal_run

QUERIES, DRAWS = 150, 8


def ranked(seed: int, strengths: np.ndarray) -> Dataset:
    """Rankers whose scores rise with the gain as much as strengths (S, Q) say, and that agree beside it."""
    rng, dataset = np.random.default_rng(seed), noise_dataset(QUERIES, seed)
    judgements = dataset.judgements
    gains, mask = judgements.gains(dataset.scale.gains()), judgements.mask
    common = 0.5 * rng.normal(size=mask.shape)
    scores = [each[:, None] * gains + common + rng.normal(size=mask.shape) for each in strengths]
    scores[0] = np.where(rng.random(mask.shape) < 0.1, np.nan, scores[0])
    signals = {f"r{i}": ScoredSignal(f"r{i}", "text", np.where(mask, each, np.nan)) for i, each in enumerate(scores)}
    return replace(dataset, signals=signals)


def found(dataset: Dataset) -> BestRanker:
    scores = {name: signal.slate_scores(dataset.judgements) for name, signal in dataset.signals.items()}
    return best_ranker(dataset, scores, draws=DRAWS)


def told(one: BestRanker) -> tuple[float, float]:
    over = excess(one.gain, one.draws)
    return over.more, over.p


@pytest.mark.parametrize("better", [(1.5, 1.4, 1.3), (2.0, 1.0, 0.5, 0.5)], ids=str)
def test_one_ranker_for_queries_of_any_difficulty_is_not_called_too_few(better: tuple[float, ...]) -> None:
    each = []
    for seed in range(4):
        hard = np.exp(0.6 * np.random.default_rng((seed, 7)).normal(size=QUERIES))
        each.append(told(found(ranked(seed, np.outer(better, hard)))))
    assert min(p for _, p in each) > 0.01
    assert abs(np.mean([more for more, _ in each])) < 0.008


def test_queries_that_need_other_rankers_are_seen() -> None:
    for seed in range(2):
        own = np.where(np.arange(QUERIES) % 3 == np.arange(3)[:, None], 2.5, 0.2)
        more, p = told(found(ranked(seed, own)))
        assert more > 0.01
        assert p < 0.05


def test_the_numbers_are_those_of_the_rankings() -> None:
    dataset = ranked(0, np.full((3, QUERIES), 1.0))
    one = found(dataset)
    reports = [evaluate(dataset, signal_run(dataset, name), measures=("ndcg",)) for name in dataset.signals]
    np.testing.assert_allclose(one.values, [each.values("ndcg") for each in reports], atol=1e-12)
    assert one.one == max(reports, key=lambda each: each.means["ndcg"]).run
    assert np.nanmean(one.gain) == pytest.approx(one.best_mean - max(each.means["ndcg"] for each in reports))
    assert one.shares().sum() == pytest.approx(1.0)
    retrieved = dataset.as_retrieval()
    theirs = evaluate(retrieved, signal_run(retrieved, "r0"), measures=("ndcg",)).values("ndcg")
    np.testing.assert_allclose(found(retrieved).values[0], theirs, atol=1e-12)
    np.testing.assert_array_equal(found(dataset).draws, one.draws)


def test_a_gain_and_shares_by_hand() -> None:
    values = np.array([[1.0, 0.5, 0.8, np.nan], [0.4, 0.9, 0.8, np.nan]])
    np.testing.assert_allclose(oracle_gain(values)[:3], [0.0, 0.4, 0.0])
    np.testing.assert_allclose(oracle_gain(values, np.array([0.0, 1.0, 1.0, 1.0]))[:3], [0.6, 0.0, 0.0])
    one = BestRanker(("a", "b"), values, np.zeros((2, 4)))
    np.testing.assert_allclose(one.shares(), [0.5, 0.5])
    np.testing.assert_allclose(replace(one, traffic=np.array([3.0, 1.0, 1.0, 1.0])).shares(), [0.75, 0.25])
    assert np.isnan(BestRanker(("a", "b"), values[:, 2:], np.zeros((2, 2))).shares()).all()
