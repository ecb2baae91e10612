"""The analysis pages' memory: the link, the widgets and the session hold the same settings.

A page declares its settings; each is a widget's value, a parameter of the link where it is not the default, and is kept
while other pages are open. Pages that declare a setting of the same name share it. `sqid_ui.settings.link` finds out
whether the address or the widgets changed last, and writes the address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from sqid_ui.search.state import joined, parted
from sqid_ui.settings import link, popover_keys
from sqid_ui.shell import frame

# Plain session keys, which outlive the widgets.
_KEPT, _REJECTED, _PAGE = "kept by analysis", "rejected by analysis", "analysis page of the last runs"
_ARRIVED, _UNSURE, _TOLD = "arrived", "unsure", "told"
_FIRST_RUNS = 4
# Settings whose widget is in a popover.
_IN_POPOVERS = frozenset({"norm", "missing", "gains", "k"})


@dataclass(frozen=True)
class Setting:
    """name: of the parameter in the link. read: its text to a value, ValueError for nonsense. write: the way back."""

    name: str
    default: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def choice(name: str, options: Sequence[str], default: str | None = None) -> Setting:
    """One of several texts, by default the first."""

    def read(text: str) -> str:
        if text not in options:
            raise ValueError(f"{text!r} is not on offer")
        return text

    first = options[0] if options else ""
    return Setting(name, first if default is None or default not in options else default, read)


def some(name: str, options: Sequence[str]) -> Setting:
    """Any number of texts, by default none."""

    def read(text: str) -> list[str]:
        found = [part for part in parted(text) if part]
        if not set(found) <= set(options):
            raise ValueError(f"{text!r} is not on offer")
        return found

    return Setting(name, [], read, joined)


def number(name: str, low: float, high: float, default: float) -> Setting:
    """A number between two others, to hundredths."""

    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(f"{name} lies between {low} and {high}")
        return round(value, 2)

    return Setting(name, default, read, "{:.2f}".format)


def flag(name: str) -> Setting:
    """On or off, by default off."""
    return Setting(name, False, lambda text: {"1": True, "0": False}[text], lambda value: "1" if value else "0")


def words(name: str, longest: int = 200) -> Setting:
    """A text that somebody types."""

    def read(text: str) -> str:
        if len(text) > longest:
            raise ValueError("too long")
        return text.strip()

    return Setting(name, "", read, lambda value: str(value).strip())


def key(name: str) -> str:
    """The key of a setting's widget."""
    return popover_keys.key_now(_first_key(name))


def _first_key(name: str) -> str:
    return f"{link.ANALYSIS}{name}"


def set_value(name: str, found: Any) -> None:
    """Changes a setting before its widget is drawn."""
    if name in _IN_POPOVERS:
        popover_keys.give(_first_key(name), found)
    else:
        st.session_state[key(name)] = found


def value(name: str) -> Any:
    """A setting as it stands now."""
    return st.session_state[key(name)]


def settle(page: str, settings: Sequence[Setting]) -> tuple[str, ...]:
    """Gives every widget its value before it is drawn; returns the link's parameters that were nonsense.

    Call it once a run, before the first widget of the page.
    """
    kept = st.session_state.setdefault(_KEPT, {})
    told = _told(page)
    asked = st.query_params.to_dict() if link.link_changed() else None
    if asked is not None:
        st.session_state[_REJECTED] = tuple(s.name for s in settings if s.name in asked and not _fits(s, asked[s.name]))
    for setting in settings:
        name = key(setting.name)
        if asked is not None:
            found = setting.read(asked[setting.name]) if _fits(setting, asked.get(setting.name)) else setting.default
        elif name in st.session_state and told != _ARRIVED and _valid(setting, st.session_state[name]):
            if told == _TOLD and setting.name not in _IN_POPOVERS:
                continue
            found = st.session_state[name]
        else:
            known = kept.get(setting.name, setting.default)
            found = known if _valid(setting, known) else setting.default
        set_value(setting.name, found)
    return st.session_state.get(_REJECTED, ())


def _told(page: str) -> str:
    """Whether the browser knows the widgets' values: not on arrival, as a widget of another page is another widget; nor
    for sure in the first runs, as what a run sends is dropped where the next one begins at once."""
    before, runs = st.session_state.get(_PAGE, ("", 0))
    if before != page or link.link_changed():
        runs = 0
    st.session_state[_PAGE] = (page, runs + 1)
    return _ARRIVED if before != page else _UNSURE if runs < _FIRST_RUNS else _TOLD


def _fits(setting: Setting, text: str | None) -> bool:
    if text is None:
        return False
    try:
        setting.read(text)
    except (ValueError, KeyError, OverflowError):
        return False
    return True


def _valid(setting: Setting, found: Any) -> bool:
    """Whether a value of before makes sense here: another bundle has other groups and gains."""
    if found is None:
        return setting.default is None
    try:
        return bool(setting.read(setting.write(found)) == found) or isinstance(found, str)
    except (ValueError, KeyError, TypeError):
        return False


def publish(page: str, settings: Sequence[Setting]) -> None:
    """Keeps the settings as the widgets have them now, and writes the link."""
    kept = st.session_state[_KEPT]
    before = dict(kept)
    parameters = {}
    for setting in settings:
        found = value(setting.name)
        kept[setting.name] = found
        if found != setting.default and found is not None:
            parameters[setting.name] = setting.write(found)
    if before and any(before.get(name, found) != found for name, found in kept.items()):
        st.session_state[_REJECTED] = ()
    link.publish(page, frame.bundle_parameter() | {name: text for name, text in parameters.items() if text})
