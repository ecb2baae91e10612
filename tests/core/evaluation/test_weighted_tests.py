"""Tests, intervals and power per unit of traffic."""

from __future__ import annotations

import numpy as np
import pytest
from weighted_simulations import LAWS, TRAFFICS, Law, Traffic, measured

from sqid_core.bundle.traffic import worth
from sqid_core.evaluation.exchange import exchange_p
from sqid_core.evaluation.intervals import difference_intervals, mean_intervals, t_quantile
from sqid_core.evaluation.power import detectable_difference
from sqid_core.evaluation.significance import outcomes, randomisation_p, resampled_means
from sqid_core.evaluation.verdicts import verdict


def test_names_are_exchanged_with_the_whole_weight() -> None:
    differences, weights = np.array([0.3, -0.1, 0.2, 0.0, np.nan]), np.array([1.0, 4.0, 2.0, 9.0, 1.0])
    parts = np.array([0.3, -0.4, 0.4])
    sums = [abs(np.dot(signs, parts)) for signs in np.stack(np.meshgrid(*[[1, -1]] * 3), -1).reshape(-1, 3)]
    assert randomisation_p(differences, traffic=weights) == np.mean(np.array(sums) >= abs(parts.sum()) - 1e-12)


def test_resamples_bring_their_weights_along() -> None:
    values, weights = np.array([[0.0, 1.0, 0.5]]), np.array([1.0, 3.0, 2.0])
    found = resampled_means(values, 400, traffic=weights)[:, 0]
    possible = {
        round(float(np.average(values[0, list(rows)], weights=weights[list(rows)])), 12) for rows in np.ndindex(3, 3, 3)
    }
    assert set(np.round(found, 12)) <= possible
    assert len(set(np.round(found, 12))) == len(possible)


@pytest.mark.parametrize("degrees", [1.0001, 1.4, 2.7, 5.55, 30.3, 150.2, 250.5])
def test_the_quantile_of_no_whole_number_is_scipys(degrees: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    for confidence in (0.001, 0.5, 0.95):
        assert t_quantile(confidence, degrees) == pytest.approx(stats.t.ppf((1 + confidence) / 2, degrees), rel=1e-5)


def test_the_error_is_that_of_a_ratio() -> None:
    """Of shares p: the sum of p² r², over what it falls short of under equal variances."""
    rng = np.random.default_rng(0)
    weights, values = rng.lognormal(0, 0.5, 30), rng.random(30)
    p = weights / weights.sum()
    mean, second, third = p @ values, p @ p, (p**3).sum()
    error = np.sqrt((p**2) @ (values - mean) ** 2 / (1 - 2 * third / second + second))
    half = t_quantile(0.95, 1 / second - 1) * error
    low, high = mean_intervals(values[None], traffic=weights)[0]
    assert low <= mean - half + 1e-12
    assert high >= mean + half - 1e-12
    assert min(mean - half - low, high - mean - half) == pytest.approx(0, abs=0.02)


def test_few_effective_queries_have_neither_interval_nor_verdict() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.1, 40)
    heavy = np.ones(40)
    heavy[0] = 1000.0
    assert worth(values, heavy) < 2
    assert np.isnan(mean_intervals(values[None], traffic=heavy)).all()
    found = outcomes(values, traffic=heavy)
    assert found.n == 40
    said = verdict(found, 0.5, randomisation_p(values, traffic=heavy))
    assert said.kind == "few queries"
    assert (said.n, said.worth) == (40, pytest.approx(worth(values, heavy)))
    # Forty differ, but what differs is worth less than ten.
    some, even = np.append(values, np.zeros(60)), np.append([20.0, *[1.0] * 39], np.full(60, 10.0))
    assert not np.isnan(difference_intervals(some[None])).any()
    assert np.isnan(difference_intervals(some[None], traffic=even)).all()


def test_groups_are_exchanged_with_their_weights() -> None:
    rng = np.random.default_rng(2)
    values, weights, first = rng.random(60), rng.lognormal(0, 1, 60), np.arange(60) < 25
    one, two = np.where(first, values, np.nan), np.where(first, np.nan, values)
    alike = exchange_p(one, two, 4000, traffic=weights)
    moved = exchange_p(one + 1.0, two, 4000, traffic=weights)
    assert alike > 0.05
    assert moved == 1 / 4001
    assert exchange_p(one, two, traffic=np.full(60, 3.0)) == exchange_p(one, two)
    assert np.isnan(exchange_p(np.where(np.arange(60) < 1, values, np.nan), two, traffic=weights))


@pytest.mark.parametrize("n", [30, 160])
def test_the_power_is_that_of_the_weighted_test(n: int) -> None:
    """A shift of what is detectable is found in about 80 % of sets that are drawn with their weights."""
    rng = np.random.default_rng(n)
    weights, values = rng.lognormal(0, 0.7, n), rng.normal(0, 0.2, n)
    least = detectable_difference(values, traffic=weights)
    residuals, found = values - np.average(values, weights=weights), []
    for _ in range(200):
        rows = rng.integers(n, size=n)
        found.append(randomisation_p(residuals[rows] + least, 1000, traffic=weights[rows]) <= 0.05)
    assert np.mean(found) == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("law", LAWS[:3], ids=lambda law: law.name)
@pytest.mark.parametrize(("traffic", "n"), [(TRAFFICS[0], 20), (TRAFFICS[1], 50), (TRAFFICS[2], 20)])
def test_weighted_means_are_covered_and_equal_runs_rarely_told_apart(law: Law, traffic: Traffic, n: int) -> None:
    """A small share of what `.ci/nightly` simulates."""
    found = measured(traffic, law, n, sets=150, seed=3)
    assert found.ours >= 0.91
    assert found.ours >= found.percentile
    assert found.wrong <= 0.1
