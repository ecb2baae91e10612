"""Vectors that stay in their file: rows are read when they are asked for, and are float32 whatever the file holds.

For what is larger than memory should be: a catalogue of float16 vectors, or one that a server searches. It is read and
not mapped, since a mapped file that is cut short ends the process; the system keeps what it read anyway.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import BundleError
from ..types import Array, Rows, Vectors

# 1,024 rows of 768 numbers, 3 MB, stay in the cache of a processor.
_ROWS_AT_ONCE = 1024
# torch works on fewer than 32,768 numbers in the calling thread; for more it wakes threads that wait for each other.
_NUMBERS_IN_ONE_THREAD = 32_767


class StoredVectors:
    """(N, D) float32, read from an array in a file; takes rows as an array does (`vectors[rows]`), and is one where
    numpy needs one, then as a whole. May be shared by threads."""

    dtype = np.dtype(np.float32)
    ndim = 2

    def __init__(self, path: Path, shape: tuple[int, int], kind: np.dtype, offset: int) -> None:
        # Held open: a bundle that is written anew replaces its files, and these rows are still the old ones'.
        self._file, self._lock = path.open("rb", buffering=0), threading.Lock()
        self._path, self.shape, self.kind, self._offset = path, shape, kind, offset

    def __repr__(self) -> str:
        return f"StoredVectors({self.shape[0]:,} of {self.shape[1]} dimensions, {self.kind}, {self._path.name})"

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Vectors:
        """(D,) of one row; (n, D) of a slice, of rows, of a mask (N,). Raises BundleError where the file changed."""
        if isinstance(rows, int | np.integer):
            return self._some(np.array([rows]))[0]
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            return self._block(start, max(stop, start)) if step == 1 else self._some(np.arange(start, stop, step))
        rows = np.asarray(rows)
        return self._some(np.flatnonzero(rows) if rows.dtype == bool else rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """All of it, in memory."""
        del copy
        return self[:].astype(np.float32 if dtype is None else dtype, copy=False)

    def blocks(self) -> Iterator[tuple[slice, Vectors]]:
        """All rows, some at a time, always in the same place: they hold until the next are asked for."""
        stored = np.empty((min(_ROWS_AT_ONCE, len(self)), self.shape[1]), self.kind)
        rows = stored if self.kind == np.float32 else np.empty(stored.shape, np.float32)
        pieces = [] if rows is stored else _pieces(stored, rows)
        for start in range(0, len(self), _ROWS_AT_ONCE):
            some = slice(start, min(start + _ROWS_AT_ONCE, len(self)))
            self._fill(stored[: some.stop - start], start)
            for narrow, wide in pieces:
                wide.copy_(narrow)
            yield some, rows[: some.stop - start]

    def dots(self, query: Vectors) -> Vectors:
        """(N,) float32 dot products with one vector (D,): a row at a time, as `np.vecdot` takes them of an array."""
        found = np.empty(len(self), np.float32)
        for some, rows in self.blocks():
            found[some] = np.vecdot(rows, query)
        return found

    def _some(self, rows: Rows) -> Vectors:
        """Rows in any order; neighbours are read at once."""
        places = rows.ravel().astype(np.int64)
        places = np.where(places < 0, places + len(self), places)
        if len(places) and not (places.min() >= 0 and places.max() < len(self)):
            raise IndexError(f"row out of the {len(self):,} there are")
        wanted, back = np.unique(places, return_inverse=True)
        found = np.empty((len(wanted), self.shape[1]), np.float32)
        starts = np.flatnonzero(np.diff(wanted, prepend=-2) != 1)
        for start, stop in pairwise([*starts.tolist(), len(wanted)]):
            found[start:stop] = self._block(int(wanted[start]), int(wanted[stop - 1]) + 1)
        return found[back].reshape(*rows.shape, self.shape[1])

    def _block(self, start: int, stop: int) -> Vectors:
        found = np.empty((stop - start, self.shape[1]), self.kind)
        self._fill(found, start)
        return widened(found)

    def _fill(self, rows: npt.NDArray[Any], start: int) -> None:
        """Reads as many rows as there is room for."""
        self._read(rows.reshape(-1).view(np.uint8).data, self._offset + start * rows.itemsize * self.shape[1])

    def _read(self, into: memoryview, offset: int) -> None:
        done = 0
        try:
            with self._lock:
                self._file.seek(offset)
                while done < len(into):
                    got = self._file.readinto(into[done:])
                    if not got:
                        raise OSError("it is shorter than it was")
                    done += got
        except (OSError, ValueError) as error:
            told = getattr(error, "strerror", None) or error
            raise BundleError(f"{self._path} cannot be read ({told}); build the bundle again") from None


def _pieces(stored: npt.NDArray[Any], rows: Vectors) -> list[tuple[Any, Any]]:
    """Both as torch's tensors over the same memory, in pieces that torch copies in one thread."""
    import torch

    each = max(_NUMBERS_IN_ONE_THREAD // stored.shape[1], 1)
    halves, wholes = (torch.from_numpy(array).split(each) for array in (stored, rows))
    return list(zip(halves, wholes, strict=True))


def widened(rows: npt.NDArray[Any]) -> Vectors:
    """float16 rows as float32. torch does it seven times faster than numpy, which has no instruction for it."""
    if rows.dtype == np.float32:
        return rows
    if rows.size < 2**16 or not rows.flags.writeable:
        return rows.astype(np.float32)
    import torch

    wide: Vectors = torch.from_numpy(rows).to(torch.float32).numpy()
    return wide


def dots(vectors: Vectors | StoredVectors, query: Vectors) -> Vectors:
    """(N,) dot products of rows and one vector (D,); of equal rows equal to the last bit."""
    return vectors.dots(query) if isinstance(vectors, StoredVectors) else np.asarray(np.vecdot(vectors, query))


def products(vectors: Vectors | StoredVectors, queries: Vectors) -> Vectors:
    """(q, N) the matrix product of queries (q, D) and rows, faster than `dots`, and otherwise rounded."""
    if not isinstance(vectors, StoredVectors):
        return queries @ vectors.T
    found = np.empty((len(queries), len(vectors)), np.float32)
    for some, rows in vectors.blocks():
        np.matmul(queries, rows.T, out=found[:, some])
    return found
