"""Work that takes longer than a visitor should wait: done beside the page, which looks again when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, wait
from typing import Any

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_ui.caches.keys import Keyed, cached, forget, weigh
from sqid_ui.work.in_flight import Task
from sqid_ui.work.pool import TASKS, asker, wants

# Up to so many judged pairs everything is worked out at once.
_SMALL = 60_000
# The same of what learns or looks along many lines.
FEW = 1_000
# How long a page waits for work before it shows itself without.
PATIENCE = 0.03


@cached(max_entries=256)
def _job(work: Keyed[Callable[[], Any]], now: bool) -> Future[Any]:
    if not now:
        task = TASKS.submit(asker(), work.key, work.value)
        task.add_done_callback(lambda _: weigh(_job, work, now))
        return task
    done: Future[Any] = Future()
    try:
        done.set_result(work.value())
    except Exception as error:
        done.set_exception(error)
    return done


def job(
    dataset: Dataset, what: Hashable, work: Callable[[], Any], patience: float = PATIENCE, at_once: int | None = None
) -> Future[Any]:
    """The work, done once for a bundle and a description of it, which must say all that it depends on.

    For a bundle of up to `at_once` judged pairs, 60,000 if None, it is done on return; else it may still be running.
    Its result may be an exception, which `result()` raises.
    """
    small = bool(dataset.judgements.lengths.sum() <= (_SMALL if at_once is None else at_once))
    asked = Keyed((dataset.key, what), work)
    found = _job(asked, small)
    if found.cancelled():  # Whoever asked for it left before it was begun.
        forget(_job, asked, small)
        found = _job(asked, small)
    if isinstance(found, Task):
        wants(found)
    if not found.done():
        wait([found], timeout=patience)
    if found.done() and (found.cancelled() or found.exception() is not None):
        # What failed, for lack of memory or of a network, is tried again by who asks next.
        forget(_job, asked, small)
    elif found.done():
        weigh(_job, asked, small)
    return found


def show_when_ready(jobs: Sequence[Future[Any]], what: str) -> None:
    """Says what is being worked out, and shows the page again once it is. Nothing where all is done."""
    if not all(each.done() for each in jobs):
        _look_again(list(jobs), what)


@st.fragment(run_every=0.4)
def _look_again(jobs: list[Future[Any]], what: str) -> None:
    if all(each.done() for each in jobs):
        st.rerun()
    st.caption(f":material/hourglass_top: {what} …")
