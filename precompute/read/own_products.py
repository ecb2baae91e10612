"""Somebody's own catalogue: a table of products, with what it says beyond the columns that are known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from precompute.read.category_paths import one_notation
from precompute.read.plain_table import PlainTable
from precompute.read.prices import prices
from precompute.read.raw_files import Reader, numbers, present_words, product_ids, trimmed, words
from sqid_core.errors import InputError
from sqid_core.wording import counted

_KNOWN: dict[str, Reader] = {
    **dict.fromkeys(("brand", "color", "category", "description", "locale"), trimmed),
    "image": present_words,
}
# What the app adds to products itself.
_TAKEN = frozenset({"category_estimated"})
_SHOWN = 3


@dataclass(frozen=True, eq=False)
class Read:
    """frame: the table. notes: sentences about what was kept beyond what is known, and what was not read. currency: of
    the prices, "" where they do not say."""

    frame: pd.DataFrame = field(repr=False)
    notes: Sequence[str] = ()
    currency: str = ""


def read_products(source: PlainTable) -> Read:
    """product_id, title and what else there is. Raises InputError."""
    path = source.path
    read = read_own(source, {"product_id": product_ids, "title": trimmed}, {**_KNOWN, "price": _price_texts})
    frame, notes, currency = read.frame, [*read.notes], ""
    if "category" in frame:
        frame["category"] = pd.Series(one_notation(frame["category"].tolist()), index=frame.index, dtype="object")
    if "price" in frame and frame["price"].dtype == object:
        found = prices([text if isinstance(text, str) else None for text in frame["price"]])
        frame["price"], currency = found.values, found.currency
        if found.unread:
            notes.append(
                f"{path}: {counted(len(found.unread), 'price is', 'prices are')} not read: {_some(found.unread)}"
            )
    return Read(frame, notes, currency)


def read_own(source: PlainTable, required: Mapping[str, Reader], known: Mapping[str, Reader]) -> Read:
    """The required and the known columns, and all others as they are; those that are no plain values are left out, and
    named."""
    path = source.path
    others = [name for name in source.names if name not in required and name not in known]
    ignored: list[str] = [name for name in others if name in _TAKEN]
    more = {name: partial(_plain, ignored) for name in others if name not in ignored}
    frame = source.frame(required, {**known, **more})
    frame = frame.drop(columns=[name for name in ignored if name in frame])
    kept = [name for name in more if name in frame]
    notes = [*source.notes] + ([f"{path}: kept beside the known columns: {', '.join(kept)}"] if kept else [])
    if ignored:
        notes.append(f"{path}: the columns {', '.join(dict.fromkeys(ignored))} are not read")
    return Read(frame, notes)


def _plain(ignored: list[str], column: Any, path: Path, name: str) -> pd.Series:
    """A column of any plain kind, numbers as numbers; one of lists or the like is noted as ignored."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return column.to_pandas()
    try:
        return trimmed(column, path, name)
    except InputError:
        ignored.append(name)
        return pd.Series([None] * len(column), dtype="object")


def _price_texts(column: Any, path: Path, name: str) -> pd.Series:
    """Numbers as they are; texts for `prices`."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pd.Series(words(column, path, name).to_pylist(), dtype="object")
    return numbers(column, path, name).astype(np.float64)


def _some(texts: Sequence[str]) -> str:
    shown = ", ".join(repr(text) for text in dict.fromkeys(texts[:100]) if text)
    first = ", ".join(shown.split(", ")[:_SHOWN])
    return first + (" …" if len(set(texts)) > _SHOWN else "")
