"""Intervals of means hold the truth as often as they say, and are not given where they could not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.evaluation.intervals import (
    difference_interval,
    difference_intervals,
    expanded_levels,
    mean_intervals,
    t_quantile,
    t_within,
)
from sqid_core.evaluation.significance import bootstrap_interval, effect_size


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
    assert np.isnan(difference_interval(nine[:10])).all()
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


@pytest.mark.parametrize("degrees", [200, 213, 250.5])
def test_of_many_degrees_it_is_the_expansion_to_its_next_term(degrees: float) -> None:
    """Abramowitz & Stegun 26.7.5: what is left out begins with the fifth term, of 1 / degrees ** 4."""
    stats = pytest.importorskip("scipy.stats")
    z = stats.norm.ppf(0.975)
    fifth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    assert t_quantile(0.95, degrees) + fifth / degrees**4 == pytest.approx(stats.t.ppf(0.975, degrees), rel=5e-11)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 30])
def test_what_lies_within_is_scipys(degrees: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    for t in (0.0, 0.3, 2.0, 40.0):
        assert t_within(t, degrees) == pytest.approx(1 - 2 * stats.t.sf(t, degrees), abs=1e-12)


@pytest.mark.parametrize("n", [2, 2.5, 10, 300])
def test_the_levels_of_few_are_expanded_as_hesterberg_says(n: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    for confidence in (0.8, 0.95):
        wide = stats.t.ppf((1 + confidence) / 2, n - 1) * np.sqrt(n / (n - 1))
        low, high = expanded_levels(n, confidence)
        assert (low, 1 - high) == pytest.approx((stats.norm.cdf(-wide), stats.norm.cdf(-wide)), rel=1e-3)
    assert expanded_levels(1.99) == (0.0, 1.0)


def test_the_weighted_interval_is_that_of_a_ratio_where_the_bootstrap_lies_inside() -> None:
    """One resample lies inside: what is left is the mean and the error, by shares p: the sum of p² r², over what it
    falls short of under equal variances."""
    rng = np.random.default_rng(0)
    weights, values = rng.lognormal(0, 0.5, 30), rng.random((2, 31))
    values[:, 4] = np.nan
    weights = np.insert(weights, 4, 9.0)
    known = np.arange(31) != 4
    p = weights[known] / weights[known].sum()
    for row, found in zip(values, mean_intervals(values, 0.99, resamples=1, traffic=weights), strict=True):
        mean, second = p @ row[known], p @ p
        error = np.sqrt(p**2 @ (row[known] - mean) ** 2 / (1 - 2 * (p**3).sum() / second + second))
        half = t_quantile(0.99, 1 / second - 1) * error
        assert found == pytest.approx((mean - half, mean + half), rel=1e-12)
    # Worth two queries exactly, and no less.
    assert np.isfinite(mean_intervals(np.array([[0.1, 0.5, 0.6]]), traffic=np.array([4.0, 1.0, 1.0]))).all()


def test_one_value_has_no_interval_and_nothing_is_divided_for_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(mean_intervals(np.array([[0.5], [np.nan]]))).all()
        assert np.isnan(effect_size(np.array([0.5])))


def test_what_differs_by_rounding_alone_is_equal() -> None:
    assert np.isnan(mean_intervals(np.array([[0.0, 1e-9]]))).all()
    assert np.isfinite(mean_intervals(np.array([[0.0, 3e-9]]))).all()
    assert mean_intervals(np.empty((0, 4))).shape == (0, 2)
    nine = np.concatenate([np.linspace(0.1, 0.9, 9), [1e-9], np.zeros(30)])
    assert np.isnan(difference_interval(nine)).all()
