from itertools import pairwise

import numpy as np
import pytest
from drawn_slates import random_slates, slow_order
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.evaluation.curves import WeightCurve, WeightCurves, weight_curves
from sqid_core.evaluation.pull import Pull, best_pull, best_stop, price, pull
from sqid_core.ranking.fusion import Columns, Fusion, fuse
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE

SETTINGS = [
    Fusion(name, norm=norm, missing_image=missing)
    for name, method in METHODS.items()
    for norm in (method.norms if method.reads_norm else method.norms[:1])
    for missing in (MISSING_IMAGE if method.reads_missing else list(MISSING_IMAGE)[:1])
]
LINEAR = [fusion for fusion in SETTINGS if fusion.rule.linear]
OTHERS = [fusion for fusion in SETTINGS if not fusion.rule.linear]
NEAR = 2e-9


def one_slate(a: list[float], b: list[float]) -> Columns:
    return Columns(np.array(a), np.array(b), np.ones(len(a), dtype=bool))


def rank_at(columns: Columns, fusion: Fusion, product: int, weight: float) -> int:
    return slow_order(fuse(columns, fusion, weight), columns.mask).index(product) + 1


def slow_crossings(columns: Columns, product: int) -> list[float]:
    """Where the product's line meets another, one pair at a time."""
    met = []
    for other in range(len(columns.a)):
        a, b = columns.a[product] - columns.a[other], columns.b[product] - columns.b[other]
        if a * b < 0:
            met.append(a / (a - b))
    return sorted(met)


def stretches(edges: list[float]) -> list[tuple[float, float]]:
    """The open intervals between edges, but those that are a rounding error wide."""
    ends = [0.0, *edges, 1.0]
    return [(low, high) for low, high in pairwise(ends) if high - low > NEAR]


def held(found: Pull, weight: float) -> bool:
    return any(low < weight < high for low, high in zip(found.low, found.high, strict=True))


def drawn(seed: int, fusion: Fusion, queries: int = 5) -> tuple[list[Columns], WeightCurves]:
    """The slates' columns without padding, and the curves of all."""
    slates = random_slates(seed, queries, 12)
    columns = slates.columns(fusion)
    each = [columns.take(np.array([q])) for q in range(queries)]
    own = [
        Columns(c.a[0], c.b[0], c.mask[0], None if c.c is None else c.c[0]).take(np.flatnonzero(c.mask[0]))
        for c in each
    ]
    return own, weight_curves(columns, slates.gains, fusion)


def test_two_others_pass_it_by_hand() -> None:
    """It is first by text and last by picture; the second passes it at .25, the third at .75."""
    columns = one_slate([0.6, 0.5, 0.3], [0.1, 0.4, 0.2])
    first, second, last = (pull(columns, Fusion(), 0, rank) for rank in (1, 2, 3))
    assert (first.low.tolist(), first.high.tolist()) == ([0], [pytest.approx(0.25)])
    assert (second.low.tolist(), second.high.tolist()) == ([0], [pytest.approx(0.75)])
    assert (last.low.tolist(), last.high.tolist()) == ([0], [1])
    # At .25 both are equal, and the row decides for it.
    assert first.stops.tolist() == pytest.approx(np.arange(26) / 100)
    assert first.ahead.tolist() == []


def test_who_is_ahead_in_both_signals_is_the_reason() -> None:
    found = pull(one_slate([0.9, 0.8, 0.5, 0.1], [0.9, 0.8, 0.5, 0.1]), Fusion(), 2, 1)
    assert not len(found.low)
    assert not len(found.stops)
    assert found.ahead.tolist() == [0, 1]
    assert (found.nearest, found.where) == (3, (0, 1))


def test_no_weight_may_do_it_though_nobody_is_always_ahead() -> None:
    found = pull(one_slate([0.9, 0.5, 0.1], [0.1, 0.3, 0.8]), Fusion(), 1, 1)
    assert not len(found.low)
    assert found.ahead.tolist() == []
    assert found.nearest == 2


def test_equal_products_go_by_row() -> None:
    columns = one_slate([0.5, 0.5], [0.2, 0.2])
    assert pull(columns, Fusion(), 0, 1).low.tolist() == [0]
    assert pull(columns, Fusion(), 1, 1).ahead.tolist() == [0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(LINEAR), st.integers(0, 11), st.integers(1, 6))
def test_it_is_brute_force_over_all_intervals(seed: int, fusion: Fusion, product: int, rank: int) -> None:
    """With ties, missing pictures and every norm; the best weight among all intervals of all queries too."""
    slates, curves = drawn(seed, fusion)
    mean = curves.mean()
    for columns in slates:
        product = min(product, len(columns.a) - 1)
        found, met = pull(columns, fusion, product, rank), slow_crossings(columns, product)
        ranks = {span: rank_at(columns, fusion, product, sum(span) / 2) for span in stretches(met)}
        assert all(held(found, sum(span) / 2) == (own <= rank) for span, own in ranks.items())
        assert found.nearest == min(ranks.values())
        middles = [sum(span) / 2 for span in ranks]
        ahead = [
            other
            for other in range(len(columns.a))
            if all(
                rank_at(columns.take(np.unique([other, product])), fusion, int(other < product), w) == 2
                for w in middles
            )
            and other != product
        ]
        assert found.ahead.tolist() == ahead
        assert found.stops.tolist() == [
            w / 100 for w in range(101) if rank_at(columns, fusion, product, w / 100) <= rank
        ]
        best = best_pull(found, mean)
        everywhere = [sum(span) / 2 for span in stretches(sorted([*met, *mean.starts[1:]]))]
        values = [float(mean.at(w)) for w in everywhere if rank_at(columns, fusion, product, w) <= rank]
        assert (best is None) == (not values)
        if best is not None and mean.n:
            assert best.value == pytest.approx(max(values), abs=1e-9)
            assert float(mean.at(best.weight)) == pytest.approx(best.value, abs=1e-9)
            assert rank_at(columns, fusion, product, best.weight) <= rank


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(OTHERS), st.integers(1, 4))
def test_other_methods_are_sampled(seed: int, fusion: Fusion, rank: int) -> None:
    slates, curves = drawn(seed, fusion, 3)
    for columns in slates:
        found = pull(columns, fusion, 0, rank)
        assert not found.exact
        for w in (0.0, 0.005, 0.31, 0.5, 0.755, 1.0):
            inside = min(max(w, 1e-6), 1 - 1e-6)
            assert held(found, inside) == (rank_at(columns, fusion, 0, w) <= rank)
        best = best_pull(found, curves.mean())
        assert best is None or rank_at(columns, fusion, 0, best.weight) <= rank


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(SETTINGS), st.floats(0, 1))
def test_the_price_is_counted_query_by_query(seed: int, fusion: Fusion, now: float) -> None:
    _, curves = drawn(seed, fusion, 20)
    for chosen in (None, np.array([2, 3, 11])):
        found = price(curves, now, 0.31, chosen)
        rows = range(20) if chosen is None else chosen.tolist()
        changes = {row: float(curves.curve(row).at(0.31) - curves.curve(row).at(now)) for row in rows}
        assert found.losing.tolist() == [row for row, change in changes.items() if change < -1e-12]
        assert found.winning.tolist() == [row for row, change in changes.items() if change > 1e-12]
        known = [change for change in changes.values() if not np.isnan(change)]
        assert found.n == len(known)
        if known:
            assert found.change == pytest.approx(np.mean(known), abs=1e-9)


def test_a_query_that_nobody_asks_costs_nothing() -> None:
    """Two queries that want opposite weights; the first is never asked."""
    columns = Columns(np.array([[0.9, 0.1]] * 2), np.array([[0.1, 0.9]] * 2), np.ones((2, 2), dtype=bool))
    curves = weight_curves(columns, np.array([[1.0, 0.0], [0.0, 1.0]]), Fusion())
    asked = WeightCurves(
        curves.starts, curves.values, curves.offsets, curves.at_zero, curves.at_one, traffic=np.array([0.0, 2.0])
    )
    both, one = price(curves, 0.1, 0.9), price(asked, 0.1, 0.9)
    assert (both.losing.tolist(), both.winning.tolist(), both.n) == ([0], [1], 2)
    assert (one.losing.tolist(), one.winning.tolist(), one.n) == ([], [1], 1)
    assert one.change > 0


def test_the_stop_is_the_best_of_those_that_do_it() -> None:
    columns = one_slate([0.6, 0.5, 0.3], [0.1, 0.4, 0.2])
    mean = weight_curves(
        Columns(columns.a[None], columns.b[None], columns.mask[None]), np.array([[0.0, 1.0, 0.0]]), Fusion()
    ).mean()
    assert best_stop(pull(columns, Fusion(), 0, 2), mean) == 0.5
    assert best_stop(pull(columns, Fusion(), 0, 1), mean) in np.arange(26) / 100
    assert best_stop(pull(columns, Fusion(), 2, 1), mean) is None


def test_where_no_query_has_an_ndcg_the_widest_interval_is_the_best() -> None:
    nothing = WeightCurve(np.zeros(1), np.full(1, np.nan), np.nan, np.nan, 0)
    found = pull(one_slate([0.6, 0.5, 0.3], [0.1, 0.4, 0.2]), Fusion(), 0, 2)
    best = best_pull(found, nothing)
    assert best is not None
    assert (best.low, best.high, best.weight) == pytest.approx((0, 0.75, 0.375))
    assert np.isnan(best.value)
    assert best_stop(found, nothing) in (0.37, 0.38)
    assert repr(found) == (
        "Pull(to rank 2, exact: image weight 0.000 to 0.750; best rank 1 at image weight 0.000 to 0.250; "
        "always behind 0 others)"
    )
    never = pull(one_slate([0.9, 0.1], [0.9, 0.1]), Fusion(), 1, 1)
    assert repr(never) == (
        "Pull(to rank 1, exact: no weight; best rank 2 at image weight 0.000 to 1.000; always behind 1 others)"
    )


def test_two_intervals_that_do_it_are_two() -> None:
    """One other is ahead at each end, and both in the middle, from 1/9 to 8/9."""
    found = pull(one_slate([0.5, 0.9, 0.45], [0.5, 0.45, 0.9]), Fusion(), 0, 2)
    assert found.low == pytest.approx([0, 8 / 9])
    assert found.high == pytest.approx([1 / 9, 1])
    assert (found.nearest, found.ahead.tolist()) == (2, [])
    assert [held(found, weight) for weight in (0.1, 0.2, 0.8, 0.9)] == [True, False, False, True]
    # A curve that is best in the middle: the best that does it is at the upper end, where it falls later.
    mean = WeightCurve(np.array([0.0, 0.05, 0.95]), np.array([0.1, 0.9, 0.3]), 0.1, 0.3)
    best = best_pull(found, mean)
    assert best is not None
    assert (best.low, best.high, best.value) == pytest.approx((0.05, 1 / 9, 0.9))
    assert best_stop(found, mean) == 0.08
