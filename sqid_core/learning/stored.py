"""A learned model in a file: arrays without any code, and checks of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ..bundle.plain_files import regular_bytes, told
from ..errors import BundleError
from ..types import Array

_LARGEST = 256_000_000


def model_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Arrays as a file holds them: the same for equal ones."""
    contiguous = {name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}
    return bytes(save(contiguous))


def read_model(path: Path) -> dict[str, Array]:
    """The arrays of a file. Raises BundleError for one that is too large, or no safetensors file."""
    try:
        return dict(load(regular_bytes(path, _LARGEST)))
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise BundleError(
            f"{path} is no readable model ({told(error)}); run python -m precompute learn again"
        ) from None


def checked(arrays: Mapping[str, Array], name: str, shape: tuple[int | None, ...], dtype: Any) -> Array:
    """An array of a model. shape: None for any length. Raises BundleError where it is another, or not finite."""
    found = arrays.get(name)
    fits = found is not None and found.dtype == dtype and len(found.shape) == len(shape)
    if found is None or not fits or any(b not in (None, a) for a, b in zip(found.shape, shape, strict=True)):
        had = "nothing" if found is None else f"{found.dtype} {found.shape}"
        raise BundleError(
            f"a learned model has {had} as its {name}, expected {np.dtype(dtype)} {shape}; "
            "run python -m precompute learn again"
        )
    if np.isnan(found).any():
        raise BundleError(f"a learned model has {name} that are no numbers; run python -m precompute learn again")
    return found
