"""What will be asked for in a moment, worked out beside the page once it has been shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

from sqid_ui.caches.keys import cached

# What a visit has asked for and that was not begun: a plain session key.
_WAITING = "worked out ahead"


@cached(max_entries=1)
def _pool() -> ThreadPoolExecutor:
    """One thread, so that visitors who wait go first."""
    return ThreadPoolExecutor(1, thread_name_prefix="ahead")


def work_ahead(works: Sequence[Callable[[], Any]]) -> None:
    """Fills the caches by some calls, the likeliest first. What the visit wanted before and that was not begun is
    dropped; what fails is told to whoever asks for it."""
    waiting: list[Future[Any]] = st.session_state.get(_WAITING, [])
    for each in waiting:
        each.cancel()
    st.session_state[_WAITING] = [_pool().submit(work) for work in works]
