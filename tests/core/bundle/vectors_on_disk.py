"""The tiny bundle's vectors as they lie in its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def vectors_of(bundle: Path) -> np.ndarray:
    return np.load(bundle / "signals/words_text/products.npy").copy()
