"""What one visitor may ask within a minute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from searching import opened, set_to

from sqid_ui.work.limits import TEXTS, WITHIN_S, seconds_to_wait


@given(some.lists(some.floats(0, 30), max_size=40), some.integers(1, 5))
def test_never_more_within_a_minute_and_who_waits_may_go_on(pauses: list[float], most: int) -> None:
    now, times, taken = 0.0, [], []
    for pause in pauses:
        now += pause
        wait = seconds_to_wait(times, now, most)
        if wait:
            now += wait + 1e-6
            assert seconds_to_wait(times, now, most) == 0
        taken.append(now)
        assert sum(now - then < WITHIN_S for then in taken) <= most
    assert len(times) <= most


def test_without_a_bound_nothing_is_counted() -> None:
    times: list[float] = []
    assert [seconds_to_wait(times, 1.0, 0) for _ in range(500)] == [0.0] * 500
    assert times == []


def test_an_operator_sets_the_bound() -> None:
    assert [TEXTS.most({TEXTS.variable: text}) for text in ("7", "0", "-3", "many", "")] == [7, 0, 0, 120, 120]


def test_a_visitor_who_asks_too_much_is_told(
    data_root: Path, word_encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TEXTS.variable, "2")
    at = opened(q="red mug")
    for text, said in (("blue lamp", 0), ("blue lamp", 0), ("green chair", 1), ("blue lamp", 0)):
        set_to(at, "text", text)
        assert len([each for each in at.warning if "At most 2 texts a minute" in each.value]) == said
    assert not at.exception
