"""Swaps: each pair exchanged once, as neighbours, and shares that add up to the difference of the two NDCGs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from drawn_slates import GAINS, slow_dcg
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.evaluation.metrics import discounts, ndcg
from sqid_core.evaluation.swaps import Cause, Swaps, causes, slate_swaps
from sqid_core.types import Floats, Positions


@st.composite
def pairs_of_rankings(draw: st.DrawFn) -> tuple[Positions, Positions, Floats]:
    count = draw(st.integers(0, 25))
    gains = draw(st.lists(st.sampled_from((*GAINS, 0.7)), min_size=count, max_size=count))
    a, b = (np.array(draw(st.permutations(range(count))), dtype=np.int64) for _ in range(2))
    return a, b, np.array(gains, dtype=np.float64)


def walked(a: Positions, b: Positions, gains: Floats) -> dict[tuple[int, int], float]:
    """The slow and obvious way: products walk from A to B in exact fractions, neighbours exchange when they meet."""
    place_a, place_b = a.argsort(), b.argsort()
    meetings = [
        (place_a[j] - place_a[i], place_b[i] - place_b[j], i, j)
        for i, j in itertools.permutations(range(len(a)), 2)
        if place_a[i] < place_a[j] and place_b[i] > place_b[j]
    ]
    # Compared as whole numbers: p / (p + q) with a denominator that all share.
    whole = np.lcm.reduce([int(p + q) for p, q, _, _ in meetings] or [1], dtype=object)
    meetings.sort(key=lambda m: (int(m[0]) * (whole // int(m[0] + m[1])), place_a[m[2]], place_a[m[3]]))
    row, ideal, shares = list(a), slow_dcg(sorted(gains.tolist(), reverse=True)), {}
    for _, _, i, j in meetings:
        p = row.index(i)
        assert row[p + 1] == j, "only neighbours exchange"
        row[p], row[p + 1] = j, i
        if gains[i] != gains[j]:
            shares[int(j), int(i)] = (gains[j] - gains[i]) * (discounts(len(a))[p] - discounts(len(a))[p + 1]) / ideal
    assert row == list(b)
    return shares


def as_dict(found: Swaps) -> dict[tuple[int, int], float]:
    return {(int(u), int(d)): float(c) for u, d, c in zip(found.up, found.down, found.contribution, strict=True)}


@given(pairs_of_rankings())
def test_the_fast_way_is_the_slow_way(case: tuple[Positions, Positions, Floats]) -> None:
    a, b, gains = case
    found = slate_swaps(a, b, gains)
    if not gains.any():
        assert len(found) == 0
        assert np.isnan(found.difference)
        return
    expected = walked(a, b, gains)
    assert as_dict(found) == pytest.approx(expected, abs=1e-15)
    assert len(found) == len(expected)
    assert (np.diff(np.abs(found.contribution)) <= 0).all()


def test_shares_add_up_on_a_thousand_pairs_of_rankings() -> None:
    rng = np.random.default_rng(4)
    for case in range(1000):
        count = int(rng.integers(1, 90))
        gains = rng.choice(GAINS, size=count, p=(0.3, 0.3, 0.1, 0.3)) if case % 2 else rng.random(count)
        # Coarse scores, ties by position: runs that agree in part, as real ones do.
        a, b = (np.argsort(-np.round(rng.random(count) * 8), kind="stable") for _ in range(2))
        b = a.copy() if case % 50 == 0 else b
        found = slate_swaps(a, b, gains)
        if not gains.any():
            assert np.isnan(found.difference)
            continue
        wanted = float(ndcg(gains[b]) - ndcg(gains[a]))
        assert abs(found.difference - wanted) < 1e-12
        assert abs(found.contribution.sum() - wanted) < 1e-9
        back = slate_swaps(b, a, gains)
        assert as_dict(back) == pytest.approx({(d, u): -c for (u, d), c in as_dict(found).items()}, abs=1e-15)
        assert back.equal_gains == found.equal_gains


def test_by_hand() -> None:
    # The third product overtakes the second, then the first: two exchanges, each at the ranks where they meet.
    d = discounts(3)
    ideal = 1.0 + 0.1 * d[1]
    found = slate_swaps(np.array([0, 1, 2]), np.array([2, 0, 1]), np.array([0.1, 0.0, 1.0]))
    assert as_dict(found) == pytest.approx(
        {(2, 1): 1.0 * (d[1] - d[2]) / ideal, (2, 0): 0.9 * (d[0] - d[1]) / ideal}, abs=1e-15
    )
    assert list(found.rank) == [1, 2]
    assert found.difference == pytest.approx((d[0] + 0.1 * d[1] - 0.1 * d[0] - d[2]) / ideal)


def test_all_meet_in_one_point_when_a_ranking_is_turned_round() -> None:
    gains = np.array([1.0, 0.1, 0.0])
    found = slate_swaps(np.array([0, 1, 2]), np.array([2, 1, 0]), gains)
    # The first goes down before the second does: 0 and 1 meet at rank 1, 0 and 2 at rank 2, 1 and 2 at rank 1.
    assert dict(zip(zip(found.up, found.down, strict=True), found.rank, strict=True)) == {
        (1, 0): 1,
        (2, 0): 2,
        (2, 1): 1,
    }


@pytest.mark.parametrize(
    ("a", "b", "gains", "difference", "equal"),
    [
        ([], [], [], np.nan, 0),
        ([0], [0], [1.0], 0.0, 0),
        ([0], [0], [0.0], np.nan, 0),
        ([0, 1], [1, 0], [0.0, 0.0], np.nan, 1),
        ([0, 1], [1, 0], [0.5, 0.5], 0.0, 1),
        ([1, 0], [1, 0], [0.5, 1.0], 0.0, 0),
    ],
)
def test_nothing_to_explain(a: list[int], b: list[int], gains: list[float], difference: float, equal: int) -> None:
    found = slate_swaps(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64), np.array(gains, dtype=np.float64))
    assert len(found) == 0
    np.testing.assert_equal(found.difference, difference)
    assert found.equal_gains == equal


def test_orders_of_other_slates_are_refused() -> None:
    for wrong in ([0, 0], [0], [0, 2], [-1, 0]):
        with pytest.raises(ValueError, match="order_b must hold each"):
            slate_swaps(np.array([0, 1]), np.array(wrong), np.array([1.0, 0.0]))


def test_causes_by_hand() -> None:
    nan = np.nan
    #                  up down: image alone, both, text against both missing, equal scores
    text = np.array([0.1, 0.9, 0.5, 0.4, 0.3, 0.3])
    image = np.array([0.8, 0.2, 0.1, 0.0, nan, 0.6])
    up, down = np.array([0, 2, 3, 4, 5]), np.array([1, 3, 4, 5, 5])
    found = Swaps(up, down, np.ones(5), np.ones(5, dtype=np.int64), 5.0, 0)
    kinds, index = causes(found, {"t": text, "i": image})
    assert [kinds[i] for i in index] == [
        Cause(prefer=("i",), against=("t",)),
        Cause(prefer=("t", "i")),
        Cause(prefer=("t",), passed_lacks=("i",)),
        Cause(lacks=("i",)),
        Cause(),
    ]
    kinds, index = causes(found, {"t": text}, {"i": image})
    assert [kinds[i] for i in index] == [
        Cause(against=("t",)),
        Cause(prefer=("t",)),
        Cause(prefer=("t",), passed_lacks=("i",)),
        Cause(lacks=("i",)),
        Cause(),
    ]
    assert causes(slate_swaps(np.array([0]), np.array([0]), np.array([1.0])), {"t": text})[0] == ()
