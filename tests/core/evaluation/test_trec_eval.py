"""Metrics held to pytrec_eval's, query by query, on random slates with ties, unjudged products and single products."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pytrec_eval
from drawn_slates import GAINS, Slates, random_slates

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.metrics import RankedSlates, best_first, measure
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.unjudged import rank_biased_precision
from sqid_core.ranking.ranks import order

QUERIES = 500
INTEGER_GAINS = 100
MEASURES = {
    "ndcg": "ndcg",
    "ndcg@10": "ndcg_cut_10",
    "rr": "recip_rank",
    "precision": "set_P",
    "precision@5": "P_5",
    "recall@5": "recall_5",
}


@pytest.fixture(scope="module")
def slates() -> Slates:
    return random_slates(42, QUERIES)


def ranked(slates: Slates, labels: np.ndarray) -> tuple[RankedSlates, np.ndarray]:
    """The slates by text score; a label of -1 inside the mask is an unjudged product."""
    scores = np.where(slates.mask, np.nan_to_num(slates.text, nan=-9), -np.inf)
    positions = order(scores)
    gains = np.where(labels >= 0, np.array(GAINS)[labels], 0.0)
    in_order = [np.take_along_axis(values, positions, axis=1) for values in (gains, labels == 0, slates.mask)]
    return RankedSlates(*in_order, ideal=best_first(gains)), positions


def trec(slates: Slates, labels: np.ndarray, positions: np.ndarray) -> list[dict[str, float]]:
    """pytrec_eval on the same order, as descending whole numbers: it compares scores as float32."""
    qrels, graded, run = {}, {}, {}
    for q in range(QUERIES):
        judged = np.flatnonzero(slates.mask[q] & (labels[q] >= 0))
        qrels[str(q)] = {str(p): round(GAINS[labels[q, p]] * INTEGER_GAINS) for p in judged}
        graded[str(q)] = {str(p): int(labels[q, p] == 0) for p in judged}
        order_of_q = positions[q][: slates.mask[q].sum()]
        run[str(q)] = {str(p): len(order_of_q) - rank for rank, p in enumerate(order_of_q)}
    gain_based = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg", "ndcg_cut.10"}).evaluate(run)
    binary = pytrec_eval.RelevanceEvaluator(graded, {"recip_rank", "set_P", "P.5", "recall.5"}).evaluate(run)
    return [gain_based.get(str(q), {}) | binary.get(str(q), {}) for q in range(QUERIES)]


@pytest.mark.parametrize("unjudged_share", [0.0, 0.3])
def test_every_metric_equals_pytrec_evals(slates: Slates, unjudged_share: float) -> None:
    dropped = np.random.default_rng(0).random(slates.mask.shape) < unjudged_share
    labels = np.where(dropped, -1, slates.labels)
    ours, positions = ranked(slates, labels)
    theirs = trec(slates, labels, positions)
    assert (slates.mask.sum(axis=1) == 1).any()
    assert len(theirs) == QUERIES
    for name, trec_name in MEASURES.items():
        values = measure(name, ours)
        expected = np.array([query.get(trec_name, 0.0) for query in theirs])
        undefined = np.isnan(values)
        np.testing.assert_allclose(values[~undefined], expected[~undefined], atol=1e-9, err_msg=name)
        # Where nothing could be gained, ours is nan and trec_eval's is 0; a query without judgements it leaves out.
        assert not np.nan_to_num(expected[undefined]).any()


RELEVANCE = {
    "rr": "recip_rank",
    "precision": "set_P",
    "precision@5": "P_5",
    "recall@5": "recall_5",
    "ap": "map",
}


@pytest.fixture(scope="module")
def tiny_dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.mark.parametrize("level", range(4))
def test_every_measure_of_relevance_equals_trec_evals_at_its_level(tiny_dataset: Dataset, level: int) -> None:
    """trec_eval's -l: a product is relevant from a grade on. The worst label has grade 0, which it never takes for one;
    so all grades are one higher here."""
    names = tiny_dataset.scale.names
    dataset, judgements = tiny_dataset.as_relevant(names[level]), tiny_dataset.judgements
    assert dataset.scale.relevant_names == names[: level + 1]
    run = run_of(dataset, "words_text")
    found = evaluate(dataset, run, measures=[*RELEVANCE, "ndcg"])
    qrels, ranking = {}, {}
    for row, query in enumerate(judgements.query_ids):
        count = judgements.lengths[row]
        qrels[query] = {str(p): len(names) - int(label) for p, label in enumerate(judgements.labels[row, :count])}
        ranking[query] = {str(p): int(count) - rank for rank, p in enumerate(run.order[row, :count].tolist())}
    wanted = {"recip_rank", "set_P", "P.5", "recall.5", "map"}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, wanted, relevance_level=len(names) - level).evaluate(ranking)
    for name, trec_name in RELEVANCE.items():
        expected = np.array([theirs[query][trec_name] for query in judgements.query_ids])
        np.testing.assert_allclose(np.nan_to_num(found.values(name)), expected, atol=1e-9, err_msg=name)
    plain = evaluate(tiny_dataset, run, measures=["ndcg"])
    np.testing.assert_array_equal(found.values("ndcg"), plain.values("ndcg"))
    assert (dataset.key == tiny_dataset.key) == (level == 0)


def test_rank_biased_precision_takes_the_chosen_labels_for_relevant(tiny_dataset: Dataset) -> None:
    """By hand: (1 - p) times p to the rank less one, over Exact and Substitute (`RBP(p=0.8, rel=2)` in ir_measures)."""
    labels = np.array([1, 0, 2, 1, 3])
    relevant = tiny_dataset.as_relevant("S").scale.is_relevant(labels)
    value, residual = rank_biased_precision(relevant, labels >= 0, 5, persistence=0.8)
    assert value == pytest.approx(0.2 * (1 + 0.8 + 0.8**3))
    assert residual == pytest.approx(0.8**5)
