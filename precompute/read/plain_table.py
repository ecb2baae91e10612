"""A table as plain columns in memory, whatever file it came from: what every format is turned into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa

from precompute.read.raw_files import Reader, chosen_columns, column_names, read_batches
from sqid_core.errors import InputError

_ROWS = 50_000


@dataclass(frozen=True, eq=False)
class PlainTable:
    """path: the file that it is of, for what is said of it. table: its columns, text or numbers. notes: sentences about
    what was not read as it stands."""

    path: Path
    table: pa.Table = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Of its columns, in order."""
        return list(self.table.column_names)

    def frame(
        self, required: Mapping[str, Reader], optional: Mapping[str, Reader] = MappingProxyType({})
    ) -> pd.DataFrame:
        """Those columns, each as its reader makes it; optional ones only where they are there. Raises InputError."""
        names = chosen_columns(self.path, self.names, [*required], [*optional])
        if not self.table.num_rows:
            raise InputError(f"{self.path} has no rows; expected the columns {', '.join(required)} and data")
        readers = {**required, **optional}
        return pd.DataFrame({name: readers[name](self.table[name], self.path, name) for name in names})

    def renamed(self, columns: Mapping[str, str]) -> PlainTable:
        """With other names for some columns (theirs: ours). A column that had such a name already is left out, and
        named."""
        mapped = {theirs: ours for theirs, ours in columns.items() if theirs in self.names and theirs != ours}
        hidden = [name for name in self.names if name in mapped.values() and name not in mapped]
        table = self.table.drop_columns(hidden)
        table = table.rename_columns([mapped.get(name, name) for name in table.column_names])
        notes = [f"{self.path}: the column {name} is left out, since --columns names another" for name in hidden]
        return replace(self, table=table, notes=(*self.notes, *notes))

    def with_notes(self, *notes: str) -> PlainTable:
        """With more to say."""
        return replace(self, notes=(*self.notes, *notes))


def whole_table(path: Path) -> PlainTable:
    """All columns that have a name, of a file in a format of `raw_files`. Raises InputError."""
    names = [name for name in dict.fromkeys(column_names(path)) if name]
    if not names:
        raise InputError(f"{path} has no named columns; its first line must name them")
    batches = list(read_batches(path, (), names))
    if not batches:
        return PlainTable(path, pa.table({name: pa.array([], pa.large_string()) for name in names}))
    return PlainTable(path, pa.Table.from_batches(batches))


class TextRows:
    """Rows of texts that are added one by one and kept as Arrow's columns: millions of them, as Python's texts, would
    take many times the file's size."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._tables = [pa.table({name: pa.array([], pa.large_string()) for name in names})]
        self._rows: list[tuple[str | None, ...]] = []

    def add(self, *row: str | None) -> None:
        """A text a column, None where there is none."""
        self._rows.append(row)
        if len(self._rows) == _ROWS:
            self._flush()

    def table(self, path: Path, *notes: str) -> PlainTable:
        """All rows, as a table of a file."""
        self._flush()
        return PlainTable(path, pa.concat_tables(self._tables), notes)

    def _flush(self) -> None:
        if self._rows:
            columns = zip(self._names, zip(*self._rows, strict=True), strict=True)
            self._tables.append(pa.table({name: pa.array(texts, pa.large_string()) for name, texts in columns}))
            self._rows = []
