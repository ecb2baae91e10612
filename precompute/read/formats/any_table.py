"""A table in a format of `raw_files`, or JSON objects as its rows."""

from __future__ import annotations

from pathlib import Path

from precompute.read.json_files import begins_as_json, json_table
from precompute.read.plain_table import PlainTable, whole_table


def any_table(path: Path, packed: bool = False) -> PlainTable:
    """All its columns. packed: see `whole_table`. Raises InputError."""
    if not begins_as_json(path):
        return whole_table(path, packed)
    return json_table(path).packed() if packed else json_table(path)
