"""The queue of queries and the list of swaps, drawn in the browser from columns: their texts come from strangers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def queue_list(
    data: Mapping[str, Any], key: str, on_pick: Callable[[str], None], on_step: Callable[[int], None]
) -> None:
    """A stretch of the queue, the query shown marked in it.

    on_pick: called with the id of the one that was chosen. on_step: with 1 for the next one, -1 for the one before.
    """
    mount = st.components.v2.component(
        "sqid_compare_queue", html='<div class="queue"></div>', css=_source("lists.css"), js=_source("queue.js")
    )
    mount(
        key=key,
        data=data,
        on_picked_change=lambda: _told(key, "picked", data["id"], on_pick),
        on_step_change=lambda: _told(key, "step", (1, -1), on_step),
    )


def swap_list(data: Mapping[str, Any], key: str) -> None:
    """The swaps, largest first, their causes and the line that adds them up."""
    mount = st.components.v2.component(
        "sqid_compare_swaps", html='<div class="swaps"></div>', css=_source("lists.css"), js=_source("swaps.js")
    )
    mount(key=key, data=data)


def _told(key: str, name: str, known: Collection[Any], act: Callable[[Any], None]) -> None:
    state = st.session_state.get(key)
    value = None if state is None else state.get(name)
    if value in known:
        act(value)
