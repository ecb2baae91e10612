"""A bundle's arrays, read with every check: name, shape, type, length of each vector.

They are private to the program: a file that is cut short while it is mapped ends the process, without a word.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.lib import format as npy

from ..errors import BundleError
from ..indexes.stored_vectors import StoredVectors, widened
from ..types import Array, Bools, Vectors
from .plain_files import missing_fault, told

_AGAIN = "run python -m precompute encode again"
# Up to here an array is read; larger ones are mapped, from a copy that has no name.
_READ_UP_TO = 64_000_000


def save_array(path: Path, array: Array) -> None:
    """Writes it, whatever the file's name ends with."""
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def read_array(path: Path, shape: tuple[int, ...], dtype: Any, again: str = _AGAIN) -> Array:
    """A read-only array of this shape and type. Raises BundleError; again: what that says to do."""
    try:
        kind = np.dtype(dtype)
        offset = _checked_header(path, shape, kind, again)
        size = offset + math.prod(shape) * kind.itemsize
        array = _read(path, offset, shape, kind) if size <= _READ_UP_TO else _mapped(path, offset, shape, kind)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{path} is not a readable array ({told(error)}); {again}") from None
    array.flags.writeable = False
    return array


def _checked_header(path: Path, shape: tuple[int, ...], dtype: np.dtype, again: str) -> int:
    """Where the numbers begin. Raises BundleError for another shape, type or length, and what `_header` does."""
    fault = missing_fault(path)
    if fault:
        raise BundleError(f"{fault}; {again}")
    found, fortran, kind, offset = _header(path)
    if not _equal(found, shape) or kind != dtype or kind.hasobject:
        raise BundleError(f"{path} holds {kind} {found}, expected {dtype} {shape}; {again}")
    size = offset + math.prod(shape) * kind.itemsize
    if fortran and len(shape) > 1:
        raise BundleError(f"{path} is stored column by column, expected row by row; {again}")
    if path.stat().st_size != size:
        raise BundleError(f"{path} has {path.stat().st_size:,} bytes, its header says {size:,}; {again}")
    return offset


def read_list(path: Path, dtype: Any, again: str = _AGAIN) -> Array:
    """An array of one dimension and this type, of any length. Raises BundleError; again: what that says to do."""
    fault = missing_fault(path)
    if fault:
        raise BundleError(f"{fault}; {again}")
    try:
        shape, _, kind, _ = _header(path)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{path} is not a readable array ({told(error)}); {again}") from None
    if len(shape) != 1 or kind != np.dtype(dtype):
        raise BundleError(f"{path} holds {kind} {shape}, expected a list of {np.dtype(dtype)}; {again}")
    return read_array(path, shape, dtype, again)


def _header(path: Path) -> tuple[tuple[Any, ...], bool, np.dtype, int]:
    """Shape, whether it is stored column by column, type, and where the numbers begin. Raises OSError, ValueError."""
    with path.open("rb") as file:
        version = npy.read_magic(file)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if read is None:
            raise ValueError(f"version {version} of the format")
        try:
            shape, fortran, kind = read(file)
        except Exception as error:  # numpy reads it as a piece of Python: nearly anything may be raised
            raise ValueError(f"a header that is none: {type(error).__name__}") from None
        return shape, fortran, kind, file.tell()


def _equal(found: tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """True == 1, but a length is a whole number."""
    return all(type(length) is int for length in found) and found == shape


def _read(path: Path, offset: int, shape: tuple[int, ...], kind: np.dtype) -> Array:
    with path.open("rb") as file:
        array: Array = np.fromfile(file, kind, math.prod(shape), offset=offset)
    return array.reshape(shape)  # ValueError where the file was cut short meanwhile


def _mapped(path: Path, offset: int, shape: tuple[int, ...], kind: np.dtype) -> Array:
    """From a copy without a name, which nobody can change and which the system takes away with its last reader; into
    memory where there is no room for one."""
    try:
        with tempfile.TemporaryFile() as copy:
            with path.open("rb") as file:
                shutil.copyfileobj(file, copy, 1 << 22)
            copy.flush()
            return np.memmap(copy, kind, "r", offset, shape)
    except OSError:
        return _read(path, offset, shape, kind)


def read_vectors(
    path: Path, count: int, dim: int, present: Bools | None = None, stay: bool = False, again: str = _AGAIN
) -> Vectors:
    """Unit rows (count, dim), float32 though the file may hold float16; rows that are not present must be zero. Raises
    BundleError. stay: whether the rows of a large file stay in it until they are asked for, as those of float16 do."""
    kind = _kind_of_vectors(path)
    large = count * dim * kind.itemsize > _READ_UP_TO
    expected = np.ones(count, np.float32) if present is None else present.astype(np.float32)
    if large and (stay or kind == np.float16):
        left = _left_in_file(path, count, dim, kind, again)
        for some, rows in left.blocks():
            _check_lengths(path, rows, expected[some], some.start)
        return cast(Vectors, left)
    vectors = widened(read_array(path, (count, dim), kind, again))
    vectors.flags.writeable = False
    _check_lengths(path, vectors, expected)
    return vectors


def _kind_of_vectors(path: Path) -> np.dtype:
    """float16 where the file says so; else float32, which it then is checked for."""
    try:
        if missing_fault(path):
            return np.dtype(np.float32)
        return np.dtype(np.float16) if _header(path)[2] == np.float16 else np.dtype(np.float32)
    except (OSError, ValueError, EOFError):
        return np.dtype(np.float32)


def _left_in_file(path: Path, count: int, dim: int, kind: np.dtype, again: str) -> StoredVectors:
    try:
        offset = _checked_header(path, (count, dim), kind, again)
        return StoredVectors(path, (count, dim), kind, offset)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{path} is not a readable array ({told(error)}); {again}") from None


def _check_lengths(path: Path, vectors: Vectors, expected: Vectors, first: int = 0) -> None:
    """Raises BundleError unless each row is as long as expected. first: the row of the file that they begin with."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.vecdot(vectors, vectors)
    # Written as "not all within" so that nan fails too.
    wrong = ~(np.abs(squares - expected) <= 1e-3)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BundleError(
            f"row {first + row} of {path} has length {np.sqrt(squares[row]):.4g}, expected {expected[row]:.0f}; "
            f"vectors must be normalised and free of nan: {_AGAIN}"
        )
