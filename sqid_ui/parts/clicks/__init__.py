"""A click on a point of a figure, whatever tool of the figure is active."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent


def point_clicks(figure: str, key: str, on_click: Callable[[int, int], None]) -> None:
    """Draws nothing. figure: the key of the container in which the plot stands. on_click: called with the number of the
    trace and of the point that was clicked, before the rerun that it causes; they come from a browser."""
    mount = mount_of("sqid_clicks", _FOLDER / "clicks.js", [])
    mount(key=key, data={"figure": f".st-key-{figure}"}, on_point_change=lambda: _clicked(key, on_click))


def _clicked(key: str, on_click: Callable[[int, int], None]) -> None:
    told = sent(key, "point")
    if isinstance(told, list) and len(told) == 2 and all(isinstance(each, int) for each in told):
        on_click(told[0], told[1])
