import numpy as np
import pytest

from sqid_core.significance import bootstrap_interval, bootstrap_intervals


def test_the_interval_is_that_of_the_normal_law_for_many_values() -> None:
    values = np.random.default_rng(0).normal(0.8, 0.1, 2000)
    half = 1.96 * values.std() / np.sqrt(2000)
    low, high = bootstrap_interval(values)
    assert low == pytest.approx(values.mean() - half, abs=half / 10)
    assert high == pytest.approx(values.mean() + half, abs=half / 10)


def test_nan_does_not_count_and_the_seed_is_fixed() -> None:
    values = np.random.default_rng(1).random(40)
    assert bootstrap_interval(np.append(values, np.nan)) == bootstrap_interval(values)
    assert bootstrap_interval(values) != bootstrap_interval(values, seed=1)


@pytest.mark.parametrize("values", [[], [0.5], [0.5, np.nan]])
def test_fewer_than_two_values_have_no_interval(values: list[float]) -> None:
    assert np.isnan(bootstrap_interval(np.array(values))).all()


def test_the_confidence_widens_it() -> None:
    values = np.random.default_rng(0).random(50)
    narrow, wide = bootstrap_interval(values, 0.5), bootstrap_interval(values, 0.99)
    assert wide[0] < narrow[0] < values.mean() < narrow[1] < wide[1]


def test_many_rows_have_the_intervals_that_each_has_alone() -> None:
    values = np.random.default_rng(2).random((6, 300))
    values[2, :5] = np.nan
    values[3] = 0.1
    values[4] = np.nan
    together = bootstrap_intervals(values, resamples=500)
    for row, interval in zip(values, together, strict=True):
        np.testing.assert_allclose(interval, bootstrap_interval(row, resamples=500), rtol=1e-12)
    assert tuple(together[3]) == pytest.approx((0.1, 0.1))
    assert np.isnan(together[4]).all()


def test_an_interval_is_the_quantiles_of_means_of_drawn_values() -> None:
    values = np.random.default_rng(3).random(50)
    drawn = np.random.default_rng(0).integers(50, size=(400, 50))
    expected = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    np.testing.assert_allclose(bootstrap_interval(values, resamples=400), expected)
