import numpy as np
import pytest

from sqid_core.evaluation.curves import WeightCurve
from sqid_core.evaluation.plateau import plateau

CURVE = WeightCurve(np.array([0, 0.1, 0.3, 0.4, 0.6, 0.8]), np.array([0.5, 0.899, 0.9, 0.8985, 0.5, 0.8999]), 0.5, 0.5)


def test_the_plateau_is_in_one_piece_around_the_best() -> None:
    """The last interval is as good, but a valley lies between."""
    assert plateau(CURVE) == pytest.approx((0.1, 0.6))
    assert plateau(CURVE, 0.0005) == pytest.approx((0.3, 0.4))
    assert plateau(CURVE, 1.0) == (0.0, 1.0)


def test_the_plateau_holds_the_best_interval_and_ends_where_the_curve_falls() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        starts = np.append(0, np.sort(rng.random(30)))
        curve = WeightCurve(starts, 0.9 + 0.004 * rng.random(31), 0.9, 0.9)
        low, high = plateau(curve)
        assert low <= curve.best.low
        assert curve.best.high <= high
        inside = np.linspace(low, high, 200, endpoint=False)[1:]
        assert (curve.at(inside) >= curve.best.value - 0.002).all()
        for outside in (low - 1e-9, high + 1e-9):
            assert not 0 < outside < 1 or curve.at(outside) < curve.best.value - 0.002


def test_no_query_has_no_plateau() -> None:
    assert plateau(WeightCurve(np.zeros(1), np.full(1, np.nan), np.nan, np.nan, 0)) == (0, 1)
