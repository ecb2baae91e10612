"""The keys of widgets in a popover, which exist in the browser only while it is open.

A widget in a closed popover does not hear of a value that is set meanwhile: the browser keeps the last one that was
picked there and sends it with every run. So a widget that is given another value gets another key too, and what the
browser knows under the one before counts no more. And its value is told again in every run: it is the last run's that
the browser takes when the popover opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

# How often each widget was given another value: a plain session key.
_GIVEN = "given in popovers"


def key_now(key: str, state: Mapping[str, Any] | None = None) -> str:
    """The key under which a widget stands now. state: of a session, by default of the one that runs."""
    known = st.session_state if state is None else state
    times = known[_GIVEN].get(key, 0) if _GIVEN in known else 0
    return f"{key} {times}" if times else key


def give(key: str, value: Any) -> None:
    """Sets the value of a widget in a popover before it is drawn. key: the one that it began with."""
    state, now = st.session_state, key_now(key)
    if now in state and state[now] != value:
        del state[now]
        before = state.get(_GIVEN, {})
        state[_GIVEN] = {**before, key: before.get(key, 0) + 1}
    state[key_now(key)] = value


def tell_again(key: str) -> None:
    """Has the value of a widget in a popover told in this run too. key: the one that it began with."""
    st.session_state[key_now(key)] = st.session_state[key_now(key)]
