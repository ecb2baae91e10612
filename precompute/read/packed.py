"""Files as they come, packed or not: known by their first bytes, not by their names, and unpacked as they are read."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from sqid_core.errors import InputError

# By pyarrow's names; xz is Python's own.
_PACKINGS = {b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_HEAD = 64
# What a packed file may become: text of a catalogue is packed to a tenth, judgements in a row to a fiftieth.
_ALWAYS, _MOST_TIMES = 1 << 26, 200
# What is no table that is read here, by how it begins, and what to do.
_TEXT = "save it as CSV or Parquet"
NAMED = (
    (b"version https://git-lfs", "a Git LFS pointer, not the data", "fetch the file itself with `git lfs pull`"),
    (b"ARROW1", "an Arrow (Feather) file", "save it as Parquet"),
    (b"FEA1", "a Feather file", "save it as Parquet"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save its sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save its sheet as CSV"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"\x04\x22\x4d\x18", "packed with lz4", "unpack it"),
    (b"\x89HDF", "an HDF5 file", _TEXT),
    (b"SQLite format 3", "an SQLite database", _TEXT),
    (b"ORC", "an ORC file", "save it as Parquet"),
    (b"Obj\x01", "an Avro file", "save it as Parquet"),
    (b"%PDF", "a PDF", _TEXT),
    (b"{", "JSON", _TEXT),
    (b"[", "JSON", _TEXT),
    (b"<", "a web page or XML, no table", "fetch the file itself"),
)


def packing_of(path: Path) -> str | None:
    """How a file is packed, by its first bytes; None where it is not. Raises InputError for no file."""
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file; check the path")
    with path.open("rb") as file:
        start = file.read(8)
    packing = next((name for magic, name in _PACKINGS.items() if start.startswith(magic)), None)
    if packing not in (None, "xz") and not pa.Codec.is_available(packing):
        raise InputError(f"{path} is packed with {packing}, which this pyarrow cannot read; unpack it and try again")
    return packing


@contextmanager
def unpacked(path: Path, packing: str | None) -> Iterator[Any]:
    """A stream of the file's bytes, unpacked as they are read. Reading raises OSError in a file that unpacks to
    hundreds of times its size: no table does, and what is made to would fill memory and disk."""
    if packing is None:
        with pa.OSFile(str(path)) as raw:
            yield raw
        return
    most = max(_ALWAYS, _MOST_TIMES * path.stat().st_size)
    with ExitStack() as stack:
        if packing == "xz":
            file: Any = stack.enter_context(lzma.open(path))
        else:
            file = stack.enter_context(pa.CompressedInputStream(stack.enter_context(pa.OSFile(str(path))), packing))
        yield pa.PythonFile(_Bounded(file, most), "r")


class _Bounded:
    """A stream that ends with an error behind so many bytes."""

    closed = False

    def __init__(self, file: Any, most: int) -> None:
        self._file, self._left = file, most

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size if size >= 0 else self._left + 1)
        self._left -= len(found)
        if self._left < 0:
            raise OSError(f"it unpacks to more than {_MOST_TIMES:,} times its size")
        return bytes(found)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def head_of(path: Path, packing: str | None) -> bytes:
    """The first bytes, unpacked. Raises InputError where it cannot be unpacked."""
    try:
        with unpacked(path, packing) as file:
            return bytes(file.read(_HEAD))
    except (pa.ArrowException, OSError, EOFError, lzma.LZMAError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} cannot be unpacked ({reason}); fetch it again, or unpack it yourself") from None


def refuse_named(path: Path, start: bytes, also: tuple[bytes, ...] = ()) -> None:
    """Raises InputError for what is no table, and says what it is. also: beginnings that are welcome here."""
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, what, advice in NAMED:
        if magic not in also and (start.startswith(magic) or (magic in (b"{", b"[", b"<") and bare.startswith(magic))):
            raise InputError(f"{path} is {what}; {advice}")
