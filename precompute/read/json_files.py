"""JSON as others write it: an object a line, a list of objects, or one object; packed or not, and never all of it as
Python's values at once."""

from __future__ import annotations

import io
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from precompute.read.packed import head_of, packing_of, unpacked
from precompute.read.plain_table import PlainTable
from sqid_core.errors import InputError

_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 1 << 26
_LARGEST = 1 << 30
_ROWS = 20_000


def begins_as_json(path: Path) -> bool:
    """Whether a file begins like JSON. Raises InputError for no file, or one that cannot be unpacked."""
    return head_of(path, packing_of(path)).removeprefix(_BOM).lstrip().startswith((b"{", b"["))


def first_object(path: Path) -> dict[str, Any]:
    """The first object of a file with one a line or with a list of them; the whole of one object. Its values are as
    they stand in the file, unread (msgspec.Raw). Raises InputError."""
    return next((found for _, found in raw_objects(path)), {})


def raw_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each object stands, in words, and its fields as they stand in the file, unread (msgspec.Raw).

    Raises InputError for what is no JSON, and for one piece of JSON that is larger than a gigabyte.
    """
    with _open(path) as file:
        first = file.readline(_LONGEST_LINE).removeprefix(_BOM)
        number = 1
        while first and not first.strip():
            first, number = file.readline(_LONGEST_LINE), number + 1
        if _is_object(first):
            yield from _lines(path, file, first, number)
        else:
            yield from _of_whole(path, first + _rest(path, file))


def objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each object stands, in words, and the object. Raises InputError."""
    for where, raw in raw_objects(path):
        yield where, {name: decoded(value, where) for name, value in raw.items()}


def decoded(value: Any, where: str) -> Any:
    """A value that stood unread in a file. Raises InputError."""
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise InputError(f"{where} is no JSON ({_said(error)}); mend it or fetch it again") from None


def json_table(path: Path) -> PlainTable:
    """Objects as rows: a column a field that is a text, a number or a yes/no, all as text; what is in a field
    `metadata` stands beside the others. Lists and objects are left out, and named. Raises InputError."""
    tables: list[pa.Table] = []
    rows: list[dict[str, str | None]] = []
    left_out: dict[str, None] = {}
    for _, found in objects(path):
        rows.append(_plain_row(found, left_out))
        if len(rows) == _ROWS:
            tables.append(_text_columns(rows))
            rows = []
    tables.append(_text_columns(rows))
    table = pa.concat_tables(tables, promote_options="default")
    names = [name for name in left_out if name not in table.column_names]
    notes = (f"{path}: the fields {', '.join(names)} are not read: they hold lists or objects",) if names else ()
    return PlainTable(path, table, notes)


@contextmanager
def _open(path: Path) -> Iterator[io.BufferedReader]:
    try:
        with unpacked(path, packing_of(path)) as stream:
            yield io.BufferedReader(stream, 1 << 20)
    except (pa.ArrowException, OSError, EOFError, lzma.LZMAError) as error:
        raise InputError(
            f"{path} is damaged or cut off ({' '.join(str(error).split())}); mend it or fetch it again"
        ) from None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line, type=dict[str, msgspec.Raw]), dict)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return False


def _lines(path: Path, file: io.BufferedReader, first: bytes, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    line = first
    while line:
        where = f"line {number} of {path}"
        if len(line) >= _LONGEST_LINE:
            raise InputError(f"{where} is longer than {_LONGEST_LINE:,} bytes; expected one object a line")
        if line.strip():
            yield where, raw_fields(line, where)
        line, number = file.readline(_LONGEST_LINE), number + 1


def _rest(path: Path, file: io.BufferedReader) -> bytes:
    found = bytearray()
    while piece := file.read(1 << 20):
        found += piece
        if len(found) > _LARGEST:
            raise InputError(
                f"{path} is one piece of JSON of more than {_LARGEST:,} bytes; give it as one object a line"
            )
    return bytes(found)


def _of_whole(path: Path, content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    if content.lstrip().startswith(b"["):
        for place, item in enumerate(raw_items(content, str(path)), start=1):
            yield f"item {place} of {path}", raw_fields(item, f"item {place} of {path}")
    else:
        yield str(path), raw_fields(content, str(path))


def raw_items(content: Any, where: str) -> list[Any]:
    """The items of a list, unread. Raises InputError for what is none."""
    try:
        return msgspec.json.decode(content, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise InputError(f"{where} is no JSON list ({_said(error)}); mend it or fetch it again") from None


def raw_fields(content: Any, where: str) -> dict[str, Any]:
    """The fields of an object, unread. Raises InputError for what is none."""
    try:
        return msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise InputError(f"{where} is no JSON object ({_said(error)}); mend it or fetch it again") from None


def _plain_row(found: dict[str, Any], left_out: dict[str, None]) -> dict[str, str | None]:
    inner = found.get("metadata")
    fields = {**(inner if isinstance(inner, dict) else {}), **found}
    row: dict[str, str | None] = {}
    for name, value in fields.items():
        if isinstance(value, dict | list):
            if value and not (name == "metadata" and value is inner and isinstance(value, dict)):
                left_out[name] = None
        elif name:
            row[name] = plain_text(value)
    return row


def plain_text(value: Any) -> str | None:
    """A text, number or yes/no as text; None of nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text_columns(rows: list[dict[str, str | None]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    text = pa.large_string()
    return pa.table({name: pa.array([row.get(name) for row in rows], text) for name in names})


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
