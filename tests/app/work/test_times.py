"""Times by kind of work: quantiles of late ones, outcomes of all."""

from __future__ import annotations

import logging
import math
import statistics
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sqid_ui.work.times import Times, quantile, timed


class CutShort(BaseException):
    pass


def test_outcomes_and_sums() -> None:
    times = Times(lately=4)
    for seconds in (9.0, 1.0, 2.0, 3.0, 4.0):
        times.note("search", seconds)
    times.note("search", 100.0, "failed")
    spent = times.spent()["search"]
    assert (spent.count, spent.total, spent.outcomes) == (5, 19.0, {"done": 5, "failed": 1})
    assert spent.p50 == 2.5  # of the last four
    assert spent.p95 <= 4.0


def test_a_kind_that_never_came_to_its_end_has_no_quantile() -> None:
    times = Times()
    times.note("report", 1.0, "cut short")
    assert math.isnan(times.spent()["report"].p95)


@given(some.lists(some.floats(0, 1e3), min_size=1, max_size=50))
def test_quantiles_are_numpys(seconds: list[float]) -> None:
    for share in (0.5, 0.95):
        assert quantile(sorted(seconds), share) == pytest.approx(np.quantile(seconds, share), rel=1e-9, abs=1e-9)
    assert quantile(sorted(seconds), 0.5) == pytest.approx(statistics.median(seconds))


@pytest.mark.parametrize(("raised", "outcome"), [(None, "done"), (ValueError, "failed"), (CutShort, "cut short")])
def test_what_ends_a_block_is_noted(raised: type[BaseException] | None, outcome: str) -> None:
    times = Times()
    with pytest.raises(raised) if raised else nullcontext(), timed("it", times=times):
        if raised:
            raise raised
    assert times.spent()["it"].outcomes == {outcome: 1}


def test_the_log_gets_what_was_asked_apart(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sqid_ui"), timed("search", {"query": "red mug"}, Times()):
        pass
    (record,) = caplog.records
    assert "red mug" not in record.getMessage() + str(record.fields)
    assert record.asked == {"query": "red mug"}
