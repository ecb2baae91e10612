"""Intervals of means hold the truth as often as they say, and are not given where they could not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.evaluation.intervals import (
    difference_interval,
    difference_intervals,
    mean_intervals,
    t_quantile,
)
from sqid_core.evaluation.significance import bootstrap_interval


@given(st.floats(0.5, 0.999), st.integers(1, 3000))
def test_the_quantile_is_scipys(confidence: float, degrees: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    assert t_quantile(confidence, degrees) == pytest.approx(stats.t.ppf((1 + confidence) / 2, degrees), rel=1e-7)


@pytest.mark.parametrize("n", [2, 3, 8, 40, 400])
def test_it_is_students_t_widened_to_the_bootstrap(n: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(n).lognormal(0, 1, n)
    low, high = stats.t.interval(0.95, n - 1, values.mean(), stats.sem(values))
    ours, boot = mean_intervals(values[None])[0], bootstrap_interval(values)
    assert ours == pytest.approx((min(low, boot[0]), max(high, boot[1])), rel=1e-6)


def test_rows_are_taken_alone_and_nan_does_not_count() -> None:
    rows = np.random.default_rng(0).random((4, 30))
    rows[1, :25], rows[2, 1:], rows[3] = np.nan, np.nan, 0.25
    found = mean_intervals(rows)
    assert tuple(found[0]) == pytest.approx(tuple(mean_intervals(rows[:1])[0]))
    assert tuple(found[1]) == pytest.approx(tuple(mean_intervals(rows[1:2, 25:])[0]))
    # One value, and thirty equal ones, do not tell how far others may lie.
    assert np.isnan(found[2:]).all()


def test_no_interval_leaves_what_a_mean_can_be() -> None:
    found = mean_intervals(np.array([[0.1, 1.0, 0.9]]), within=(0.0, 1.0))
    assert found.min() >= 0
    assert found.max() == 1


def test_few_that_differ_beside_equal_ones_have_no_interval() -> None:
    nine = np.concatenate([np.linspace(0.1, 0.9, 9), np.zeros(30)])
    assert np.isnan(difference_interval(nine)).all()
    assert not np.isnan(difference_interval(np.append(nine, 0.3))).any()
    assert not np.isnan(difference_interval(np.linspace(0.1, 0.9, 5))).any()
    assert np.isnan(difference_interval(np.zeros(50))).all()


@pytest.mark.parametrize(("n", "equal"), [(5, 0.0), (10, 0.0), (30, 0.0), (30, 0.7), (100, 0.7)])
def test_symmetric_differences_are_covered(n: int, equal: float) -> None:
    rng = np.random.default_rng(n)
    sets = rng.normal(0.1, 0.3, (2000, n))
    sets[rng.random(sets.shape) < equal] = 0.0
    low, high = difference_intervals(sets, resamples=500).T
    given_one, truth = ~np.isnan(low), 0.1 * (1 - equal)
    assert ((low <= truth) & (truth <= high))[given_one].mean() == pytest.approx(0.95, abs=0.025)
