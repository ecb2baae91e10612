"""Rows of the database to frames and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

Columns = Mapping[str, npt.DTypeLike]


def read_frame(connection: sa.Connection, statement: sa.Select[Any], columns: Columns) -> pd.DataFrame:
    """What the statement selects, in the order of `columns` and of their types. NULL is nan, or "" of a text."""
    rows: Sequence[Sequence[Any]] = connection.execute(statement).all()
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return pd.DataFrame(
        {name: _series(held, dtype) for (name, dtype), held in zip(columns.items(), values, strict=True)}
    )


def _series(values: Sequence[Any], dtype: npt.DTypeLike) -> pd.Series:
    if isinstance(dtype, str) and dtype.startswith("datetime64"):
        moments = np.array(values, dtype=np.int64).view("datetime64[us]")
        return pd.Series(moments, copy=False).dt.tz_localize("UTC")
    if dtype is object:
        held = np.empty(len(values), dtype=object)
        held[:] = ["" if value is None else value for value in values] if None in values else values
        return pd.Series(held, dtype=object, copy=False)
    return pd.Series(np.array(values, dtype=dtype), copy=False)


def number_or_null(value: float) -> float | None:
    """nan as NULL."""
    return None if value != value else float(value)
