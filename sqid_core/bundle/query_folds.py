"""The folds of a bundle's queries, drawn once: whatever is learned from its labels is scored on a fold that it did not
see, and all of it on the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import BundleError
from ..types import Labels
from .arrays import read_array
from .manifest import Manifest, safe_path

# In a folder of its own: changing it must not put the tables in doubt.
QUERY_FOLDS = "folds/queries.npy"


def read_query_folds(folder: Path, manifest: Manifest) -> Labels | None:
    """(Q,) int8 the fold of each query, from 0; None where nothing was learned yet. Raises BundleError."""
    if QUERY_FOLDS not in manifest.files:
        return None
    path = safe_path(folder, QUERY_FOLDS)
    folds: Labels = read_array(path, (manifest.counts["queries"],), np.int8)
    found = np.unique(folds)
    if len(found) < 2 or not np.array_equal(found, np.arange(len(found))):
        raise BundleError(f"{path} must number two folds or more from 0, none of them empty; build the bundle again")
    return folds
