"""What a bundle says of its queries beyond what is known here: shown as it is, and a way to group them by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..bundle.traffic import WEIGHT

# The columns that have a place of their own; of `split` there is a group each all the same.
_OWN = ("query_id", "query", "source", WEIGHT)
# More values than this are no groups to choose from.
MOST_VALUES = 12


def more_columns(queries: pd.DataFrame) -> tuple[str, ...]:
    """The names of the further columns that hold anything, in the file's order."""
    return tuple(str(name) for name in queries if name not in _OWN and queries[name].notna().any())


def with_few_values(queries: pd.DataFrame) -> tuple[str, ...]:
    """Those of them with 2 to 12 values."""
    return tuple(
        name for name in more_columns(queries) if 2 <= len(set(as_texts(queries[name])) - {None}) <= MOST_VALUES
    )


def as_texts(column: pd.Series) -> list[str | None]:
    """Each value as it is read: whole numbers without a point, None where there is none."""
    return [None if missing else _text(value) for value, missing in zip(column, column.isna(), strict=True)]


def in_order(names: Sequence[str]) -> list[str]:
    """Numbers by size, texts by the alphabet."""
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)


def _text(value: object) -> str | None:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.number):
        return f"{float(value):.15g}"
    return str(value).strip() or None
