import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.ranking.ranks import order, ordered, taken

NEAR = np.nextafter(0.3, [0, 1, 1])
# Equal but for a sign, equal but for the last bits, and the ends of what numbers there are.
HARD = [0.0, -0.0, 5e-324, -5e-324, 0.3, *NEAR, -0.3, *-NEAR, 1.0, np.inf, -np.inf, np.finfo(float).min]


@given(st.lists(st.sampled_from(HARD), min_size=1, max_size=24), st.integers(1, 3))
def test_the_order_is_that_of_a_stable_sort(values: list[float], slates: int) -> None:
    scores = np.array([np.roll(values, slate) for slate in range(slates)])
    expected = [sorted(range(len(values)), key=lambda place, row=row: -row[place]) for row in scores.tolist()]
    assert order(scores).tolist() == expected
    assert order(scores[0]).tolist() == expected[0]
    np.testing.assert_array_equal(ordered(scores, scores), -np.sort(-scores, axis=1))
    np.testing.assert_array_equal(taken(scores, order(scores)), ordered(scores, scores))


@pytest.mark.parametrize("digits", [16, 2])
def test_the_order_of_a_whole_catalogue(digits: int) -> None:
    scores = np.random.default_rng(0).normal(size=20_000).round(digits)
    np.testing.assert_array_equal(order(scores), np.argsort(-scores, kind="stable"))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_scores_of_any_type_and_layout_are_ranked(dtype: type) -> None:
    scores = np.array([[3, 1, 2], [1, 1, 2]], dtype=dtype)
    assert order(scores).tolist() == [[0, 2, 1], [2, 0, 1]]
    assert order(np.asfortranarray(scores)).tolist() == [[0, 2, 1], [2, 0, 1]]


def test_what_is_no_number_comes_last() -> None:
    assert order(np.array([np.nan, 1.0, -np.nan, 2.0])).tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_nothing_is_in_order(shape: tuple[int, ...]) -> None:
    assert order(np.zeros(shape)).shape == shape
