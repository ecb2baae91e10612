"""Whatever a visitor does, in any order: link, widgets and session say the same, and so does the link elsewhere."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settings_model import Visit, step

STEPS = int(os.environ.get("SQID_WALK_STEPS", "400"))


def walk(seed: int, steps: int) -> None:
    visit, rng, done = Visit(), random.Random(seed), []
    visit.run()
    try:
        for _ in range(steps):
            done.append(step(visit, rng))
            visit.check()
    except Exception as error:
        error.add_note(f"seed {seed}, after {len(done)} steps: {' '.join(done[-12:])}")
        raise


@settings(max_examples=max(1, STEPS // 20))
@given(st.integers(0, 2**32))
def test_link_widgets_and_session_agree_after_every_step(seed: int) -> None:
    walk(seed, 20)


def test_a_long_visit() -> None:
    walk(int(os.environ.get("SQID_WALK_SEED", "1")), STEPS)


def test_the_check_sees_a_link_that_is_behind() -> None:
    visit = Visit()
    visit.run()
    visit.history[0] = ("", {"w": "0.25", "nonsense": "1"})
    visit.memory = visit.memory.wrote(visit.address)
    visit.run = lambda *_, **__: None  # type: ignore[method-assign]
    with pytest.raises(AssertionError):
        visit.check()
