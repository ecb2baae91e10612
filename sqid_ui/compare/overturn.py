"""How many labels would turn the verdict around, and the way to judge them."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.overturning import Overturned
from sqid_ui.caches.comparing import overturned
from sqid_ui.compare.state import CompareSettings
from sqid_ui.parts.markup import plain


def overturn(dataset: Dataset, settings: CompareSettings) -> None:
    """A button; pressed, the sentence. On demand: it tries every other label of every pair."""
    if settings.a.unnamed == settings.b.unnamed:
        return
    opened = st.popover("What would overturn this?", type="tertiary", on_change="rerun", key="overturn")
    if not opened.open:
        return
    with opened:
        found = overturned(dataset, settings.a, settings.b, settings.gains)
        st.markdown(_sentence(found))
        st.caption("Found greedily and checked by evaluating anew; fewer labels may do.")
        if found is not None:
            st.page_link("pages/judge.py", label="Judge them: make a book of these", icon=":material/gavel:")


def _sentence(found: Overturned | None) -> str:
    if found is None:
        return "The two means are equal, or no labels would turn them around."
    return plain(found.sentence)
