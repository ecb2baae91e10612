"""Crossings in whole numbers, and which of them are one."""

from __future__ import annotations

import numpy as np
import pytest

from sqid_core.evaluation.crossings import crossings, denominators, distinct, in_whole_numbers
from sqid_core.ranking.fusion import Columns


@pytest.mark.parametrize(
    ("values", "least"),
    [
        ([0.5, 0.25], 4),
        ([1 / 3, 0.5], 6),
        ([0.1, 0.7], 10),
        ([-0.1, 7.0], 10),
        ([22 / 7, 0.0], 7),
        ([0.0, 0.0], 1),
        ([0.0001, 0.3], 10_000),
        ([1 / 9_999, 1.0], 9_999),
        ([1 / 10_001, 1.0], 0),
        ([0.01, 1 / 101], 0),
        ([3.14159265358979, 1.0], 0),
        ([0.3, 2**0.5], 0),
        # No whole number is above 10,000.
        ([10_000.0, -10_000.0], 1),
        ([10_001.0, 0.0], 0),
        ([5_000.0, 0.5], 2),
        ([5_000.5, 0.0], 0),
        ([2_500.25, 0.0], 0),
        ([2_499.75, 0.0], 4),
        # As rounding leaves them.
        ([0.1 + 0.2, 0.7], 10),
        ([1 / 3 + 1e-12, 2 / 3], 3),
        ([1 / 3 + 1e-11, 2 / 3], 0),
    ],
)
def test_the_least_number_that_makes_a_slate_whole(values: list[float], least: int) -> None:
    assert denominators(np.array([values])).tolist() == [least]
    # Beside others, whose answer comes sooner or later.
    assert denominators(np.array([[0.5, 0.5], values, [1 / 9_973, 1.0]])).tolist() == [2, least, 9_973]


def test_a_slate_is_whole_where_both_columns_are() -> None:
    a, b = np.array([[0.5, 0.25], [0.1, 0.2], [0.5, 1.0]]), np.array([[1 / 3, 1.0], [2**0.5, 1.0], [3.0, 1.0]])
    found, whole = in_whole_numbers(Columns(a, b, np.ones((3, 2), bool)))
    assert whole.tolist() == [True, False, True]
    # Both by 4 times 3, none, and by 2.
    assert found.a.tolist() == [[6.0, 3.0], [0.1, 0.2], [1.0, 2.0]]
    assert found.b.tolist() == [[4.0, 12.0], [2**0.5, 1.0], [6.0, 2.0]]


def test_padding_is_no_number_that_a_slate_is_made_of() -> None:
    a, mask = np.array([[0.5, 0.25, 2**0.5], [np.inf, 0.5, 1.0]]), np.array([[True, True, False], [False, True, True]])
    found, whole = in_whole_numbers(Columns(a, a, mask))
    assert whole.tolist() == [True, True]
    assert found.a.tolist() == [[8.0, 4.0, 0.0], [0.0, 2.0, 4.0]]


def test_the_last_of_those_that_are_one_is_kept() -> None:
    starts, new = np.array([0.0, 0.1, 0.15, 0.3, 0.3, 0.9]), np.zeros(6, bool)
    assert distinct(starts, new, 0.06).tolist() == [True, False, True, False, True, True]
    assert distinct(starts, new, 0.0).tolist() == [True, True, True, False, True, True]
    new[4] = True
    assert distinct(starts, new, 0.06).tolist() == [True, False, True, True, True, True]


def test_crossings_of_two_slates_by_hand() -> None:
    """Only products of other gains make one, only inside, and only where one signal is for each."""
    a = np.array([[0.9, 0.5, 0.1], [1.0, 0.5, 0.0]])
    b = np.array([[0.1, 0.5, 0.5], [0.0, 0.5, 1.0]])
    columns, whole = in_whole_numbers(Columns(a, b, np.ones((2, 3), bool)))
    query, starts = crossings(columns, np.array([[1.0, 0.0, 0.0], [1.0, 0.5, 0.0]]), whole)
    # .4 against .4, .8 against .4; in the second all three meet in the middle.
    assert query.tolist() == [0, 0, 0, 1, 1]
    assert starts == pytest.approx([0, 0.5, 2 / 3, 0, 0.5])
    assert whole.tolist() == [True, True]


def starts_of(columns: Columns, gains: list[float]) -> np.ndarray:
    lines, whole = in_whole_numbers(columns)
    return crossings(lines, np.array([gains]), whole)[1]


@pytest.mark.parametrize(("gap", "count"), [(5e-10, 1), (2e-9, 2)])
def test_what_is_no_weight_that_anybody_could_set_is_none(gap: float, count: int) -> None:
    """Crossings a hair beside 0 and 1, and two so near each other, of scores that are no whole numbers."""
    root = 2**0.5
    ends = Columns(np.array([[root * gap, 0.0]]), np.array([[0.0, root]]), np.ones((1, 2), bool))
    for columns in (ends, Columns(ends.b, ends.a, ends.mask)):
        assert len(starts_of(columns, [1.0, 0.0])) == count
    a, b = np.array([[root, 0.0, -2 * root * gap]]), np.array([[0.0, root, root - 2 * root * gap]])
    assert len(starts_of(Columns(a, b, np.ones((1, 3), bool)), [1.0, 0.0, 0.0])) == 1 + count
