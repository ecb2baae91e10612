"""The browser's history: see history.js."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_suffix(".js")


def keep_history() -> None:
    """One entry for a page that somebody comes to, and scroll positions that Back and Forward find again."""
    script = _SCRIPT.read_text(encoding="utf-8")
    st.components.v2.component("sqid_history", html="<div></div>", js=script)(key="history")
