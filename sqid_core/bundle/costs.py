"""What rankings cost: seconds a query, as the verb that made a signal measured them on its machine.

Inside the bundle and hidden: what the manifest does not name is no part of the bundle, as equal inputs do not take
equal times. A number belongs to the files that it was measured on; of others, and where nobody measured, nothing is
known.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import msgspec

from .manifest import Manifest
from .plain_files import read_json

COSTS = ".costs.json"


class Cost(msgspec.Struct, frozen=True):
    """seconds: a query. of: `digest_of` what it was measured on."""

    seconds: float
    of: str


def digest_of(manifest: Manifest, place: str) -> str:
    """A hash of the files of a place in the bundle, such as `signals/NAME`; "" where it has none."""
    files = sorted(f"{file} {digest}" for file, digest in manifest.files.items() if file.startswith(f"{place}/"))
    return hashlib.sha256("\n".join(files).encode()).hexdigest() if files else ""


def read_costs(folder: Path, manifest: Manifest) -> dict[str, Cost]:
    """By place, those that are of the files as they are. What cannot be read was not measured."""
    try:
        found = msgspec.convert(read_json(folder / COSTS), dict[str, Cost])
    except (OSError, ValueError):
        return {}
    return {
        place: cost
        for place, cost in found.items()
        if math.isfinite(cost.seconds) and cost.seconds >= 0 and cost.of and cost.of == digest_of(manifest, place)
    }
