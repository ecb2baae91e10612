"""Labels of every product for every query, where somebody knows them all: a second set, which only the search of the
whole catalogue uses. The judged slates stay what everything else is measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import BundleError
from ..types import Labels
from .arrays import read_array
from .manifest import Manifest, safe_path

KNOWN_LABELS = "catalogue/labels.npy"


def read_known_labels(folder: Path, manifest: Manifest) -> Labels | None:
    """(Q, N) positions in the label scale, in the order of the tables; None where the bundle has none. Raises
    BundleError."""
    if KNOWN_LABELS not in manifest.files:
        return None
    path = safe_path(folder, KNOWN_LABELS)
    shape = manifest.counts["queries"], manifest.counts["products"]
    labels: Labels = read_array(path, shape, np.int8)
    if labels.size and not (labels.min() >= 0 and labels.max() < len(manifest.label_scale.names)):
        raise BundleError(f"{path} holds labels that the bundle does not have; build the bundle again")
    return labels
