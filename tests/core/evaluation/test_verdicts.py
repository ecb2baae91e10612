"""A verdict says what the test says, and nothing where the test could not have said it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.evaluation.comparisons import run_comparison
from sqid_core.evaluation.significance import Outcomes, holm, randomisation_p
from sqid_core.evaluation.verdicts import LEAST_QUERIES, SURE, least_p, nested_holm, verdict


def kind(differences: np.ndarray) -> str:
    n = len(differences)
    return run_comparison(np.full(n, 0.5), 0.5 + differences, np.ones(n, bool)).verdict.kind


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([0.1] * 9, "few queries"),  # p is .004, and nine queries are still nine
        ([0.1] * 10, "better"),
        ([-0.1] * 10, "worse"),
        ([0.1, -0.1] * 10, "open"),
        ([0.0] * 12, "same"),
        ([0.1] * 5 + [0.0] * 30, "few differ"),  # 2 / 2 ** 5 = .0625
        ([0.1] * 6 + [0.0] * 30, "better"),
        ([0.1] * 5 + [-0.1] + [0.0] * 30, "open"),
        ([1e-12] * 20, "same"),
    ],
)
def test_by_hand(differences: list[float], expected: str) -> None:
    assert kind(np.array(differences)) == expected


def test_holm_raises_what_must_differ() -> None:
    six = Outcomes(6, 30, 0)
    assert verdict(six, 0.1, 2 / 64).kind == "better"
    assert verdict(six, 0.1, 2 * 2 / 64, family=2).kind == "few differ"
    assert verdict(Outcomes(7, 30, 0), 0.1, 2 * 2 / 128, family=2).kind == "better"
    assert verdict(six, 0.1, float("nan")).kind == "chosen"  # no test was made
    # A p of .05 is sure, and one above it is not.
    assert [verdict(six, 0.1, p).kind for p in (0.05, 0.0501)] == ["better", "open"]
    assert [least_p(differ, family) for differ, family in ((0, 1), (1, 1), (1, 9), (3, 1), (3, 0), (5, 4))] == [
        *(1, 1, 1, 0.25, 0.25, 0.25)
    ]
    assert [verdict(six, 0.1, 0.01).sure, verdict(six, -0.1, 0.01).sure, verdict(six, 0.1, 0.5).sure] == [
        True,
        True,
        False,
    ]


@given(st.integers(1, 12))
def test_the_least_p_is_that_of_equal_signs(differ: int) -> None:
    rng = np.random.default_rng(differ)
    assert randomisation_p(rng.uniform(0.1, 1, differ)) == pytest.approx(least_p(differ))


@settings(max_examples=60)
@given(st.lists(st.sampled_from([-0.5, -0.25, 0.0, 0.125, 0.375]), min_size=0, max_size=40))
def test_no_verdict_against_the_test(differences: list[float]) -> None:
    values = np.array(differences)
    said, p = kind(values), randomisation_p(values) if len(values) else 1.0
    if said in ("better", "worse"):
        assert p <= SURE
        assert len(values) >= LEAST_QUERIES
        assert (values.mean() > 0) == (said == "better")
    elif said == "open":
        assert p > SURE


def test_what_is_added_changes_no_p_that_stood_before() -> None:
    ps = np.array([0.01, np.nan, 0.03, 0.004, 0.2])
    first = np.array([True, True, True, False, False])
    found = nested_holm(ps, first)
    np.testing.assert_allclose(found[:3], holm(ps[:3]))
    np.testing.assert_allclose(found[3:], holm(ps)[3:])


def test_two_equally_good_runs_are_rarely_told_apart() -> None:
    """Exchangeable runs, at most 5 % and two standard errors; the long run of it is in `.ci/nightly`."""
    rng = np.random.default_rng(11)
    for n in (2, 5, 10, 12):
        sets = rng.choice([-0.3, -0.1, 0.0, 0.1, 0.3], size=(400, n), p=[0.2, 0.2, 0.2, 0.2, 0.2])
        told = np.mean([kind(each) in ("better", "worse") for each in sets])
        assert told <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)
