"""Whether a text table quotes its fields, as spreadsheets do (RFC 4180), or not at all, as TREC's do.

Read the wrong way, a title that begins with a quotation mark swallows the lines behind it: so the whole file is looked
through, and where both readings fit but give other rows it is refused with the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from precompute.read.packed import unpacked
from sqid_core.errors import InputError

_BLOCK = 1 << 20
_MOST_IN_A_FIELD = 1 << 27


@dataclass(frozen=True)
class _Reading:
    """What a reading of the file gives. fault: what does not fit, None where all does. line: where. several: the line
    on which the first field of several lines begins, 0 for none. misquoted: whether the fault is a quotation mark."""

    fault: str | None = None
    line: int = 0
    several: int = 0
    misquoted: bool = False


def is_quoted(path: Path, packing: str | None, separator: str, skipped: int = 0) -> bool:
    """Whether quotation marks stand around fields. skipped: lines before the head. Raises InputError where neither
    reading fits, or both do and differ."""
    if not _has_quotes(path, packing):
        return True
    quoted = _read(path, packing, separator, skipped, csv.QUOTE_MINIMAL)
    if quoted.fault is None and not quoted.several:
        return True
    bare = _read(path, packing, separator, skipped, csv.QUOTE_NONE)
    if quoted.fault is None and bare.fault is None:
        raise InputError(
            f"line {quoted.several} of {path} begins a field with a quotation mark that another line ends: one field "
            "of several lines, or several rows whose titles hold the mark? Put every field in quotation marks and "
            "double those inside"
        )
    if quoted.misquoted and bare.fault is not None:
        raise InputError(
            f"line {quoted.line} of {path} {quoted.fault}; put the whole field in quotation marks, double those inside"
        )
    return quoted.fault is None or bare.fault is not None


def _has_quotes(path: Path, packing: str | None) -> bool:
    with unpacked(path, packing) as file:
        while block := file.read(_BLOCK):
            if b'"' in bytes(block):
                return True
    return False


def _read(path: Path, packing: str | None, separator: str, skipped: int, quoting: Literal[0, 3]) -> _Reading:
    csv.field_size_limit(_MOST_IN_A_FIELD)
    width = several = line = 0
    with unpacked(path, packing) as file:
        text = io.TextIOWrapper(io.BufferedReader(file, _BLOCK), "utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.reader(_lines(text, skipped), delimiter=separator, quoting=quoting, strict=True)
        try:
            for row in reader:
                begins, line = line + 1, reader.line_num
                width = width or len(row)
                if row and len(row) != width:
                    return _Reading(f"has {len(row)} fields, expected {width}", skipped + begins)
                if line > begins and not several:
                    several = skipped + begins
        except csv.Error as error:
            return _Reading(f"has a quotation mark that does not fit ({error})", skipped + line + 1, misquoted=True)
    return _Reading(several=several)


def _lines(file: io.TextIOWrapper, skipped: int) -> Iterator[str]:
    for number, line in enumerate(file):
        if number >= skipped:
            yield line.replace("\0", "")
