"""Which pages somebody has: where there is a login, those he may not have are neither shown nor served."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from sqid_ui.login import page as login
from sqid_ui.login.configured import login_settings
from sqid_ui.login.who import may_enter, person_here
from sqid_ui.shell import frame

# File, title, icon.
_PAGES = (
    ("search", "Search", "search"),
    ("compare", "Compare", "compare_arrows"),
    ("queries", "Queries", "list_alt"),
    ("evaluate", "Evaluate", "monitoring"),
    ("breakdown", "Breakdown", "stacked_bar_chart"),
    ("judge", "Judge", "gavel"),
    ("dataset", "Dataset", "fact_check"),
    ("about", "About", "info"),
)
_FIRST = "search"
# What is written there bears a name.
_SIGNED_IN = frozenset({"judge"})


def pages() -> list[StreamlitPage]:
    """The pages of who looks, in their order. At the address of one that he may not have, he is asked to sign in."""
    person = person_here()
    if login_settings() is None:
        return [_page(*each) for each in _PAGES]
    asked = frozenset() if person else _SIGNED_IN if may_enter(None) else frozenset(name for name, _, _ in _PAGES)
    title, icon = ("Account", "person") if person else ("Sign in", "login")
    account = st.Page("pages/account.py", title=title, icon=f":material/{icon}:")
    return [*(_asking(*each) if each[0] in asked else _page(*each) for each in _PAGES), account]


def _page(name: str, title: str, icon: str) -> StreamlitPage:
    return st.Page(f"pages/{name}.py", title=title, icon=f":material/{icon}:", default=name == _FIRST)


def _asking(name: str, title: str, icon: str) -> StreamlitPage:
    def asking() -> None:
        frame.begin()
        login.ask(title)

    address = {"default": True} if name == _FIRST else {"url_path": name}
    return st.Page(asking, title=title, icon=f":material/{icon}:", visibility="hidden", **address)
