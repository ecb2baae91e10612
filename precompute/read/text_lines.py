"""The lines of a text file, packed or not, one after another."""

from __future__ import annotations

import io
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from precompute.read.packed import head_of, packing_of, refuse_named, unpacked
from sqid_core.errors import InputError

_LONGEST = 1 << 20
_BUFFER = 1 << 20


def text_lines(path: Path, told: Callable[[int], None] = lambda _: None) -> Iterator[tuple[int, str]]:
    """Number and text of each line, blank ones too, without its end. told: gets the bytes of each line, unpacked.

    Raises InputError for what is no UTF-8 text, cannot be unpacked, or has a line of more than a megabyte.
    """
    try:
        packing = packing_of(path)
        with unpacked(path, packing) as raw:
            file = io.BufferedReader(raw, _BUFFER)
            number = 0
            while line := file.readline(_LONGEST):
                number += 1
                told(len(line))
                yield number, _text(line, number, path)
    except (pa.ArrowException, OSError, EOFError, lzma.LZMAError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} is damaged or cut off ({reason}); mend it or fetch it again") from None


def first_lines(path: Path, most: int = 20) -> list[str]:
    """Up to so many lines of a file's beginning that are not blank; none of what is no text. Raises InputError for no
    file, or one that cannot be unpacked."""
    head_of(path, packing_of(path))
    found: list[str] = []
    try:
        for _, line in text_lines(path):
            if line.strip():
                found.append(line)
            if len(found) == most:
                break
    except InputError:
        return []
    return found


def refuse_no_text(path: Path, also: tuple[bytes, ...] = ()) -> None:
    """Raises InputError for what is no text and says what it is. also: beginnings that are welcome here."""
    start = head_of(path, packing_of(path))
    if not start.strip():
        raise InputError(f"{path} is empty; fetch it again")
    refuse_named(path, start, also)


def _text(line: bytes, number: int, path: Path) -> str:
    if len(line) >= _LONGEST:
        raise InputError(f"line {number} of {path} is longer than {_LONGEST:,} bytes; expected short lines of text")
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError(f"line {number} of {path} is no UTF-8 text; save the file in UTF-8") from None
