from __future__ import annotations

import numpy as np
import pytest

from sqid_core.evaluation.comparisons import run_comparison
from sqid_core.evaluation.intervals import difference_interval
from sqid_core.evaluation.significance import Outcomes


def test_by_hand() -> None:
    nan = np.nan
    a = np.array([0.5, 0.9, nan, 0.3, 0.7, nan, 0.6])
    b = np.array([0.7, 0.4, nan, 0.3 + 1e-12, 0.9, nan, 0.5])
    judged = np.array([True] * 5 + [False, True])
    found = run_comparison(a, b, judged)
    assert found.losses.tolist() == [1, 6]
    # 0 and 4 gain the same, up to rounding; so close, it is whichever is larger.
    assert sorted(found.wins.tolist()) == [0, 4]
    assert found.outcomes == Outcomes(wins=2, ties=1, losses=2)
    assert found.undefined == 1
    assert found.mean_a == pytest.approx(3.0 / 5)
    assert found.difference == pytest.approx((0.2 - 0.5 + 0.2 - 0.1) / 5)
    # One of five is equal, and four differ.
    assert np.isnan(found.interval).all()
    assert found.verdict.kind == "few queries"


def test_the_interval_is_that_of_the_differences() -> None:
    a, b = np.random.default_rng(0).random((2, 30))
    found = run_comparison(a, b, np.ones(30, bool))
    assert found.interval == difference_interval(b - a)
    assert found.verdict.kind in ("open", "better", "worse")


def test_equal_losses_stay_in_the_order_of_the_bundle() -> None:
    found = run_comparison(np.array([0.5, 1.0, 0.5, 0.5]), np.array([0.25, 0.5, 0.25, 0.0]), np.ones(4, bool))
    assert found.losses.tolist() == [1, 3, 0, 2]
    assert not len(found.wins)
    assert run_comparison(np.zeros(3), np.array([1e-9, 0.5, 0.75]), np.ones(3, bool)).wins.tolist() == [2, 1]


def test_nothing_defined_is_nan_not_zero() -> None:
    nothing = np.full(3, np.nan)
    found = run_comparison(nothing, nothing, np.array([True, False, True]))
    assert np.isnan([found.mean_a, found.mean_b, found.difference, *found.interval]).all()
    assert (found.outcomes.n, found.undefined, len(found.losses), len(found.wins)) == (0, 2, 0, 0)
