"""Reading other people's files, in batches, a few columns at a time, whatever their format (see FORMATS).

InputError says what is wrong.
"""

from __future__ import annotations

import lzma
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from precompute.read.csv_tables import csv_batches, csv_names
from precompute.read.packed import head_of, packing_of, refuse_named, unpacked
from sqid_core.errors import InputError
from sqid_core.wording import listed, short

_PARQUET = b"PAR1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# The real files may be one huge row group: a buffered reader takes it page by page instead of whole.
_BUFFER_BYTES = 1 << 20
_LARGEST_PACKED = 1 << 29
# Makes a series of an Arrow column; the path and the column's name are for what it says of a wrong one.
Reader = Callable[[Any, Path, str], pd.Series]


def read_frame(
    path: Path,
    required: Mapping[str, Reader],
    optional: Mapping[str, Reader] = MappingProxyType({}),
    only: Mapping[str, Collection[str]] = MappingProxyType({}),
    shorten: Callable[[pa.Table], pa.Table] = lambda rows: rows,
) -> pd.DataFrame:
    """Those columns of a whole file, each as its reader makes it; optional ones only where the file has them.

    only: the values of which a row's column must hold one; other rows are left out as they are read. shorten: what is
    kept of some rows until all are read. Raises InputError.
    """
    tables = []
    for batch in read_batches(path, [*dict.fromkeys((*required, *only))], [*optional]):
        table = pa.Table.from_batches([batch])
        for column, values in only.items():
            read = required.get(column, any_words)
            table = table.filter(pa.array(read(table[column], path, column).isin(values)))
        tables.append(shorten(table))
    if not tables:
        raise InputError(f"{path} has no rows; expected the columns {', '.join(required)} and data")
    table = pa.concat_tables(tables)
    readers = {**required, **optional}
    return pd.DataFrame(
        {column: readers[column](table[column], path, column) for column in readers if column in table.column_names}
    )


def read_batches(
    path: Path, required: Sequence[str], optional: Sequence[str] = (), rows: int = 65_536
) -> Iterator[pa.RecordBatch]:
    """Those columns of a file, at most about `rows` rows at a time; optional columns only where the file has them.

    Raises InputError for what is no table (and says what it is), a truncated file or a missing column.
    """
    found = _format_of(path)
    with _damage_as_input_error(path):
        columns = chosen_columns(path, found.names(path), required, optional)
        yield from map(_plain, found.batches(path, columns, rows))


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with dictionaries (a frame's categories) and string views as the text or numbers they stand for."""
    return pa.record_batch([_plain_column(column) for column in batch.columns], names=batch.schema.names)


def _plain_column(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column


@contextmanager
def _damage_as_input_error(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        # Of a cell pyarrow says so itself; a column's name it hands to Python, which says it in its own way.
        if isinstance(error, UnicodeDecodeError) or "invalid UTF8" in reason:
            raise InputError(f"{path} is not UTF-8 text ({reason}); save it as CSV in UTF-8") from error
        raise InputError(f"{path} is damaged or cut off ({reason}); mend it or fetch it again") from error


def product_ids(column: Any, path: Path, name: str) -> pd.Series:
    """Ids that are text: see `text`."""
    return text(column, path, name).to_pandas()


def query_ids(column: Any, path: Path, name: str) -> pd.Series:
    """Ids that may have been written as whole numbers."""
    return text(column, path, name, whole_numbers=True).to_pandas()


def any_words(column: Any, path: Path, name: str) -> pd.Series:
    """Text as it is."""
    return words(column, path, name).to_pandas()


def trimmed(column: Any, path: Path, name: str) -> pd.Series:
    """Text without blanks around; empty text is null, "None" may be a brand."""
    bare = pc.utf8_trim_whitespace(words(column, path, name))
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.large_string()), bare).to_pandas()


def present_words(column: Any, path: Path, name: str) -> pd.Series:
    """Text with "", blanks and the spellings of a missing value (nan, none, null) as null."""
    bare = pc.utf8_trim_whitespace(words(column, path, name))
    blank = pc.is_in(pc.utf8_lower(bare), value_set=pa.array(["", "nan", "none", "null"], pa.large_string()))
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), bare).to_pandas()


def text(column: Any, path: Path, name: str, whole_numbers: bool = False) -> pa.Array:
    """An id column as text; InputError where it was written as numbers (some product ids start with 0).

    whole_numbers: integers are taken, as for query ids, which ESCI and SQID write as int64.
    """
    kind = column.type
    if not (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or (whole_numbers and pa.types.is_integer(kind))
    ):
        expected = "text or whole numbers" if whole_numbers else "text, since some ids start with 0"
        raise InputError(f"the column {name} of {path} holds {kind} values; expected {expected}")
    column = column.cast(pa.large_string())
    # CSV has no nulls: there an id that is missing is an empty text.
    if column.null_count or pc.any(pc.equal(column, "")).as_py():
        raise InputError(f"{path} has a row without {name}; every row needs one")
    return column


def words(column: Any, path: Path, name: str) -> Any:
    """A column of any plain kind as text. Raises InputError for lists, structures and bytes that are no text."""
    return _cast(column, pa.large_string(), path, name, "text")


def numbers(column: Any, path: Path, name: str) -> pd.Series:
    """A column as numbers: texts such as "$1,299.00" or "12,99 €" too; what is no number, or not finite, is null."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        texts = pd.Series(column.to_pylist(), dtype="object").astype("string")
        bare = texts.str.replace(r"[$€£\s]", "", regex=True)
        # One or two digits behind the last comma are decimals; other commas stand between thousands.
        with_comma = bare.str.fullmatch(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d{1,2}").fillna(False).astype(bool)
        decimals = bare.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        plain = decimals.where(with_comma, bare.str.replace(",", "", regex=False))
        column = pa.array(pd.to_numeric(plain, errors="coerce").astype("float64"), from_pandas=True)
    column = _cast(column, pa.float64(), path, name, "numbers")
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, pa.float64())).to_pandas()


def _cast(column: Any, kind: pa.DataType, path: Path, name: str, expected: str) -> Any:
    try:
        return column.cast(kind)
    except pa.ArrowException:
        raise InputError(f"the column {name} of {path} holds {column.type} values; expected {expected}") from None


def column_names(path: Path) -> list[str]:
    """The names of a file's columns. Raises InputError as `read_batches` does."""
    with _damage_as_input_error(path):
        return _format_of(path).names(path)


def not_read(path: Path, known: Collection[str]) -> list[str]:
    """A sentence about the columns of a file that nothing is done with, none where all are known. Raises InputError as
    `read_batches` does."""
    others = [name for name in dict.fromkeys(column_names(path)) if name and name not in known]
    return [f"{path}: the columns {', '.join(others)} are not read"] if others else []


def row_count(path: Path) -> int | None:
    """The number of rows where the file says it at once, for a progress line."""
    with _damage_as_input_error(path):
        return _format_of(path).count(path)


def _format_of(path: Path) -> Format:
    """The format of FORMATS that a file begins like, unpacked, else CSV. Raises InputError for what is no table."""
    start = head_of(path, packing_of(path))
    if not start.strip():
        raise InputError(f"{path} is empty; fetch it again")
    if start.startswith(_UTF16):
        raise InputError(f"{path} is UTF-16 text; save it as CSV in UTF-8")
    for each in FORMATS:
        if each.begins(start):
            return each
    refuse_named(path, start)
    if path.suffix in (".parquet", ".pq"):
        raise InputError(f"{path} is not a Parquet file although its name says so; fetch it again")
    return _CSV


def _parquet(path: Path) -> Path | pa.BufferReader:
    """The file, or what a packed one holds: Parquet is read from its end."""
    packing = packing_of(path)
    if packing is None:
        return path
    content = bytearray()
    with unpacked(path, packing) as file:
        while piece := file.read(_BUFFER_BYTES):
            content += piece
            if len(content) > _LARGEST_PACKED:
                raise InputError(f"{path} is a packed Parquet file above {_LARGEST_PACKED:,} bytes; unpack it")
    return pa.BufferReader(pa.py_buffer(content))


def _parquet_batches(path: Path, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(_parquet(path), buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
        yield from file.iter_batches(batch_size=rows, columns=columns)


@dataclass(frozen=True)
class Format:
    """A format of tables. begins: whether a file's first bytes are of it. names: of its columns. batches: those
    columns, at most about so many rows at a time. count: its rows where the file says that at once."""

    begins: Callable[[bytes], bool]
    names: Callable[[Path], list[str]]
    batches: Callable[[Path, list[str], int], Iterator[pa.RecordBatch]]
    count: Callable[[Path], int | None] = lambda _: None


# A file is known by its content, not by its name. What begins like none of these is CSV.
FORMATS = [
    Format(
        lambda start: start.startswith(_PARQUET),
        lambda path: list(pq.read_schema(_parquet(path)).names),
        _parquet_batches,
        lambda path: int(pq.read_metadata(_parquet(path)).num_rows),
    ),
]
_CSV = Format(lambda _: True, csv_names, csv_batches)


def _closest(name: str, names: Sequence[str]) -> str:
    """Which of the names there are is most like one that is missing, in words; "" where none is."""
    by_bare = {bare_name(each): each for each in reversed(names)}
    found = get_close_matches(bare_name(name), by_bare, 1, 0.6) or [
        bare for bare in by_bare if bare and (bare in bare_name(name) or bare_name(name) in bare)
    ]
    return f" (the closest is {short(by_bare[found[0]])})" if found and found[0] else ""


def bare_name(name: str) -> str:
    """A column's name by its letters and digits alone, in small letters."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def chosen_columns(path: Path, names: list[str], required: Sequence[str], optional: Sequence[str] = ()) -> list[str]:
    """The required and, where they are there, the optional ones of a file's columns. Raises InputError for a required
    one that is not there, and one that is there twice."""
    missing = [name for name in required if name not in names]
    if missing:
        lacking = ", ".join(f"{name}{_closest(name, names)}" for name in missing)
        which = "the column" if len(missing) == 1 else "the columns"
        raise InputError(f"{path} lacks {which} {lacking}; it has: {listed(names, 400)}")
    chosen = [*dict.fromkeys((*required, *(name for name in optional if name in names)))]
    twice = [name for name in chosen if names.count(name) > 1]
    if twice:
        raise InputError(f"{path} has the column {short(twice[0])} twice; keep one")
    return chosen
