"""How many labels would turn the verdict around, and the way to judge them."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_specs import write_run
from sqid_core.judging.overturning import Overturned
from sqid_ui.caches.comparing import overturned
from sqid_ui.compare.state import CompareSettings
from sqid_ui.judge.to_book import to_book
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
            runs = runs_link(settings)
            to_book("Judge them: a new book", "overturning", **runs)
            to_book("Judge the decisive pairs", "decisive", **runs)


def runs_link(settings: CompareSettings) -> dict[str, str]:
    """The parameters that give the form of a new book both runs."""
    return {"a": write_run(settings.a.unnamed), "b": write_run(settings.b.unnamed)}


def _sentence(found: Overturned | None) -> str:
    if found is None:
        return "The two means are equal, or no labels would turn them around."
    return plain(found.sentence)
