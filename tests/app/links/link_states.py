"""What a visitor sees of a page that a link opened, told by labels and sentences: nothing here knows how it is made."""

from __future__ import annotations

from typing import Any

from board import board, shown_ids
from places import APP
from streamlit.testing.v1 import AppTest

_WIDGETS = (
    "text_input",
    "selectbox",
    "multiselect",
    "slider",
    "select_slider",
    "number_input",
    "button_group",
    "checkbox",
    "toggle",
)
_REFUSALS = ("warning", "error")


def opened(page: str, link: dict[str, str]) -> AppTest:
    """A first visit to a page by a link. page: its file's name, without the ending."""
    at = AppTest.from_file(APP, default_timeout=120)
    if page != "search":
        at.switch_page(f"pages/{page}.py")
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def state(at: AppTest, page: str) -> dict[str, Any]:
    """Widgets' values by label, what the page warns of, the address, and on Search the heads of the lists."""
    found: dict[str, Any] = {"address": address(at), "widgets": widgets(at), "said": said(at)}
    if page == "search" and (shown := _board(at)) is not None:
        found["board"] = {"weight": shown.get("weight")} | {
            one["key"]: shown_ids(shown, one["key"])[:3] for one in shown["lists"]
        }
    return found


def address(at: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in at.query_params.items()}


def widgets(at: AppTest) -> dict[str, list[Any]]:
    """Label -> the values of the widgets that have it, in the page's order."""
    found: dict[str, list[Any]] = {}
    for kind in _WIDGETS:
        for each in at.get(kind):
            found.setdefault(each.label, []).append(each.value)
    return found


def said(at: AppTest) -> list[str]:
    """What the page could not open as the link says, and other warnings."""
    return [each.value for kind in _REFUSALS for each in at.get(kind)]


def _board(at: AppTest) -> dict[str, Any] | None:
    try:
        return board(at)
    except KeyError:
        return None
