"""A page's turn: what its visitor sees while he waits, and what becomes of work that he asks for no more."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sqid_ui.work import pool
from sqid_ui.work.in_flight import Tasks
from sqid_ui.work.turns import Lane, Ticket, Turns


def page() -> None:
    import streamlit as st

    from sqid_ui.work.pool import turn

    with turn("Search"):
        st.write("drawn")


class Said:
    """Stands for Streamlit's toasts."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.seen = Event()

    def toast(self, text: str, **_: Any) -> Said:
        self.said.append(text)
        self.seen.set()
        return self

    def empty(self) -> None:
        self.said.append("")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> tuple[Turns, Ticket]:
    """One slot, which somebody else holds."""
    turns = Turns(1)
    monkeypatch.setattr(pool, "TURNS", turns)
    monkeypatch.setattr(pool, "TASKS", Tasks(turns, 1))
    holder = Ticket("other", Lane.QUICK, lambda: None)
    turns.ask(holder)
    return turns, holder


def test_a_page_that_waits_says_its_place(held: tuple[Turns, Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    (turns, holder), said = held, Said()
    monkeypatch.setattr(pool, "_SAYS_AFTER", 0.01)
    monkeypatch.setattr(pool.st, "toast", said.toast)
    before = Ticket("another", Lane.QUICK, lambda: turns.over(before))
    turns.ask(before)

    def end() -> None:
        said.seen.wait(30)
        turns.over(holder)

    thread = Thread(target=end)
    thread.start()
    at = AppTest.from_function(page, default_timeout=30).run()
    thread.join(30)
    assert [each.value for each in at.markdown] == ["drawn"]
    assert (said.said[0], said.said[-1]) == ("Many visitors: 1 page before yours", "")
    assert turns.running() == 0


def test_too_many_are_told(held: tuple[Turns, Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(1, most_waiting=0)
    monkeypatch.setattr(pool, "TURNS", turns)
    at = AppTest.from_function(page, default_timeout=30).run()
    assert "Too many visitors" in at.warning[0].value
    assert not at.markdown
    assert not at.exception


def asking() -> None:
    import streamlit as st

    from sqid_ui.work import pool

    with pool.turn("Evaluate"):
        for key in st.query_params.get("asks", ""):
            task = pool.TASKS.submit(pool.asker(), key, lambda: None)
            pool.wants(task)
            st.session_state[key] = task
        if st.query_params.get("fails"):
            raise ValueError


def test_what_a_run_no_longer_asks_for_is_dropped(held: tuple[Turns, Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    turns, _ = held
    # Pages have slots of their own here, so that the tasks stay in the queue.
    monkeypatch.setattr(pool, "TURNS", Turns(3))
    at = AppTest.from_function(asking, default_timeout=30)
    at.query_params["asks"] = "ab"
    at.run()
    assert turns.waiting()[Lane.SLOW] == 2
    first = {key: at.session_state[key] for key in "ab"}
    at.query_params["asks"] = "bc"
    at.query_params["fails"] = "1"
    at.run()  # a run that does not come to its end says nothing of what is wanted
    assert turns.waiting()[Lane.SLOW] == 3
    del at.query_params["fails"]
    at.run()
    assert (first["a"].cancelled(), first["b"].cancelled()) == (True, False)
    assert at.session_state["b"] is first["b"]
    assert turns.waiting()[Lane.SLOW] == 2


@pytest.mark.parametrize(("text", "slots"), [("4", 4), ("0", 0), ("-1", 0), ("many", None), ("", None)])
def test_slots_are_set_by_the_operator(text: str, slots: int | None) -> None:
    usual = pool.cores() + 1
    assert pool.slots_of({"SQID_WORKERS": text}) == (usual if slots is None else slots)
