"""A small share of what `.ci/nightly` simulates: see `tests/simulations.py`."""

from __future__ import annotations

import numpy as np
import pytest
from simulations import LAWS, allowed, coverage, told_apart, weight_coverage


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize(("n", "equal"), [(5, 0.0), (30, 0.0), (50, 0.7)])
def test_intervals_hold_the_truth(law: object, n: int, equal: float) -> None:
    found = coverage(law, n, equal, sets=600, seed=3)
    assert not found.broken, found


@pytest.mark.parametrize("equal", [0.0, 0.7])
@pytest.mark.parametrize("law", [law for law in LAWS if law.symmetric], ids=lambda law: law.name)
def test_exchangeable_runs_are_rarely_told_apart(law: object, equal: float) -> None:
    found = [told_apart(law, n, equal, sets=600, seed=3) for n in (5, 10, 20, 60)]
    assert found[0] == 0  # Fewer than ten queries have no verdict.
    assert np.max(found) <= allowed(600)


def test_the_interval_of_a_best_weight_holds_it() -> None:
    share, width = weight_coverage(12, sets=60, seed=3)
    assert share >= 0.85
    assert 0.2 < width < 0.8
