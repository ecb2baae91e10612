"""What the test finds is simulated by the test itself: nothing where it cannot find anything."""

from __future__ import annotations

import numpy as np
import pytest

from sqid_core.evaluation.power import detectable_difference, power_at
from sqid_core.evaluation.significance import randomisation_ps


@pytest.mark.parametrize(("n", "equal", "family"), [(10, 0.0, 1), (20, 0.0, 4), (60, 0.7, 1), (400, 0.0, 4)])
def test_a_detectable_difference_is_found_four_times_of_five(n: int, equal: float, family: int) -> None:
    rng = np.random.default_rng(n)

    def sets(shift: float, count: int) -> np.ndarray:
        return np.where(rng.random((count, n)) < equal, 0.0, rng.normal(shift, 0.2, (count, n)))

    smallest = float(np.median([detectable_difference(each, family) for each in sets(0.0, 15)]))
    found = randomisation_ps(sets(smallest / (1 - equal), 500), resamples=2000) <= 0.05 / family
    assert found.mean() == pytest.approx(0.8, abs=0.12)


@pytest.mark.parametrize(("differences", "family"), [([0.1, -0.2, 0.3], 1), ([0.1, -0.2, 0.3, 0.1, -0.1], 1)])
def test_too_few_queries_find_nothing(differences: list[float], family: int) -> None:
    assert detectable_difference(np.array(differences), family) == np.inf
    assert power_at(np.array(differences), np.array([0.5])).tolist() == [0.0]


def test_holm_asks_for_more() -> None:
    values = np.random.default_rng(1).normal(0, 0.2, 7)
    alone, among_many = detectable_difference(values), detectable_difference(values, family=5)
    assert 0 < alone < np.inf
    assert among_many == np.inf  # 5 * 2 / 2 ** 7 = .08
    assert np.isnan(detectable_difference(np.array([0.1, np.nan, 0.0])))


@pytest.mark.parametrize("n", [40, 300])
def test_power_grows_with_the_difference_and_is_80_percent_at_the_detectable_one(n: int) -> None:
    values = np.random.default_rng(2).normal(0.02, 0.2, n)
    smallest = detectable_difference(values)
    power = power_at(values, smallest * np.array([0.0, 0.5, 1.0, 2.0]))
    assert (np.diff(power) > 0).all()
    assert power[0] == pytest.approx(0.025, abs=0.03)
    assert power[2] == pytest.approx(0.8, abs=0.01)
