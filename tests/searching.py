"""The Search page as AppTest sees it: opening it by a link, its widgets, and what its board shows."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import board as board_module
import pandas as pd
from places import APP
from streamlit.testing.v1 import AppTest

from sqid_ui.settings.session import memory


def opened(**link: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    return rerun(at)


def rerun(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception, at.exception
    return at


def widget_key(at: AppTest, name: str, part: str = "") -> str:
    """The key under which a setting's widget stands now."""
    return memory(at.session_state).key(name, part)


def give(at: AppTest, name: str, value: Any) -> None:
    """Sets a setting as a callback would: the board's weight has no widget."""
    at.session_state["settings"] = memory(at.session_state).changed(name, value, at.session_state)


def setting(at: AppTest, name: str) -> Any:
    """A setting as it stands now."""
    return memory(at.session_state).value(name, at.session_state)


def widget(at: AppTest, name: str, part: str = "") -> Any:
    return at.get_by_key(widget_key(at, name, part))


def set_to(at: AppTest, attribute: str, value: Any) -> AppTest:
    widget(at, attribute).set_value(value)
    return rerun(at)


def walk_on(at: AppTest, key: str, steps: int) -> AppTest:
    """What the browser tells of a walk: how many steps there were in all."""
    at.session_state[key] = {"steps": steps}
    return rerun(at)


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click()
    return rerun(at)


def link_of(at: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in at.query_params.items()}


def row_lists(at: AppTest) -> list[pd.DataFrame]:
    """The tables whose rows open something, as they are shown."""
    found = []
    for key in ("query list", "group list", "suspect list", "changed queries"):
        with suppress(KeyError):
            found.append(pd.DataFrame(json.loads(at.get_by_key(key).proto.json)["cells"]))
    return found


def board(at: AppTest) -> dict[str, Any]:
    return board_module.board(at)


def keys(at: AppTest) -> list[str]:
    """The board's lists."""
    return [one["key"] for one in board(at)["lists"]]


def shown_ids(at: AppTest, name: str) -> list[str]:
    return board_module.shown_ids(board(at), name)


def said(at: AppTest) -> str:
    """Every sentence of the page."""
    kinds = (at.caption, at.info, at.warning, at.error, at.header, at.markdown, at.subheader)
    return "\n".join(element.value.replace("\\", "") for kind in kinds for element in kind)
