"""Reading other people's files: Parquet or CSV, in batches, a few columns at a time; InputError says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq

from sqid_core.errors import InputError

_LFS_POINTER = b"version https://git-lfs"
_PARQUET = b"PAR1"
# The real files may be one huge row group: a buffered reader takes it page by page instead of whole.
_BUFFER_BYTES = 1 << 20


def read_table(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> pa.Table:
    """Those columns of a whole file, as text wherever the file is CSV. Raises InputError."""
    batches = list(read_batches(path, required, optional))
    if not batches:
        raise InputError(f"{path} has no rows; expected the columns {', '.join(required)} and data")
    return pa.Table.from_batches(batches)


def read_batches(
    path: Path, required: Sequence[str], optional: Sequence[str] = (), rows: int = 65_536
) -> Iterator[pa.RecordBatch]:
    """Those columns of a file, at most about `rows` rows at a time; optional columns only where the file has them.

    Raises InputError for what is no Parquet or CSV file, a Git LFS pointer, a truncated file or a missing column.
    """
    reader = _parquet_batches if _is_parquet(path) else _csv_batches
    with _damage_as_input_error(path):
        yield from reader(path, required, optional, rows)


@contextmanager
def _damage_as_input_error(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} is damaged or cut off ({reason}); fetch it again") from error


def text(column: Any, path: Path, name: str, whole_numbers: bool = False) -> pa.Array:
    """An id column as text; InputError where it was written as numbers (some product ids start with 0).

    whole_numbers: integers are taken, as for query ids, which ESCI and SQID write as int64.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if not (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or (whole_numbers and pa.types.is_integer(kind))
    ):
        expected = "text or whole numbers" if whole_numbers else "text, since some ids start with 0"
        raise InputError(f"the column {name} of {path} holds {kind} values; expected {expected}")
    if column.null_count:
        raise InputError(f"{path} has a row without {name}; every row needs one")
    return column.cast(pa.large_string())


def column_names(path: Path) -> list[str]:
    """The names of a file's columns. Raises InputError as `read_batches` does."""
    with _damage_as_input_error(path):
        if _is_parquet(path):
            return list(pq.read_schema(path).names)
        with pv.open_csv(path, parse_options=pv.ParseOptions(newlines_in_values=True)) as file:
            return list(file.schema.names)


def row_count(path: Path) -> int | None:
    """The number of rows where the file says it at once (Parquet), for a progress line."""
    with _damage_as_input_error(path):
        return int(pq.read_metadata(path).num_rows) if _is_parquet(path) else None


def _is_parquet(path: Path) -> bool:
    """Looks at the content, not the name. Raises InputError for what is no data at all."""
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file; check the path")
    with path.open("rb") as file:
        start = file.read(64)
    if not start.strip():
        raise InputError(f"{path} is empty; fetch it again")
    if start.startswith(_LFS_POINTER):
        raise InputError(
            f"{path} is a Git LFS pointer, not the data; "
            "fetch the file itself with `git lfs pull` or from its media address"
        )
    if start.startswith(_PARQUET):
        return True
    if path.suffix in (".parquet", ".pq"):
        raise InputError(f"{path} is not a Parquet file although its name says so; fetch it again")
    return False


def _parquet_batches(
    path: Path, required: Sequence[str], optional: Sequence[str], rows: int
) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
        columns = _chosen(path, file.schema_arrow.names, required, optional)
        yield from file.iter_batches(batch_size=rows, columns=columns)


def _csv_batches(path: Path, required: Sequence[str], optional: Sequence[str], rows: int) -> Iterator[pa.RecordBatch]:
    del rows  # pyarrow's CSV reader cuts blocks by bytes
    parsing = pv.ParseOptions(newlines_in_values=True)
    with pv.open_csv(path, parse_options=parsing) as file:
        columns = _chosen(path, file.schema.names, required, optional)
    # Everything is read as text: a guessed type would turn the id 0060538260 into a number.
    convert = pv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.large_string()), include_columns=columns, strings_can_be_null=False
    )
    with pv.open_csv(path, parse_options=parsing, convert_options=convert) as file:
        yield from file


def _chosen(path: Path, names: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    missing = [name for name in required if name not in names]
    if missing:
        raise InputError(f"{path} lacks the column {missing[0]}; it has: {', '.join(names)}")
    return [*dict.fromkeys((*required, *(name for name in optional if name in names)))]


def blank_to_null(column: Any) -> Any:
    """Text with "", blanks and the spellings of a missing value (nan, none, null) as null."""
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    blank = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(["", "nan", "none", "null"], pa.large_string()))
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), trimmed)
