"""The Search page's memory: link, widgets and session hold the same settings, whichever of them changed last.

The settings live in one plain session key, which outlives the page's widgets. A link that changed from outside (a first
visit, the browser's back button) wins over it; otherwise the widgets do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from sqid_ui.search import uploads
from sqid_ui.search.state import Choices, SearchSettings, read_link, write_link
from sqid_ui.settings import popover_keys

PICKER = "picked bundle"
# What the keys of the Compare page's and of the analysis pages' widgets begin with.
COMPARE, ANALYSIS = "compare:", "analysis:"
_SETTINGS, _PAGE, _REJECTED = "search settings", "page of the last run", "rejected"
_CHANGED, _SEEN = "link changed", "widgets as last seen"
# The address that the last run came with, and those written since that the browser has not come with yet.
_RECEIVED, _WRITTEN = "received link", "written links"
# Settings whose widget holds None where nothing is picked, and those that are None then themselves.
_PICKED = frozenset({"query_id", "picture", "topic", "source", "difficulty"})
_NUMBERS = frozenset({"price_from", "price_to"})
# Those whose widget is not in a popover.
_IN_SIGHT = frozenset({"text", "query_id", "like", "upload", "words", "weight", "scope", "product"})
# Of the catalogue and the judged queries of one bundle, so that another bundle need not have them.
_OF_A_BUNDLE = frozenset({"query", "like", "product", "category", "brand", "topic", "source", "text", "image"})


def widget_key(attribute: str) -> str:
    """The key of the widget that sets one of the settings."""
    return popover_keys.key_now(_first_key(attribute))


def _first_key(attribute: str) -> str:
    return f"search {attribute}"


def notice_link(page: str) -> None:
    """Called first in a run: finds out whether the address or the widgets changed last."""
    st.session_state.setdefault(_WRITTEN, ())
    st.session_state[_CHANGED] = _changed_from_outside(page)
    st.session_state[_SEEN] = _widgets()


def link_changed() -> bool:
    """Whether the address holds a wish: something this session did not write there."""
    return bool(st.session_state[_CHANGED])


def arrived(page: str) -> bool:
    """Whether the last run was of another page, whose widgets were others, even those with the same keys."""
    return st.session_state.get(_PAGE) != page


def _changed_from_outside(page: str) -> bool:
    parameters = st.query_params.to_dict()
    received, written = st.session_state.get(_RECEIVED), st.session_state.get(_WRITTEN, ())
    st.session_state[_RECEIVED] = parameters
    if parameters in written:
        st.session_state[_WRITTEN] = written[written.index(parameters) + 1 :]
        return False
    # A widget that moves quickly is ahead of the address: the browser still comes with the one before. With any other
    # address it is the widgets that are behind, as when somebody goes back twice at once.
    if parameters == received and (not written or _moved()):
        return False
    st.session_state[_WRITTEN] = ()
    # Changing pages empties the address, which is no wish either.
    return bool(parameters) or st.session_state.get(_PAGE, page) == page


def _moved() -> bool:
    seen = st.session_state.get(_SEEN, {})
    return any(value != seen.get(key, value) for key, value in _widgets().items())


def _widgets() -> dict[str, Any]:
    others = [key for key in st.session_state if str(key).startswith((COMPARE, ANALYSIS))]
    keys = (PICKER, *map(widget_key, SearchSettings.__dataclass_fields__), *others)
    return {str(key): st.session_state[key] for key in keys if key in st.session_state}


def settle_widgets(choices: Choices, fingerprint: str) -> tuple[str, ...]:
    """Gives every widget of the page its value before it is drawn; returns the link's parameters that were nonsense."""
    known = st.session_state.get(_SETTINGS)
    if link_changed() or known is None:
        settings, rejected = read_link(st.query_params.to_dict(), choices)
        st.session_state[_REJECTED] = rejected
        uploads.forget()
        _fill(settings)
    elif known[0] != fingerprint:
        _fill(_carried_over(known[1], choices))
    else:
        _fill(known[1], only_missing=True)
    return st.session_state.get(_REJECTED, ())


def settings_from_widgets(fingerprint: str) -> SearchSettings:
    """The settings as the widgets stand now, kept for the rest of the session."""
    previous = st.session_state.get(_SETTINGS)
    settings = SearchSettings(**{name: _value(name) for name in SearchSettings.__dataclass_fields__})
    if previous is not None and previous != (fingerprint, settings):
        st.session_state[_REJECTED] = ()
    st.session_state[_SETTINGS] = (fingerprint, settings)
    return settings


def publish(page: str, parameters: Mapping[str, str]) -> None:
    """Writes the link, and notes what was written and for which page."""
    st.session_state[_PAGE] = page
    st.session_state[_SEEN] = _widgets()
    written = st.session_state[_WRITTEN]
    if written or st.query_params.to_dict() != dict(parameters):
        st.session_state[_WRITTEN] = (*written, dict(parameters))
        st.query_params.from_dict(dict(parameters))


def set_setting(attribute: str, value: Any) -> None:
    """Changes a setting before its widget is drawn, as the widget itself would: for callbacks and buttons."""
    if attribute in _IN_SIGHT:
        st.session_state[widget_key(attribute)] = _widget_value(attribute, value)
    else:
        popover_keys.give(_first_key(attribute), _widget_value(attribute, value))


def setting(attribute: str) -> Any:
    """A setting as its widget stands now."""
    return _value(attribute)


def _fill(settings: SearchSettings, only_missing: bool = False) -> None:
    """only_missing: a widget that was not drawn in the last run has forgotten its value; the others keep theirs."""
    for name, value in asdict(settings).items():
        if not (only_missing and widget_key(name) in st.session_state):
            set_setting(name, value)
        elif name not in _IN_SIGHT:
            popover_keys.tell_again(_first_key(name))


def _widget_value(name: str, value: Any) -> Any:
    """What a widget holds for a setting: lists, and None for nothing picked."""
    if name in _PICKED:
        return value or None
    return list(value) if isinstance(value, tuple) else value


def _value(name: str) -> Any:
    value = st.session_state.get(widget_key(name))
    if isinstance(value, list):
        return tuple(value)
    if value is None:
        return None if name in _NUMBERS else ""
    return value.strip() if name == "text" else value


def _carried_over(settings: SearchSettings, choices: Choices) -> SearchSettings:
    """What still makes sense in another bundle: everything but what names parts of this one, and gains it may lack."""
    link = write_link(settings, choices)
    carried = read_link({name: text for name, text in link.items() if name not in _OF_A_BUNDLE}, choices)[0]
    return replace(carried, upload=settings.upload, query_id="") if settings.upload else carried
