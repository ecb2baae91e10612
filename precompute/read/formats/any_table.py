"""A table in a format of `raw_files`, or JSON objects as its rows."""

from __future__ import annotations

from pathlib import Path

from precompute.read.json_files import begins_as_json, json_table
from precompute.read.plain_table import PlainTable, whole_table


def any_table(path: Path) -> PlainTable:
    """All its columns. Raises InputError."""
    return json_table(path) if begins_as_json(path) else whole_table(path)
