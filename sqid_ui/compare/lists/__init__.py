"""The queue of queries and the list of swaps, drawn in the browser from columns: their texts come from strangers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent


def queue_list(data: Mapping[str, Any], key: str, on_pick: Callable[[str], None]) -> None:
    """A stretch of the queue, the query shown marked in it. on_pick: called with the id of the one that was chosen."""
    mount = mount_of("sqid_compare_queue", _FOLDER / "queue.js", [_FOLDER / "lists.css"])
    mount(key=key, data=data, on_picked_change=lambda: _picked(key, data["id"], on_pick))


def swap_list(data: Mapping[str, Any], key: str) -> None:
    """The swaps, largest first, their causes and the line that adds them up."""
    mount = mount_of("sqid_compare_swaps", _FOLDER / "swaps.js", [_FOLDER / "lists.css"])
    mount(key=key, data=data)


def _picked(key: str, known: Collection[str], act: Callable[[str], None]) -> None:
    value = sent(key, "picked")
    if value in known:
        act(value)
