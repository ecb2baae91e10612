"""As what a signal's vectors are stored: float32, or float16, which takes half the disk and the memory of the system.

float16 keeps 11 binary digits: a number of a unit vector moves by at most 1 in 2,048 of itself, and a cosine by some
1e-5. Vectors are widened row by row as they are read, so every sum is float32's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from ..indexes.stored_vectors import StoredVectors
from ..types import Vectors

HALF, FULL = "float16", "float32"
STORAGES = (HALF, FULL)
_ROWS_AT_ONCE = 4096


def halved(vectors: Vectors | StoredVectors) -> npt.NDArray[np.float16]:
    """(N, D) the nearest float16 of each number, some rows at a time."""
    found = np.empty(vectors.shape, np.float16)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        found[start : start + _ROWS_AT_ONCE] = vectors[start : start + _ROWS_AT_ONCE]
    return found


def storage_fault(storage: Mapping[str, Any]) -> str:
    """What is wrong with what a manifest says of it, "" where nothing is."""
    try:
        msgspec.convert(storage.get("measured"), dict[str, int | float])
    except msgspec.ValidationError as error:
        return str(error)
    return "" if storage.get("type") == HALF else f"{str(storage.get('type'))[:40]!r} is none; expected {HALF}"
