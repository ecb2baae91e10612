"""The settings of this visit: `sqid_ui.settings.memory` joined to Streamlit's session, widgets and address.

A page calls `notice` first in a run, `settle` with its table before its first widget, `draw` for each widget, and
`publish` when all are drawn. Callbacks read settings with `value` and change them with `give`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sqid_ui.settings.memory import Memory
from sqid_ui.settings.setting import Setting

# Plain session keys: they outlive the widgets.
_MEMORY, _ASKS, _AHEAD = "settings", "link asks", "settings settled ahead"
# How Streamlit's commands call what a widget begins with; all others say value.
_BY_INDEX, _BY_DEFAULT = ("selectbox", "radio"), ("multiselect", "pills", "segmented_control")
_CLEARED = ("selectbox", "number_input")


def memory(state: Any = None) -> Memory:
    """What the visit remembers. state: of a session, by default of the one that runs."""
    known = st.session_state if state is None else state
    found: Memory = known[_MEMORY] if _MEMORY in known else Memory()
    return found


def gone_back() -> bool:
    """Whether this run was caused by the browser's Back or Forward."""
    return bool(getattr(get_script_run_ctx(suppress_warning=True), "is_history_navigation", False))


def notice(page: str) -> None:
    """Finds out whether the address asks for something or the browser is only behind."""
    found = memory().noticed(page, st.query_params.to_dict(), gone_back())
    st.session_state.update({_MEMORY: found, _ASKS: found.wish is not None, _AHEAD: ()})


def link_asks() -> bool:
    """Whether this run follows a link, Back or Forward."""
    return bool(st.session_state[_ASKS])


def settle_ahead(setting: Setting, bundle: str = "") -> Any:
    """Settles one setting that the page's others depend on; returns its value. The link begins with it. bundle: see
    `Memory.settled_ahead`."""
    st.session_state[_MEMORY], value = memory().settled_ahead(setting, st.session_state, bundle)
    st.session_state[_AHEAD] = (*st.session_state[_AHEAD], setting)
    return value


def settle(settings: Iterable[Setting] = (), bundle: str = "", **more: Callable[[Mapping], Mapping]) -> tuple[str, ...]:
    """Gives every setting of the page its value; returns the link's parameters that were nonsense, but for the bundle,
    of which the frame speaks. more: see `Memory.settled`."""
    ahead = st.session_state[_AHEAD]
    found = memory().settled((*ahead, *settings), bundle, st.session_state, **more)
    st.session_state[_MEMORY] = found
    return tuple(name for name in found.rejected if name not in {each.linked for each in ahead if not each.of_bundle})


def value(name: str) -> Any:
    """A setting as it stands now."""
    return memory().value(name, st.session_state)


def values() -> dict[str, Any]:
    """All settings of the page as they stand now."""
    return {name: value(name) for name in memory().table}


def give(name: str, found: Any, **notes: Any) -> None:
    """Changes a setting, before its widget is drawn: for callbacks, buttons, and what depends on another setting.

    notes: remembered in the same moment, as a run may be cut short at any use of the session; see `note`.
    """
    changed = memory().changed(name, found, st.session_state)
    kept = {("note", name): ("", value) for name, value in notes.items()}
    st.session_state[_MEMORY] = replace(changed, kept={**changed.kept, **kept})


def note(name: str, default: Any) -> Any:
    """What was noted last under a name."""
    return memory().kept.get(("note", name), ("", default))[1]


def draw(widget: Callable[..., Any], name: str, label: str, *arguments: Any, part: str = "", **options: Any) -> Any:
    """Draws a setting's widget with one of Streamlit's commands and returns what that returns.

    part: of the setting, where it has several widgets. arguments, options: of the command, after the label.
    """
    return widget(label, *arguments, **options, **_begun(widget.__name__, name, part, arguments))


def _begun(kind: str, name: str, part: str, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """The arguments that make a widget show a setting: its key and what it begins with."""
    found = memory()
    setting = found.table[name]
    begin = setting.split(value(name))[part]
    key = {"key": found.key(name, part)}
    if setting.optional and kind in _CLEARED:
        # Only a widget that begins with nothing can be emptied, so its value is told, in every run that has one.
        if begin is not None:
            st.session_state[key["key"]] = begin
        return key | {"index" if kind in _BY_INDEX else "value": None}
    if kind in _BY_INDEX:
        offered = list(arguments[0])
        return key | {"index": offered.index(begin) if begin in offered else None if begin is None else 0}
    if kind in _BY_DEFAULT:
        single = not isinstance(begin, list)
        return key | {"default": begin if not single or begin in arguments[0] else None}
    return key | {"value": begin}


def publish() -> None:
    """Keeps what the widgets hold, and writes the link."""
    found, link = memory().published(st.session_state)
    behind = found.written or st.query_params.to_dict() != link
    # Remembered first: a run that is cut short between the two would take its own address for somebody's wish.
    st.session_state[_MEMORY] = found.wrote(link) if behind else found
    if behind:
        st.query_params.from_dict(link)


def link() -> dict[str, str]:
    """The link's parameters as the page's settings stand now."""
    return memory().published(st.session_state)[1]


def elsewhere(settings: Iterable[Setting]) -> dict[str, Any]:
    """What some settings are on other pages, by name."""
    return memory().elsewhere(settings)


def link_of(settings: Iterable[Setting]) -> dict[str, str]:
    """The parameters that give another page the same values of some settings."""
    some = (*st.session_state[_AHEAD], *settings)
    found = elsewhere(some)
    return {setting.linked: text for setting in some if (text := setting.text(found[setting.name]))}
