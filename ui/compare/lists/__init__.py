"""The queue of queries and the list of swaps, drawn in the browser from columns: their texts come from strangers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def queue_list(data: Mapping[str, Any], key: str, on_pick: Callable[[str], None]) -> None:
    """A stretch of the queue, the query shown marked in it. on_pick: called with the id of the one that was chosen."""
    mount = st.components.v2.component(
        "sqid_compare_queue", html='<div class="queue"></div>', css=_source("lists.css"), js=_source("queue.js")
    )
    mount(key=key, data=data, on_picked_change=lambda: _picked(key, data["id"], on_pick))


def swap_list(data: Mapping[str, Any], key: str) -> None:
    """The swaps, largest first, their causes and the line that adds them up."""
    mount = st.components.v2.component(
        "sqid_compare_swaps", html='<div class="swaps"></div>', css=_source("lists.css"), js=_source("swaps.js")
    )
    mount(key=key, data=data)


def _picked(key: str, known: list[str], on_pick: Callable[[str], None]) -> None:
    state = st.session_state.get(key)
    picked = None if state is None else state.get("picked")
    if picked in known:
        on_pick(picked)
