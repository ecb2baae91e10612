import itertools
import math

import numpy as np
import pytest
from drawn_slates import random_slates, slow_dcg
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.evaluation.metrics import (
    METRICS,
    RankedSlates,
    at_cutoff,
    average_precision,
    best_first,
    dcg,
    expected_at_random,
    expected_random_ndcg,
    measure,
    measure_label,
    measure_of,
    measures,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
)
from sqid_core.evaluation.unjudged import judged_share, ndcg_readings, rank_biased_precision

GAINS = st.lists(st.sampled_from([1.0, 0.1, 0.01, 0.0]), min_size=1, max_size=7)


def test_dcg_by_hand() -> None:
    assert dcg(np.array([1, 0.1, 0, 1])) == pytest.approx(1 + 0.1 / math.log2(3) + 1 / math.log2(5))
    assert dcg(np.array([1, 0.1, 0, 1]), 2) == pytest.approx(1 + 0.1 / math.log2(3))


def test_ndcg_by_hand() -> None:
    ranked = np.array([0.1, 1.0])
    assert ndcg(ranked) == pytest.approx((0.1 + 1 / math.log2(3)) / (1 + 0.1 / math.log2(3)))
    assert ndcg(ranked, k=1) == pytest.approx(0.1)


def test_the_ideal_holds_judged_products_that_were_not_retrieved() -> None:
    assert ndcg(np.array([0.1]), judged=np.array([0.1, 1.0])) == pytest.approx(0.1 / (1 + 0.1 / math.log2(3)))


def test_ndcg_is_undefined_without_gain() -> None:
    assert np.isnan(ndcg(np.array([[0.0, 0.0]]))).all()
    assert np.isnan(ndcg(np.zeros((2, 0)))).all()


@given(GAINS, st.one_of(st.none(), st.integers(1, 8)))
def test_ndcg_is_the_formula_and_at_most_1(gains: list[float], k: int | None) -> None:
    value = float(ndcg(np.array(gains), k=k))
    ideal = slow_dcg(sorted(gains, reverse=True), k)
    assert math.isnan(value) if not ideal else value == pytest.approx(slow_dcg(gains, k) / ideal)
    assert not value > 1 + 1e-12


@given(GAINS.filter(lambda gains: len(gains) <= 5), st.one_of(st.none(), st.integers(1, 6)))
def test_expected_random_ndcg_is_the_mean_over_all_orders(gains: list[float], k: int | None) -> None:
    padded = np.array([*gains, 0.0, 0.0])
    mask = np.arange(len(padded)) < len(gains)
    orders = np.array(list(itertools.permutations(gains)))
    expected = ndcg(orders, k=k).mean()
    np.testing.assert_allclose(expected_random_ndcg(padded, mask, k), expected)


def test_reciprocal_rank_precision_recall_by_hand() -> None:
    relevant = np.array([[False, True, True, False], [False] * 4])
    assert reciprocal_rank(relevant).tolist() == [0.5, 0]
    assert reciprocal_rank(relevant, 1).tolist() == [0, 0]
    assert precision(relevant, 10).tolist() == [0.2, 0]
    np.testing.assert_array_equal(recall(relevant, np.array([3, 0]), 2), [1 / 3, np.nan])
    assert reciprocal_rank(np.zeros((2, 0), bool)).tolist() == [0, 0]


def test_average_precision_by_hand() -> None:
    relevant = np.array([[True, False, True, False], [False] * 4])
    np.testing.assert_allclose(average_precision(relevant, np.array([3, 0])), [(1 + 2 / 3) / 3, np.nan])
    np.testing.assert_allclose(average_precision(relevant, np.array([3, 0]), 2), [1 / 3, np.nan])


@pytest.mark.parametrize(
    ("relevant", "persistence", "theirs"),
    [
        ("00101", 0.5, 0.15625),
        ("00101", 0.8, 0.20992000000000002),
        ("000010010101", 0.8, 0.16788645478400008),
        ("011010000011001000010010001000", 0.8, 0.42233330488342924),
        ("011010000011001000010010001000", 0.95, 0.2643312751302566),
    ],
)
def test_rbp_is_ranxs(relevant: str, persistence: float, theirs: float) -> None:
    """What ranx 0.3.21 says; loading it takes as long as all other tests here."""
    found = np.array([each == "1" for each in relevant])
    value, residual = rank_biased_precision(found, np.ones_like(found), persistence=persistence)
    assert value == pytest.approx(theirs, abs=1e-12)
    assert residual == pytest.approx(persistence ** len(found))


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=12), st.integers(1, 14))
def test_rbps_residual_is_what_the_unknown_could_add(labels: list[bool | None], k: int) -> None:
    relevant, judged = np.array([bool(x) for x in labels]), np.array([x is not None for x in labels])
    value, residual = rank_biased_precision(relevant, judged, k)
    best, behind = rank_biased_precision(relevant | ~judged, np.ones_like(judged), k)
    assert value + residual == pytest.approx(best + behind)
    assert behind == pytest.approx(0.8 ** min(k, len(labels)))


def test_judged_share_by_hand() -> None:
    judged, mask = np.array([[True, False, True], [False] * 3]), np.array([[True] * 3, [False] * 3])
    np.testing.assert_array_equal(judged_share(judged, mask, 2), [0.5, np.nan])
    np.testing.assert_allclose(judged_share(judged, mask), [2 / 3, np.nan])


def test_ndcg_readings_by_hand() -> None:
    ranked, judged = np.array([np.nan, 1.0, 0.0]), np.array([1.0, 0.1, 0.0])
    low, high = ndcg_readings(ranked, judged, 1.0, 3)
    third = 1 / math.log2(3)
    assert low == pytest.approx(third / (1 + 0.1 * third))
    assert high == pytest.approx((1 + third) / (1 + third + 0.1 / 2))


@given(st.lists(st.sampled_from([1.0, 0.1, 0.01, 0.0, math.nan]), min_size=1, max_size=8), st.integers(1, 8))
def test_ndcg_readings_stay_in_0_to_1_and_meet_where_all_is_judged(ranked: list[float], k: int) -> None:
    judged = np.array([g for g in ranked if not math.isnan(g)] + [1.0])
    low, high = ndcg_readings(np.array(ranked), judged, 1.0, k)
    assert 0 <= low <= 1 + 1e-12
    assert 0 <= high <= 1 + 1e-12
    if not np.isnan(ranked[:k]).any():
        assert low == high


def test_metrics_by_name() -> None:
    slates = random_slates(1, 20)
    relevant = slates.labels == 0
    ranked = RankedSlates(slates.gains, relevant, slates.mask, best_first(slates.gains))
    np.testing.assert_array_equal(measure("precision@5", ranked), precision(relevant, 5))
    np.testing.assert_array_equal(measure("ndcg", ranked), ndcg(slates.gains))
    assert all(measure(name, ranked).shape == (20,) for name in METRICS)


@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_what_is_expected_at_random_is_the_mean_over_all_orders(k: int) -> None:
    """Slates of no product to five, none to all of them relevant, with padding behind."""
    for length, good in [(0, 0), (1, 0), (1, 1), (2, 1), (3, 2), (4, 0), (4, 4), (5, 2)]:
        mask = np.arange(6)[None] < length
        gains = np.where(np.arange(6)[None] < good, 1.0, 0.1) * mask
        relevant = np.arange(6)[None] < good
        slate = RankedSlates(gains, relevant, mask, gains)
        orders = np.array([[*order, 5][:6] for order in itertools.permutations(range(length))] or [[]], dtype=int)
        orders = np.pad(orders[:, :length], ((0, 0), (0, 6 - length)), constant_values=5)
        every = [np.repeat(values, len(orders), 0) for values in (mask, gains)]
        ranked = RankedSlates(gains[0][orders] * every[0], relevant[0][orders] & every[0], every[0], every[1])
        for name in ("ndcg", "rr", f"ndcg@{k}", f"precision@{k}", f"recall@{k}"):
            found = expected_at_random(name, slate)[0]
            if length:
                assert found == pytest.approx(measure(name, ranked).mean(), nan_ok=True), (name, length, good)
            else:
                assert np.isnan(found), name
        if length:
            assert expected_at_random("precision", slate)[0] == pytest.approx(good / length)


def test_what_is_expected_of_slates_together_is_that_of_each() -> None:
    lengths, good = np.array([0, 1, 2, 5, 5, 8]), np.array([0, 1, 1, 0, 5, 3])
    mask, relevant = (np.arange(8) < counts[:, None] for counts in (lengths, good))
    slates = RankedSlates(np.where(relevant, 1.0, 0.0), relevant, mask, np.where(relevant, 1.0, 0.0))
    for name in ("ndcg", "rr", "ndcg@3", "precision@3", "recall@3"):
        alone = [
            expected_at_random(
                name, RankedSlates(*(each[[row]] for each in (slates.gains, relevant, mask, slates.gains)))
            )[0]
            for row in range(6)
        ]
        np.testing.assert_array_equal(expected_at_random(name, slates), alone)


def test_measures_and_their_names() -> None:
    assert measures(5) == ("ndcg", "ndcg@5", "rr", "precision@5", "recall@5", "ap")
    assert [at_cutoff(kind, 7) for kind in ("rr", "recall@")] == ["rr", "recall@7"]
    assert [measure_label(name) for name in ("ndcg@10", "rr", "precision@1")] == ["NDCG@10", "MRR", "P@1"]
    assert measure_of("recall@1") == (METRICS["recall"], 1)
    assert measure_of("recall") == (METRICS["recall"], None)
    assert repr(METRICS["rr"]) == "Measure(rr)"


def test_recall_may_know_of_relevant_products_that_are_not_ranked() -> None:
    relevant, mask = np.array([[True, False]]), np.ones((1, 2), bool)
    slates = RankedSlates(np.ones((1, 2)), relevant, mask, np.ones((1, 2)), judged_relevant=np.array([4]))
    assert measure("recall@2", slates) == 0.25


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("map", "unknown metric 'map'"), *((f"ndcg@{cut}", "cutoff") for cut in ("x", "0", "", "-1", "²", "٣"))],
)
def test_unknown_metrics_are_refused(name: str, sentence: str) -> None:
    slates = random_slates(1, 2)
    with pytest.raises(ValueError, match=sentence):
        measure(name, RankedSlates(slates.gains, slates.mask, slates.mask, slates.gains))


def test_a_constant_signal_scores_like_random() -> None:
    """Ties are broken by row, which knows no labels: over many slates that is a random order."""
    slates = random_slates(2, 4000)
    constant, expected = ndcg(slates.gains), expected_random_ndcg(slates.gains, slates.mask)
    difference = (constant - expected)[~np.isnan(expected)]
    assert abs(difference.mean()) < 3 * difference.std() / math.sqrt(len(difference))
