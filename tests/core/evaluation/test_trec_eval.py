"""Metrics held to pytrec_eval's, query by query, on random slates with ties, unjudged products and single products."""

from __future__ import annotations

import numpy as np
import pytest
import pytrec_eval
from drawn_slates import GAINS, Slates, random_slates

from sqid_core.evaluation.metrics import RankedSlates, measure
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
    return RankedSlates(*in_order, judged_gains=gains), positions


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
