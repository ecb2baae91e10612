"""Rows that open something: a table of the browser's own, sorted here, each row opened by a click, Enter or Space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from sqid_core.analysis.query_sets import ordered
from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent
# So many rows are shown at first, and more of them when they are asked for.
AT_ONCE = 300


@dataclass(frozen=True)
class Column:
    """How a column is shown. kind: text, number, flag or picture. digits: after the point, None as they are. width: in
    pixels, 0 for what it needs. whole: whether its text is never cut. by: the column of the frame that
    orders the rows for it, by default itself."""

    title: str
    kind: str = "text"
    digits: int | None = None
    signed: bool = False
    help: str = ""
    width: int = 0
    whole: bool = False
    by: str = ""


def row_list(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    key: str,
    name: str,
    opens: str,
    order: str,
    on_order: Callable[[str], None],
    height: int = 620,
    place: str = "",
    current: str = "",
) -> str | None:
    """Draws the columns of a frame that are named, in their order there; what was opened in this run, None for nothing.

    name: of the table, for those who hear it. opens: the column that tells rows apart; its texts are what is opened.
    order: see `ordered`. on_order: called with another one before the rerun that it causes. height: at most, in pixels.
    place: under what the browser remembers how far it was scrolled, by default the address. current: the row that was
    opened last.
    """
    shown = [str(column) for column in frame if column in columns]
    most = sent(key, "most")
    count = max(AT_ONCE, most) if isinstance(most, int) else AT_ONCE
    rows = ordered(frame, order)
    at = rows[opens].astype(str).tolist().index(current) if current in set(frame[opens].astype(str)) else 0
    rows = rows.head(max(count, AT_ONCE * (at // AT_ONCE + 1)))
    cells = rows[shown].astype(object).where(rows[shown].notna(), None)
    ids = rows[opens].astype(str).tolist()
    data = {
        "name": name,
        "columns": [{"name": column, **asdict(columns[column])} for column in shown],
        "cells": cells.to_dict("list"),
        "ids": ids,
        "total": len(frame),
        "more": AT_ONCE,
        "order": order,
        "height": height,
        "key": key,
        "place": place,
        "current": current,
    }

    def sort() -> None:
        asked = sent(key, "sort")
        if asked in shown:
            on_order(next_order(order, columns[asked].by or asked, columns[asked].kind == "number"))

    mount_of("sqid_rows", _FOLDER / "rows.js", [_FOLDER / "rows.css"])(
        key=key, data=data, on_open_change=lambda: None, on_sort_change=sort, on_most_change=lambda: None
    )
    opened = sent(key, "open")
    return opened if isinstance(opened, str) and opened in ids else None


def next_order(order: str, column: str, number: bool) -> str:
    """The order after a column's heading was pressed: numbers begin with the highest, the third press undoes it."""
    steps = (f"-{column}", column) if number else (column, f"-{column}")
    return {steps[0]: steps[1], steps[1]: ""}.get(order, steps[0])
