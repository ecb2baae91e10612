"""What a visitor reads where a page raised something that nobody foresaw."""

from __future__ import annotations

import streamlit as st


def told(error: Exception) -> bool:
    """Says so in the page's place and offers to draw it again; True, so that Streamlit adds no box of its own.
    For `on_script_error` of `st.App`, which has logged the error with its traceback before."""
    with st.container(key="unforeseen"):
        st.error(
            f"This page met a fault that nobody foresaw ({type(error).__name__}). What you saved is safe. "
            "Draw the page again; if it happens again, tell who runs this app: the server’s log says more.",
            icon=":material/error:",
        )
        st.button("Draw the page again", icon=":material/refresh:", key="draw again")
    return True
