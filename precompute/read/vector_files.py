"""Vectors of any model as files: a NumPy array whose rows stand for ids in a known order, or Parquet with ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from precompute.read.features import Features, read_features
from precompute.read.packed import head_of, packing_of, refuse_named
from precompute.read.raw_files import column_names, read_batches
from precompute.work.progress import Progress, quiet
from sqid_core.errors import InputError
from sqid_core.types import Array
from sqid_core.wording import counted

_NUMPY, _PARQUET = b"\x93NUMPY", b"PAR1"
_ROWS = 16_384
_LARGEST_DIM = 65_536


def read_vectors(path: Path, id_column: str, ids: Sequence[str], progress: Progress = quiet) -> Features:
    """The vectors of `ids`, normalised. A vector of zeros, of nan alone, or null is missing.

    An array has a row an id, in the order of `ids`. Parquet has the ids in `id_column` and one column of lists; other
    ids are left out. Raises InputError.
    """
    start = head_of(path, packing_of(path))
    if start.startswith(_NUMPY):
        return _of_array(_array(path), ids, path)
    if start.startswith(_PARQUET):
        column, dim = _vector_column(path, id_column)
        return read_features(path, id_column, (column,), ids, dim, progress)[column]
    refuse_named(path, start)
    raise InputError(f"{path} holds no vectors; expected a NumPy array (.npy) or Parquet with {id_column} and a column")


def _array(path: Path) -> Array:
    """The array, mapped and never unpickled."""
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy reads a damaged head with Python's own tokenizer, and raises what that raises
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"{path} cannot be read as an array ({reason}); save it with numpy.save, unpacked") from None
    if not isinstance(found, np.ndarray) or found.ndim != 2 or found.dtype.kind not in "fiu":
        shape = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else "several arrays"
        raise InputError(f"{path} holds {shape}; expected numbers in rows, a vector each (N, D)")
    return found


def _of_array(found: Array, ids: Sequence[str], path: Path) -> Features:
    count, dim = found.shape
    if count != len(ids) or not 0 < dim <= _LARGEST_DIM:
        raise InputError(
            f"{path} holds {counted(count, 'vector', 'vectors')} of {dim:,} numbers; expected {len(ids):,}, in the "
            "order of the bundle's own table; give Parquet with ids for any other order"
        )
    features = Features.empty(count, dim)
    for begin in range(0, count, _ROWS):
        rows = slice(begin, begin + _ROWS)
        block = np.asarray(found[rows], dtype=np.float64)
        missing = np.isnan(block).all(axis=1) | (block == 0).all(axis=1)
        broken = ~np.isfinite(block).all(axis=1) & ~missing
        if broken.any():
            raise InputError(
                f"row {begin + int(broken.argmax())} of {path} holds a nan or an infinity; make it whole or 0"
            )
        norms = np.linalg.norm(block[~missing], axis=1, keepdims=True)
        if not (np.isfinite(norms) & (norms > 0)).all():
            raise InputError(f"{path} holds a vector without a length, of numbers that are too large or too small")
        features.vectors[rows][~missing] = block[~missing] / norms
        features.present[rows] = ~missing
    return features


def _vector_column(path: Path, id_column: str) -> tuple[str, int]:
    """The only column of lists, and their length."""
    names = column_names(path)
    if id_column not in names:
        raise InputError(f"{path} lacks the column {id_column}; it has: {', '.join(names)[:200]}")
    others = [name for name in dict.fromkeys(names) if name != id_column]
    first = next(iter(read_batches(path, (), others, rows=1)), None)
    lists = [] if first is None else [name for name in others if _is_list(first.column(name).type)]
    if first is None or len(lists) != 1:
        raise InputError(
            f"{path} has {len(lists)} columns of lists ({', '.join(lists) or 'none'}); expected {id_column} and one"
        )
    widths = (
        len(value)
        for batch in read_batches(path, (lists[0],), rows=_ROWS)
        for value in batch.column(lists[0])
        if value.is_valid
    )
    dim = next(widths, 0)
    if not 0 < dim <= _LARGEST_DIM:
        raise InputError(f"the column {lists[0]} of {path} holds no vector")
    return lists[0], dim


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
