"""The queue of queries and the list of swaps, drawn in the browser from columns: their texts come from strangers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent
# A plain session key: the steps that were taken of all that the browser told.
_HEARD = "steps heard"


def queue_list(
    data: Mapping[str, Any], key: str, on_pick: Callable[[str], None], on_step: Callable[[int], None]
) -> None:
    """A stretch of the queue, the query shown marked in it.

    on_pick: called with the id of the one that was chosen. on_step: with how many steps on, -1 for one back.
    """
    mount = mount_of("sqid_compare_queue", _FOLDER / "queue.js", [_FOLDER / "lists.css"])
    mount(
        key=key,
        data={**data, "heard": st.session_state.get(_HEARD, 0)},
        on_picked_change=lambda: _picked(key, data["id"], on_pick),
        on_steps_change=lambda: _stepped(key, on_step),
    )


def swap_list(data: Mapping[str, Any], key: str) -> None:
    """The swaps, largest first, their causes and the line that adds them up."""
    mount = mount_of("sqid_compare_swaps", _FOLDER / "swaps.js", [_FOLDER / "lists.css"])
    mount(key=key, data=data)


def _picked(key: str, known: Collection[str], act: Callable[[str], None]) -> None:
    value = sent(key, "picked")
    if value in known:
        act(value)


def _stepped(key: str, act: Callable[[int], None]) -> None:
    """The browser tells how many steps there were in all: some of them may have been taken already."""
    steps = sent(key, "steps")
    if isinstance(steps, int):
        heard, st.session_state[_HEARD] = st.session_state.get(_HEARD, 0), steps
        act(steps - heard)
