"""The fusion board: ranked lists side by side and the weight between them, moved in the browser without the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from sqid_ui.parts.board.data import encoded

_FOLDER = Path(__file__).parent
# One module in the browser: each file may use the names of those before it.
_SCRIPTS = (
    "../safe_address.js",
    "rank.js",
    "cards.js",
    "curve.js",
    "numbers.js",
    "why.js",
    "steer.js",
    "lists.js",
    "board.js",
)
_STYLES = ("board.css", "cards.css")


@cache
def source(names: tuple[str, ...]) -> str:
    """The board's files of these names, one behind the other."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


def _mount() -> Any:
    """The component's mounting command. Registered on every call, because a server that restarts forgets it."""
    return st.components.v2.component(
        "sqid_fusion_board", html='<div class="board"></div>', css=source(_STYLES), js=source(_SCRIPTS)
    )


def fusion_board(
    data: Mapping[str, Any],
    key: str,
    on_weight: Callable[[float], None] | None = None,
    on_action: Callable[[str, str], None] | None = None,
) -> None:
    """Draws `data`, as `board_data` makes it, in the same place at every rerun.

    on_weight: called with the weight before the rerun that it causes. on_action: with the name of one of the data's
    actions and the id of the product it was asked for.
    """
    callbacks: dict[str, Callable[[], None]] = {"on_told_change": lambda: _weight(key, on_weight)}
    for name in data["actions"]:
        callbacks[f"on_{name}_change"] = lambda name=name: _action(key, name, on_action)  # type: ignore[misc]
    _mount()(key=key, data=encoded({**data, "heard": _heard(key)}), **callbacks)


def _heard(key: str) -> int:
    """The number of the last weight that the browser told."""
    number = _told(key).get("number")
    return number if isinstance(number, int) else 0


def _weight(key: str, on_weight: Callable[[float], None] | None) -> None:
    weight = _told(key).get("weight")
    if on_weight is not None and isinstance(weight, (int, float)) and 0 <= weight <= 1:
        on_weight(round(float(weight), 2))


def _told(key: str) -> Mapping[str, Any]:
    """The last weight that the browser told, with its number."""
    told = _sent(key, "told")
    return told if isinstance(told, Mapping) else {}


def _action(key: str, name: str, on_action: Callable[[str, str], None] | None) -> None:
    product_id = _sent(key, name)
    if on_action is not None and isinstance(product_id, str):
        on_action(name, product_id)


def _sent(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return None if state is None else state.get(name)
