"""Parquet files from strangers: what columns they have, how long they may become, and only then their content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import BundleError
from .plain_files import missing_fault, told
from .tables import is_like

_AGAIN = "build the bundle again"
# A file may become so many times longer in memory, and so long in any case.
_MOST_TIMES, _ALWAYS = 64, 256_000_000
_LONGEST_TEXT = 1_000_000
_MOST_COLUMNS = 1_000
# Row groups whose dictionaries are looked at.
_LOOKED_AT = 100


def read_frame(
    path: Path,
    columns: Mapping[str, pa.DataType],
    without: Sequence[str] = (),
    others: bool = True,
    advice: str = _AGAIN,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """A table with `columns` of these types, and how many nulls each of its columns has.

    without: columns to leave on disk. others: whether other plain columns are read too. What the file says to pandas is
    not heard. Raises BundleError.
    """
    fault = missing_fault(path)
    if fault:
        raise BundleError(f"{fault}; {advice}")
    try:
        table = _read(path, columns, without, others, advice)
        return table.to_pandas(), {name: table[name].null_count for name in table.column_names}
    except BundleError:
        raise
    except (OSError, pa.ArrowException, ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        raise BundleError(f"{path} is not a readable Parquet file ({told(error)}); {advice}") from None


def _read(
    path: Path, columns: Mapping[str, pa.DataType], without: Sequence[str], others: bool, advice: str
) -> pa.Table:
    with pq.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
        _check_columns(path, schema, columns, advice)
    wanted = [
        name
        for name in schema.names
        if name not in without and (name in columns or (others and _is_plain(schema.field(name).type)))
    ]
    texts = [name for name in wanted if _is_text(schema.field(name).type)]
    most = max(_ALWAYS, _MOST_TIMES * path.stat().st_size)
    announced = _announced(metadata, set(wanted))
    with pq.ParquetFile(path, read_dictionary=texts) as packed:
        # A page of one long text for a million rows is short: then texts stay packed until their length is known.
        inflates = announced + metadata.num_rows * _longest_repeated(packed, texts) > most
        if announced > most:
            raise BundleError(f"{path} would become longer than {most // 10**6:,} MB in memory; {advice}")
        table = packed.read(columns=wanted) if inflates else None
    if table is None:
        with pq.ParquetFile(path) as file:
            table = file.read(columns=wanted)
    plain = {name: _unpacked(path, name, table[name], most, advice) for name in table.column_names}
    found = pa.table(plain)
    found.validate(full=True)
    return found


def _longest_repeated(packed: pq.ParquetFile, texts: Sequence[str]) -> int:
    """About the longest texts that stand once for many rows, all columns together: of each column's dictionary, which
    comes with its first row."""
    longest = dict.fromkeys(texts, 0)
    for group in range(min(packed.num_row_groups, _LOOKED_AT)):
        first = next(packed.iter_batches(1, [group], list(texts)), None) if texts else None
        for name, column in zip(first.schema.names, first.columns, strict=True) if first is not None else ():
            values = column.dictionary if pa.types.is_dictionary(column.type) else column
            longest[name] = max(longest[name], pc.max(pc.binary_length(values)).as_py() or 0)
    return sum(longest.values())


def _check_columns(path: Path, schema: pa.Schema, columns: Mapping[str, pa.DataType], advice: str) -> None:
    names = schema.names
    if len(names) > _MOST_COLUMNS:
        raise BundleError(f"{path} has {len(names):,} columns, at most {_MOST_COLUMNS:,} are read; {advice}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BundleError(f"{path} has the column {twice[:80]!r} twice; {advice}")
    missing = [column for column in columns if column not in names]
    if missing:
        raise BundleError(f"{path} lacks the column {missing[0]!r}; {advice}")
    for name, kind in columns.items():
        found = schema.field(name).type
        if pa.types.is_dictionary(found):
            found = found.value_type
        if not is_like(found, kind):
            raise BundleError(f"{path} holds {str(found)[:80]} in {name}, expected {kind}; {advice}")


def _is_plain(kind: pa.DataType) -> bool:
    """One number, text, truth or time a row; lists and structures are not read."""
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    return _is_text(kind) or pa.types.is_primitive(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _announced(metadata: pq.FileMetaData, wanted: set[str]) -> int:
    """The bytes of the wanted columns before they were packed, as the file says."""
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    return sum(
        group.column(j).total_uncompressed_size
        for group in groups
        for j in range(group.num_columns)
        if group.column(j).path_in_schema in wanted
    )


def _unpacked(path: Path, name: str, column: pa.ChunkedArray, most: int, advice: str) -> pa.ChunkedArray:
    """The column itself where it came as a dictionary. Raises BundleError where it would be too long."""
    if not pa.types.is_dictionary(column.type):
        if _is_text(column.type) and (pc.max(pc.binary_length(column)).as_py() or 0) > _LONGEST_TEXT:
            raise BundleError(f"{path} has a text of more than {_LONGEST_TEXT:,} bytes in {name}; {advice}")
        return column
    kind = column.type.value_type
    if _is_text(kind):
        lengths = [pc.binary_length(chunk.dictionary).take(chunk.indices) for chunk in column.chunks]
        if max((pc.max(each).as_py() or 0 for each in lengths), default=0) > _LONGEST_TEXT:
            raise BundleError(f"{path} has a text of more than {_LONGEST_TEXT:,} bytes in {name}; {advice}")
        if sum(pc.sum(each).as_py() or 0 for each in lengths) > most:
            raise BundleError(f"{path} would become longer than {most // 10**6:,} MB in memory; {advice}")
        kind = pa.large_string()
    return column.cast(kind)
