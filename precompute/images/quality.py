"""Pictures that say little of a product, by simple measures of their luma: generic and poor pictures are what breaks a
ranking by pictures (SQID, arXiv 2405.15190).

Laplacian variance as the measure of focus: Pech-Pacheco and others 2000. Root-mean-square contrast: Peli 1990.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from precompute.work.bundle_pictures import read_picture
from sqid_core.errors import InputError
from sqid_core.types import Floats

_LEAST_SIDE = 64
# Larger pictures are looked at in this size, so that focus is compared at one scale.
_LOOKED_AT = 256
_LEAST_FOCUS = 20.0
_LEAST_CONTRAST = 8.0
_DARK, _BRIGHT = 20.0, 251.0

# Of luma (H, W), 0 to 255. A shop's white ground is bright: only where hardly anything stands on it is that a fault.
MEASURES: dict[str, Callable[[Floats], bool]] = {
    "blurred": lambda luma: _focus(luma) < _LEAST_FOCUS,
    "near-uniform": lambda luma: bool(luma.std() < _LEAST_CONTRAST),
    "very dark": lambda luma: bool(luma.mean() < _DARK),
    "very bright": lambda luma: bool(luma.mean() > _BRIGHT),
}


def faults(picture: Image.Image) -> str:
    """What is poor in a picture, with commas between; "" for nothing."""
    grey = picture.convert("L")
    found = ["tiny"] if min(grey.size) < _LEAST_SIDE else []
    grey.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
    luma = np.asarray(grey, dtype=np.float64)
    return ", ".join([*found, *(name for name, fits in MEASURES.items() if fits(luma))])


def poor_files(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """What is poor in each of the files, by name; those with nothing, and those that are gone, are left out."""
    files = list(names)

    def look(name: str) -> str:
        try:
            return faults(read_picture(folder / name))
        except InputError:
            return ""

    with ThreadPoolExecutor() as pool:
        return {name: text for name, text in zip(files, pool.map(look, files), strict=True) if text}


def _focus(luma: Floats) -> float:
    """The variance of the Laplacian: little where there are no edges."""
    if min(luma.shape) < 3:
        return 0.0
    inner = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * inner
    return float(laplacian.var())
