"""Rows of the database to frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from ..types import Array


def read_frame(
    connection: sa.Connection, statement: sa.Select[Any], columns: Mapping[str, npt.DTypeLike]
) -> pd.DataFrame:
    """What the statement selects, in the order of `columns` and of their types. NULL is a number's nan.

    The driver's own rows: texts and numbers need none of SQLAlchemy's care, which costs as much as reading them.
    """
    cursor = connection.execute(statement).cursor
    rows = cursor.fetchall() if cursor is not None else []
    # As one block: to take each column out of the rows would cost as much as reading them.
    held = np.array(rows, dtype=object).reshape(len(rows), len(columns))
    return pd.DataFrame(
        {name: _series(held[:, place], dtype) for place, (name, dtype) in enumerate(columns.items())}, copy=False
    )


def _series(values: Array, dtype: npt.DTypeLike) -> pd.Series:
    if isinstance(dtype, str) and dtype.startswith("datetime64"):
        moments = values.astype(np.int64).view("datetime64[us]")
        return pd.Series(moments, copy=False).dt.tz_localize("UTC")
    held = np.ascontiguousarray(values) if dtype is object else values.astype(dtype)
    return pd.Series(held, dtype=held.dtype, copy=False)


def number_or_null(value: float) -> float | None:
    """nan as NULL."""
    return None if value != value else float(value)
