"""The queue of queries and the list of swaps, drawn in the browser from columns: their texts come from strangers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent


def queue_list(data: Mapping[str, Any], key: str, on_pick: Callable[[str], None], heard: int) -> None:
    """A stretch of the queue, the query shown marked in it.

    on_pick: called with the id of the one that was chosen. heard: how many of the steps told were
    taken; see `steps_told`.
    """
    mount = mount_of("sqid_compare_queue", _FOLDER / "queue.js", [_FOLDER / "lists.css"])
    mount(
        key=key,
        data={**data, "heard": heard},
        on_picked_change=lambda: _picked(key, data["id"], on_pick),
        on_steps_change=lambda: None,
    )


def swap_list(data: Mapping[str, Any], key: str) -> None:
    """The swaps, largest first, their causes and the line that adds them up."""
    mount = mount_of("sqid_compare_swaps", _FOLDER / "swaps.js", [_FOLDER / "lists.css"])
    mount(key=key, data=data)


def _picked(key: str, known: Collection[str], act: Callable[[str], None]) -> None:
    value = sent(key, "picked")
    if value in known:
        act(value)


def steps_told(key: str) -> int:
    """How many steps on the visitor asked for with J and K, in all; 0 where there is no queue."""
    steps = sent(key, "steps")
    return steps if isinstance(steps, int) else 0
