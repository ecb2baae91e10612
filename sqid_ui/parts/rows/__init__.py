"""Rows that open something: a table of the browser's own, sorted here, each row opened by a click, Enter or Space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from sqid_ui.parts.browser import mount_of, sent

_FOLDER = Path(__file__).parent
# So many rows are shown at first, and more of them when they are asked for.
AT_ONCE = 300


@dataclass(frozen=True)
class Column:
    """How a column is shown. kind: text, number, flag or picture. digits: after the point, None as they are. width: in
    pixels, 0 for what it needs."""

    title: str
    kind: str = "text"
    digits: int | None = None
    signed: bool = False
    help: str = ""
    width: int = 0


def row_list(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    key: str,
    name: str,
    opens: str,
    order: str,
    on_order: Callable[[str], None],
    height: int = 620,
) -> str | None:
    """Draws the columns of a frame that are named, in their order there; what was opened in this run, None for nothing.

    name: of the table, for those who hear it. opens: the column that tells rows apart; its texts are what is opened.
    order: see `ordered`. on_order: called with another one before the rerun that it causes. height: at most, in pixels.
    """
    shown = [str(column) for column in frame if column in columns]
    most = sent(key, "most")
    count = max(AT_ONCE, most) if isinstance(most, int) else AT_ONCE
    rows = ordered(frame, order).head(count)
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
    }

    def sort() -> None:
        asked = sent(key, "sort")
        if asked in shown:
            on_order(next_order(order, asked, columns[asked].kind == "number"))

    mount_of("sqid_rows", _FOLDER / "rows.js", [_FOLDER / "rows.css"])(
        key=key, data=data, on_open_change=lambda: None, on_sort_change=sort, on_most_change=lambda: None
    )
    opened = sent(key, "open")
    return opened if isinstance(opened, str) and opened in ids else None


def ordered(frame: pd.DataFrame, order: str) -> pd.DataFrame:
    """The frame by a column: `gain` ascending, `-gain` descending, "" as it is; gaps last, ties as they were."""
    column = order.removeprefix("-")
    if column not in frame:
        return frame
    return frame.sort_values(column, ascending=order == column, kind="stable", na_position="last")


def next_order(order: str, column: str, number: bool) -> str:
    """The order after a column's heading was pressed: numbers begin with the highest, the third press undoes it."""
    steps = (f"-{column}", column) if number else (column, f"-{column}")
    return {steps[0]: steps[1], steps[1]: ""}.get(order, steps[0])
