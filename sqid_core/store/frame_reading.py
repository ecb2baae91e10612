"""Rows of the database to frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa


def read_frame(
    connection: sa.Connection, statement: sa.Select[Any], columns: Mapping[str, npt.DTypeLike]
) -> pd.DataFrame:
    """What the statement selects, in the order of `columns` and of their types. NULL is a number's nan.

    The driver's own rows: texts and numbers need none of SQLAlchemy's care, which costs as much as reading them.
    """
    cursor = connection.execute(statement).cursor
    rows = cursor.fetchall() if cursor is not None else []
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return pd.DataFrame(
        {name: _series(held, dtype) for (name, dtype), held in zip(columns.items(), values, strict=True)}, copy=False
    )


def _series(values: Sequence[Any], dtype: npt.DTypeLike) -> pd.Series:
    if isinstance(dtype, str) and dtype.startswith("datetime64"):
        moments = np.array(values, dtype=np.int64).view("datetime64[us]")
        return pd.Series(moments, copy=False).dt.tz_localize("UTC")
    held = np.empty(len(values), dtype=dtype)
    held[:] = values
    return pd.Series(held, dtype=held.dtype, copy=False)


def number_or_null(value: float) -> float | None:
    """nan as NULL."""
    return None if value != value else float(value)
