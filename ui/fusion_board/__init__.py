"""The fusion board: ranked lists side by side, drawn in the browser from columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _mount() -> Any:
    """The component's mounting command. Registered on every call, because a server that restarts forgets it."""
    return st.components.v2.component(
        "sqid_fusion_board", html='<div class="board"></div>', css=_source("board.css"), js=_source("board.js")
    )


def fusion_board(data: Mapping[str, Any], key: str) -> None:
    """Draws `data`, as `ui.cards.board_data` makes it, in the same place at every rerun."""
    _mount()(key=key, data=data)
