"""What the test finds is simulated by the test itself: nothing where it cannot find anything."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from sqid_core.evaluation.power import detectable_difference, power_at, power_table
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


# Nine queries, three of them equal, and how often each is asked.
ELEVEN = np.append(np.random.default_rng(8).normal(0.1, 0.2, 11), np.nan)
NINE = np.array([0.3, -0.1, 0.2, 0.0, 0.4, 0.0, 0.15, -0.05, 0.0, np.nan])
ASKED = np.array([1.0, 3.0, 2.0, 4.0, 1.0, 2.0, 5.0, 2.0, 1.0, 9.0])


@pytest.mark.parametrize(
    ("some", "asked"), [(NINE, None), (NINE, ASKED), (ELEVEN, None)], ids=["alike", "by traffic", "eleven"]
)
def test_of_few_the_power_is_how_often_the_test_itself_finds_the_shift(
    some: np.ndarray, asked: np.ndarray | None
) -> None:
    """300 sets, drawn as they are drawn there; those that differ are shifted, by all of their weight."""
    count = len(some) - 1
    weights = np.ones(count) if asked is None else asked[:count]
    values, differ = some[:count], some[:count] != 0
    share = np.average(differ, weights=weights)
    own = weights[differ]
    effective = own.sum() ** 2 / (own**2).sum()
    mean = np.average(values[differ], weights=own)
    residuals = np.where(differ, values - mean, 0.0) * np.sqrt(effective / (effective - 1))
    rows = np.random.default_rng(0).integers(count, size=(300, count))
    true = np.array([0.02, 0.05, 0.1, 0.2, 0.4])
    for family in (1, 3):
        power = []
        for shift in true / share:
            sets = ((residuals + shift * differ) * weights)[rows]
            # In the direction of the shift: the other one would be found wrongly.
            power.append(np.mean((randomisation_ps(sets) <= 0.05 / family) & (sets.sum(axis=1) > 0)))
        np.testing.assert_allclose(power_at(some, true, family, asked), power, atol=1e-12)
    least = detectable_difference(some, 1, 0.5, asked)
    around = power_at(some, least * np.array([1 - 1e-6, 1 + 1e-6]), 1, asked)
    assert around[0] < 0.5 <= around[1]


@pytest.mark.parametrize("asked", [None, np.random.default_rng(4).lognormal(0, 0.3, 160)], ids=["alike", "by traffic"])
def test_of_many_the_sum_under_random_signs_is_normal(asked: np.ndarray | None) -> None:
    """A shift s is found where the mean, about s with the error of the residuals, is beyond what random signs give,
    whose squares the shift raises."""
    values = np.where(np.arange(160) % 7 == 0, 0.0, np.random.default_rng(3).normal(0.02, 0.2, 160))
    weights, differ = np.ones(160) if asked is None else asked, values != 0
    own, share = weights[differ], np.average(differ, weights=weights)
    effective, residuals = own.sum() ** 2 / (own**2).sum(), values[differ] - np.average(values[differ], weights=own)
    variance = np.average(residuals**2, weights=own**2) * effective / (effective - 1)
    law = NormalDist()
    true = np.array([0.0, 0.02, 0.05])
    for family in (1, 4):
        bound = law.inv_cdf(1 - 0.05 / family / 2)
        wanted = [
            law.cdf((np.sqrt(effective) * s - bound * np.sqrt(variance + s**2)) / np.sqrt(variance))
            for s in true / share
        ]
        np.testing.assert_allclose(power_at(values, true, family, asked), wanted, rtol=1e-9)
        for power in (0.5, 0.8):
            least = detectable_difference(values, family, power, asked)
            assert power_at(values, np.array([least]), family, asked)[0] == pytest.approx(power, abs=1e-9)


def test_up_to_a_hundred_that_differ_are_simulated() -> None:
    values = np.random.default_rng(5).normal(0, 0.2, 101)
    thirds = [power_at(values[:count], np.array([0.03]))[0] * 300 for count in (100, 101)]
    assert [each == pytest.approx(round(each), abs=1e-9) for each in thirds] == [True, False]
    least = detectable_difference(values[:100])
    around = power_at(values[:100], least * np.array([1 - 1e-9, 1 + 1e-9]))
    assert around[0] < 0.8 <= around[1]


@pytest.mark.parametrize("family", [1, 60])
@pytest.mark.parametrize("count", [12, 17])
def test_of_more_than_eleven_some_patterns_are_tried(count: int, family: int) -> None:
    """1,500 of them, drawn behind the sets: p is one more than are as far from 0, of 1,501."""
    values = np.random.default_rng(count).normal(0.1, 0.2, count)
    rng = np.random.default_rng(0)
    residuals = (values - values.mean()) * np.sqrt(count / (count - 1))
    sets = residuals[rng.integers(count, size=(300, count))]
    packed = rng.integers(256, size=(1500, (count + 7) // 8), dtype=np.uint8)
    signs = 1 - 2.0 * np.unpackbits(packed, axis=1, count=count)
    true = np.array([0.05, 0.1, 0.2, 0.3])
    found = []
    for shift in true:
        sums = (sets + shift).sum(axis=1)
        as_far = (np.abs(signs @ (sets + shift).T) >= np.abs(sums) - 1e-12).sum(axis=0)
        found.append(np.mean(((as_far + 1) / 1501 <= 0.05 / family) & (sums > 0)))
    np.testing.assert_allclose(power_at(values, true, family), found, atol=1e-12)
    least = detectable_difference(values, family)
    around = power_at(values, np.array([least * (1 - 1e-9), least]), family)
    assert around[0] < 0.8 <= around[1]


def test_sizes_do_not_matter() -> None:
    values = np.random.default_rng(5).normal(0, 0.2, 120)
    assert detectable_difference(1000 * values) == pytest.approx(1000 * detectable_difference(values))
    # Of six, all of one sign are two patterns of 64; of five, of 32.
    assert detectable_difference(values[:6]) < np.inf
    assert detectable_difference(values[:5]) == np.inf


def test_where_nothing_scatters_every_difference_is_found() -> None:
    assert detectable_difference(np.full(120, 0.1)) == 0
    assert detectable_difference(np.full(8, 0.1)) == 0
    assert detectable_difference(np.append(np.full(9, 0.1), 0.0), 1, 1.0) == 0


def test_two_that_differ_are_needed() -> None:
    for few in ([], [0.1, 0.0], [0.1, 1e-9, -1e-9], [0.1, np.nan]):
        assert np.isnan(detectable_difference(np.array(few)))
        assert np.isnan(power_at(np.array(few), np.array([0.1, 0.2]))).tolist() == [True, True]
        assert power_table(np.array(few), 2)["difference"].iloc[-1] == pytest.approx(1.6 * np.nanmax([0.0, *few]))
    assert detectable_difference(np.array([0.1, 0.2])) == np.inf


def test_the_table_goes_beyond_what_is_found_for_sure() -> None:
    values = np.random.default_rng(6).normal(0, 0.2, 9)
    table = power_table(values, 2)
    true = table["difference"].to_numpy()
    np.testing.assert_allclose(true, np.arange(49) / 48 * 1.6 * detectable_difference(values, 2), atol=1e-12)
    np.testing.assert_array_equal(table["alone"], power_at(values, true))
    np.testing.assert_array_equal(table["corrected"], power_at(values, true, 2))
    # Seven of a family of five find nothing: the table is then that of one alone.
    seven = power_table(values[:7], 5)
    assert seven["difference"].iloc[-1] == pytest.approx(1.6 * detectable_difference(values[:7]))
    assert not seven["corrected"].any()
    assert power_table(np.full(12, 0.1), 1)["difference"].iloc[-1] == pytest.approx(0.16)
    assert power_table(values[:5], 5)["difference"].iloc[-1] == pytest.approx(1.6 * np.abs(values[:5]).max())
