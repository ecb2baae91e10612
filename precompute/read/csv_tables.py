"""CSV tables by any spreadsheet: packed or not, with any separator, quoted or not, with Excel's own first line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pv

from precompute.read.packed import packing_of, unpacked
from precompute.read.quoting import is_quoted

_BUFFER_BYTES = 1 << 20
_SEPARATORS = (b",", b";", b"\t")
# Excel's own first line, which says what stands between the fields.
_SEP_LINE = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=(.)"?\s*', re.IGNORECASE)


def csv_names(path: Path) -> list[str]:
    """Of its columns, in order."""
    layout = _layout(path)
    with unpacked(path, layout.packing) as raw, pv.open_csv(raw, layout.reading, layout.parsing) as file:
        return list(file.schema.names)


def csv_batches(path: Path, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
    """Those columns, as text."""
    del rows  # pyarrow's CSV reader cuts blocks by bytes
    # Everything is read as text: a guessed type would turn the id 0060538260 into a number.
    convert = pv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.large_string()), include_columns=columns, strings_can_be_null=False
    )
    layout = _layout(path)
    with unpacked(path, layout.packing) as raw, pv.open_csv(raw, layout.reading, layout.parsing, convert) as file:
        yield from file


@dataclass(frozen=True)
class _Layout:
    """How a CSV file is packed, and what pyarrow is told of it."""

    packing: str | None
    reading: pv.ReadOptions
    parsing: pv.ParseOptions


def _layout(path: Path) -> _Layout:
    """By the first of comma, semicolon and tab that the file's head has, or what Excel's first line says."""
    stat = path.stat()
    return _layout_of(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)  # the whole file is looked through, for its columns and again for its rows
def _layout_of(path: Path, size: int, changed: int) -> _Layout:
    del size, changed  # a file that was exchanged is another
    packing = packing_of(path)
    with unpacked(path, packing) as raw:
        first = io.BufferedReader(raw, _BUFFER_BYTES).readline(_BUFFER_BYTES)
    said = _SEP_LINE.fullmatch(first)
    separator = said[1] if said else next((mark for mark in _SEPARATORS if mark in first), _SEPARATORS[0])
    skipped = 1 if said else 0
    mark = separator.decode("latin-1")
    quoted = is_quoted(path, packing, mark, skipped)
    parsing = pv.ParseOptions(delimiter=mark, quote_char='"' if quoted else False, newlines_in_values=quoted)
    return _Layout(packing, pv.ReadOptions(skip_rows=skipped), parsing)
