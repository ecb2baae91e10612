import numpy as np
import pytest

from sqid_core.significance import bootstrap_interval


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
