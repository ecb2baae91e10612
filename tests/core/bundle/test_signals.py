import numpy as np
import pandas as pd
import pytest

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.signals import DenseSignal, ScoredSignal


@pytest.fixture
def judgements() -> Judgements:
    pairs = pd.DataFrame(
        [("q0", "p2", "E"), ("q0", "p0", "I"), ("q2", "p1", "S")], columns=["query_id", "product_id", "label"]
    )
    return Judgements.from_frame(pairs, ["p0", "p1", "p2"], ["q0", "q1", "q2"], ESCI)


def test_dense_scores_are_cosines_and_nan_where_absent(judgements: Judgements) -> None:
    products = np.array([[1, 0], [0, 0], [0.6, 0.8]], dtype=np.float32)
    queries = np.array([[0, 1], [1, 0], [1, 0]], dtype=np.float32)
    signal = DenseSignal("s", "text", "e", products, np.array([True, False, True]), queries)
    np.testing.assert_allclose(signal.slate_scores(judgements), [[0, 0.8], [np.nan] * 2, [np.nan] * 2], atol=1e-7)
    np.testing.assert_allclose(signal.catalogue_scores(queries[0]), [0, np.nan, 0.8], atol=1e-7)


def test_slate_and_catalogue_scores_are_the_same_bits() -> None:
    """Equal vectors must tie, wherever they stand and whichever way they are scored."""
    rng = np.random.default_rng(0)
    products = rng.standard_normal((9001, 33)).astype(np.float32)
    products[5000:] = products[0]
    queries = rng.standard_normal((4, 33)).astype(np.float32)
    signal = DenseSignal("s", "text", "e", products, np.ones(9001, bool), queries)
    rows = np.arange(9001)
    pairs = signal.pair_scores(queries, np.full(9001, 2), rows)
    np.testing.assert_array_equal(pairs, signal.catalogue_scores(queries[2]))
    assert len(set(pairs[5000:])) == 1


def test_a_scored_signal_keeps_to_the_slates(judgements: Judgements) -> None:
    scores = np.full((3, 2), 0.5)
    assert np.isnan(ScoredSignal("bm25", "text", scores).slate_scores(judgements)[1]).all()
    with pytest.raises(ValueError, match=r"scores \(2, 2\), the judgements are \(3, 2\)"):
        ScoredSignal("bm25", "text", scores[:2]).slate_scores(judgements)


def test_what_a_signal_knows_is_what_it_scores(judgements: Judgements) -> None:
    vectors = np.array([[1, 0], [0, 0], [0.6, 0.8]], dtype=np.float32)
    scores = np.array([[np.nan, 0.5], [0.5, 0.5], [0.5, 0.5]])
    dense = DenseSignal("s", "text", "e", vectors, np.array([True, False, True]), vectors)
    for signal in (dense, ScoredSignal("bm25", "text", scores)):
        np.testing.assert_array_equal(signal.knows(judgements), np.isfinite(signal.slate_scores(judgements)))
    assert dense.knows(judgements).sum() == 2


def test_a_query_is_found_by_its_id(judgements: Judgements) -> None:
    assert [judgements.row_of(name) for name in ("q0", "q2")] == [0, 2]
    with pytest.raises(KeyError, match="q9"):
        judgements.row_of("q9")
