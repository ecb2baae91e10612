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
_TEXTS = ("title", "header", "subheader", "warning", "error", "info", "caption")
# What these say depends on how fast the machine is.
_TIMED = ("Queries a second",)


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
    """Widgets' values by label, the sentences in sight, numbers, the address, and on Search the heads of the lists."""
    found: dict[str, Any] = {"address": address(at), "widgets": widgets(at), "numbers": numbers(at), "said": said(at)}
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


def numbers(at: AppTest) -> dict[str, list[str]]:
    """Label -> the numbers in sight under it, each with its remark."""
    found: dict[str, list[str]] = {}
    for each in at.metric:
        if each.label not in _TIMED:
            found.setdefault(each.label, []).append(" | ".join(filter(None, (each.value, each.delta))))
    return found


def said(at: AppTest) -> list[str]:
    """Headings, warnings, captions, and of other texts those that begin in bold: titles of figures and answers."""
    texts = [each.value for kind in _TEXTS for each in at.get(kind)]
    return texts + [each.value for each in at.get("markdown") if each.value.startswith("**")]


def _board(at: AppTest) -> dict[str, Any] | None:
    try:
        return board(at)
    except KeyError:
        return None
