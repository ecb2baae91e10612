"""A table as plain columns in memory, whatever file it came from: what every format is turned into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
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
        """Those columns, each as its reader makes it; optional ones only where they are there. A packed column is a
        categorical. Raises InputError."""
        names = chosen_columns(self.path, self.names, [*required], [*optional])
        if not self.table.num_rows:
            raise InputError(f"{self.path} has no rows; expected the columns {', '.join(required)} and data")
        readers = {**required, **optional}
        return pd.DataFrame({name: _read(self.table[name], readers[name], self.path, name) for name in names})

    def renamed(self, columns: Mapping[str, str]) -> PlainTable:
        """With other names for some columns (theirs: ours). A column that had such a name already is left out, and
        named."""
        mapped = {theirs: ours for theirs, ours in columns.items() if theirs in self.names and theirs != ours}
        hidden = [name for name in self.names if name in mapped.values() and name not in mapped]
        table = self.table.drop_columns(hidden)
        table = table.rename_columns([mapped.get(name, name) for name in table.column_names])
        notes = [f"{self.path}: the column {name} is left out, since --columns names another" for name in hidden]
        return replace(self, table=table, notes=(*self.notes, *notes))

    def packed(self) -> PlainTable:
        """With each text stored once, for tables in which most stand many times, such as judgements'."""
        return replace(self, table=_packed(self.table).unify_dictionaries())

    def with_notes(self, *notes: str) -> PlainTable:
        """With more to say."""
        return replace(self, notes=(*self.notes, *notes))


def _packed(rows: pa.Table) -> pa.Table:
    for place, (name, kind) in enumerate(zip(rows.column_names, rows.schema.types, strict=True)):
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            rows = rows.set_column(place, name, rows[name].dictionary_encode())
    return rows


def _read(column: pa.ChunkedArray, reader: Reader, path: Path, name: str) -> pd.Series:
    """The column as its reader makes it. A packed one has each of its texts read once, whatever row it stands in."""
    if not pa.types.is_dictionary(column.type):
        return reader(column, path, name)
    packed = column.combine_chunks()
    texts = packed.dictionary
    places = packed.indices.fill_null(len(texts)).to_numpy()
    if packed.null_count:
        texts = pa.concat_arrays([texts, pa.nulls(1, texts.type)])
    codes, categories = pd.factorize(reader(pa.chunked_array([texts]), path, name))
    return pd.Series(pd.Categorical.from_codes(codes.astype(np.int32)[places], categories))


def whole_table(path: Path, packed: bool = False) -> PlainTable:
    """All columns that have a name, of a file in a format of `raw_files`. packed: each text once: see
    `PlainTable.packed`. Raises InputError."""
    names = [name for name in dict.fromkeys(column_names(path)) if name]
    if not names:
        raise InputError(f"{path} has no named columns; its first line must name them")
    tables = (pa.Table.from_batches([batch]) for batch in read_batches(path, (), names))
    whole = [_packed(table) if packed else table for table in tables]
    if not whole:
        return PlainTable(path, pa.table({name: pa.array([], pa.large_string()) for name in names}))
    return PlainTable(path, pa.concat_tables(whole).unify_dictionaries())


class TextRows:
    """Rows of texts that are added one by one and kept as Arrow's packed columns: millions of them, as Python's texts,
    would take many times the file's size."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._tables = [_text_columns(names, [()] * len(names))]
        self._rows: list[tuple[str | None, ...]] = []

    def add(self, *row: str | None) -> None:
        """A text a column, None where there is none."""
        self._rows.append(row)
        if len(self._rows) == _ROWS:
            self._flush()

    def table(self, path: Path, *notes: str) -> PlainTable:
        """All rows, as a table of a file."""
        self._flush()
        return PlainTable(path, pa.concat_tables(self._tables).unify_dictionaries(), notes)

    def _flush(self) -> None:
        if self._rows:
            self._tables.append(_text_columns(self._names, [*zip(*self._rows, strict=True)]))
            self._rows = []


def _text_columns(names: Sequence[str], columns: Sequence[Sequence[str | None]]) -> pa.Table:
    texts = (pa.array(column, pa.large_string()).dictionary_encode() for column in columns)
    return pa.table(dict(zip(names, texts, strict=True)))
