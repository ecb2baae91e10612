"""Settings that open at the page's edge and leave in sight what they change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st


@contextmanager
def side_panel(
    label: str, key: str, icon: str = ":material/tune:", width: Literal["content", "stretch"] = "content"
) -> Iterator[None]:
    """A popover that lies over nothing: the page makes room for it (`panel-` in page.css). key: unique on the page."""
    with st.popover(label, icon=icon, key=key, width=width), st.container(key=f"panel-{key}"):
        yield
