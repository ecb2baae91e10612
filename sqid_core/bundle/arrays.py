"""A bundle's arrays, read with every check: name, shape, type, length of each vector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BundleError
from ..types import Array, Bools, Vectors


def read_array(path: Path, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array of this shape and type, memory-mapped. Raises BundleError."""
    try:
        # Not np.load, which takes other formats too. numpy cannot map an array without elements.
        array = np.lib.format.open_memmap(path, mode="r") if 0 not in shape else _small_array(path)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{path} is not a readable array ({error}); run python -m precompute encode again") from None
    if array.shape != shape or array.dtype != dtype:
        raise BundleError(
            f"{path} holds {array.dtype} {array.shape}, expected {np.dtype(dtype)} {shape}; "
            "run python -m precompute encode again"
        )
    return array


def read_list(path: Path, dtype: Any) -> Array:
    """An array of one dimension and this type, of any length. Raises BundleError."""
    try:
        array = _small_array(path)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{path} is not a readable array ({error}); build the bundle again") from None
    if array.ndim != 1 or array.dtype != dtype:
        raise BundleError(f"{path} holds {array.dtype} {array.shape}, expected a list of {np.dtype(dtype)}")
    return array


def _small_array(path: Path) -> Array:
    with path.open("rb") as file:
        array: Array = np.lib.format.read_array(file, allow_pickle=False)
    return array


def read_vectors(path: Path, count: int, dim: int, present: Bools | None = None) -> Vectors:
    """Unit rows (count, dim); rows that are not present must be zero. Raises BundleError."""
    vectors = read_array(path, (count, dim), np.float32)
    squares = np.vecdot(vectors, vectors)
    expected = np.ones(count, np.float32) if present is None else present.astype(np.float32)
    # Written as "not all within" so that nan fails too.
    wrong = ~(np.abs(squares - expected) <= 1e-3)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BundleError(
            f"row {row} of {path} has length {np.sqrt(squares[row]):.4g}, expected {expected[row]:.0f}; vectors must "
            "be normalised and free of nan: run python -m precompute encode again"
        )
    return vectors
