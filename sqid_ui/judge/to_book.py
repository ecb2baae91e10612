"""The way from what somebody looks at to a new book of it."""

from __future__ import annotations

import streamlit as st

from sqid_core.judging.rules import may_lead
from sqid_core.wording import short
from sqid_ui.caches.label_sets import reached
from sqid_ui.login.who import judge_here
from sqid_ui.settings import session


def to_book(label: str, source: str, **link: str) -> None:
    """A link to the form of a new book with a source filled in; nothing for whoever makes no books, and where no store
    can be asked. source: a key of `book_sources.SOURCES`. link: what else that source reads: a, b (runs), set."""
    if reached(lambda store: may_lead(judge_here(store))):
        asks = session.link_of(()) | {"source": source} | link
        st.page_link("pages/judge.py", label=short(label, 60), icon=":material/gavel:", query_params=asks)
