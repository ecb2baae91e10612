"""The one pool of this process: how many slots it has, who asks, and the turn of a page that is drawn.

SQID_WORKERS says how many pieces of work go on at a time; 0 lets everybody go at once, as it was before there was a
pool. A visitor who leaves or asks something else gives up his place: what he waits for is dropped unless others wait
for it too, and what is running comes to its end, since its result is kept for who asks next.
"""

from __future__ import annotations

import os
import time
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sqid_core.wording import counted
from sqid_ui.work.in_flight import Task, Tasks
from sqid_ui.work.times import TIMES, timed
from sqid_ui.work.turns import Lane, Ticket, TooManyError, Turns, holding

# Pages that stand within half a second; the others count over all judged queries.
QUICK_PAGES = frozenset({"Search", "Judge", "About", "Account", "Sign in"})
# Threads of tasks where there is no bound.
_UNBOUND, _UNBOUND_THREADS = 1_000_000, 2
# Seconds after which a page says that it waits, and says again.
_SAYS_AFTER = 0.5
_RUN: ContextVar[set[Task] | None] = ContextVar("tasks of this run", default=None)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def slots_of(environment: Mapping[str, str]) -> int:
    """How many pieces of work go on at a time: one more than there are cores, so that slow work, which never has the
    last slot, may use them all; what SQID_WORKERS says instead; 0 for no bound."""
    try:
        return max(int(environment.get("SQID_WORKERS", "")), 0)
    except ValueError:
        return cores() + 1


def is_here(asker: Hashable) -> bool:
    """Whether a session is connected still; always of one that Streamlit does not know, as in tests."""
    session = asker[1] if isinstance(asker, tuple) else asker
    return not session or not Runtime.exists() or bool(Runtime.instance().is_active_session(str(session)))


_SLOTS = slots_of(os.environ)
# Whether there is a bound: without one, everything goes on as it comes.
BOUNDED = bool(_SLOTS)
TURNS = Turns(_SLOTS or _UNBOUND, polite=BOUNDED)
TASKS = Tasks(TURNS, _SLOTS or _UNBOUND_THREADS, is_here)


def asker() -> str:
    """The session whose script this thread runs, "" where it runs none."""
    context = get_script_run_ctx(suppress_warning=True)
    return "" if context is None else context.session_id


def wants(task: Task) -> None:
    """This run of a page asks for a task, which stays until a run of its session ends without asking for it."""
    TASKS.wanted(asker(), task)
    run = _RUN.get()
    if run is not None:
        run.add(task)


@contextmanager
def turn(page: str) -> Iterator[None]:
    """The block draws a page, in a slot, and its visitor sees how many come before him. Ends the run with a sentence
    where too many wait."""
    who, begun, asked = asker(), Event(), time.perf_counter()
    ticket = Ticket(who, Lane.QUICK if page in QUICK_PAGES else Lane.SLOW, begun.set)
    try:
        TURNS.ask(ticket, first=True)
    except TooManyError:
        st.warning("Too many visitors are waiting just now. Load the page again in a minute.", icon=":material/group:")
        st.stop()
    with holding(TURNS, ticket):
        _wait(ticket, begun)
        TIMES.note("wait for a slot", time.perf_counter() - asked)
        wanted: set[Task] = set()
        before = _RUN.set(wanted)
        try:
            with timed(f"page {page}"):
                yield
        finally:
            _RUN.reset(before)
        TASKS.drop(who, wanted)


def _wait(ticket: Ticket, begun: Event) -> None:
    """Until the turn comes. Streamlit ends the run in here where the visitor leaves or asks something else."""
    note = None
    while not begun.wait(_SAYS_AFTER):
        place = TURNS.place(ticket)
        said = f"Many visitors: {counted(place, 'page', 'pages')} before yours" if place else "Yours is the next page"
        # A toast: whatever stood on the page itself would move its elements.
        note = (note or st).toast(said, icon=":material/hourglass_top:", duration="infinite")
        # Reading a value is a place where Streamlit ends a run.
        st.session_state.get("waits")
    if note is not None:
        note.empty()
