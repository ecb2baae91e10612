"""What is drawn in the browser by JavaScript of our own: mounting it, and hearing what it sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from sqid_ui.caches.file_texts import made_of

from .joined import joined


def mount_of(name: str, script: Path, styles: Sequence[Path]) -> Any:
    """The mounting command of a component that draws into one `<div class="…">`, named like its script.

    script: the ES module whose default export Streamlit calls at every rerun; it may import others. Registered on every
    call, because a server that restarts forgets it.
    """
    return st.components.v2.component(
        name, html=f'<div class="{script.stem}"></div>', css="\n".join(map(_style, styles)), js=_script(script)
    )


def sent(key: str, name: str) -> Any:
    """What the component of this key last sent under a name; None if nothing. It comes from a browser: check it."""
    state = st.session_state.get(key)
    return None if state is None else state.get(name)


def _script(path: Path) -> str:
    return made_of(path, joined)


def _style(path: Path) -> str:
    return made_of(path, _text)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
