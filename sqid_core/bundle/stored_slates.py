"""Scores of all judged pairs that are stored beside a signal's vectors, so that these can stay on the disk."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from ..errors import BundleError
from ..types import Bools
from .manifest import Manifest
from .signals import Slates
from .stored import Stored

SLATES = "slates_"


def slates_file(manifest: Manifest, signal: str) -> str:
    """The name of the file, which follows from all that the scores do: of anything else there is none yet."""
    encoder = manifest.signals[signal].encoder
    parts = (
        *(f"{table}.parquet" for table in ("products", "queries", "judgements")),
        f"encoders/{encoder}/queries.npy",
        *(f"signals/{signal}/{file}.npy" for file in ("products", "present")),
    )
    made_of = json.dumps([manifest.files.get(part, "") for part in parts])
    return f"{SLATES}{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.npy"


def read_slates(stored: Stored, present: Bools) -> Slates | None:
    """Those of a signal of the bundle, None where it has none. present: (N,) its products. Raises BundleError."""
    name, judgements = slates_file(stored.manifest, stored.name), stored.judgements
    if not stored.names(name):
        return None
    scores = stored.array(name, judgements.rows.shape, np.float64)
    if not np.array_equal(np.isfinite(scores), present[judgements.rows] & judgements.mask):
        raise BundleError(
            f"{stored.file(name)} is of other pairs than were judged; run python -m precompute index again"
        )
    return Slates(judgements, scores)
