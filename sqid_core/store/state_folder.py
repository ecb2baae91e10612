"""The folder of an SQLite store: never a part of a bundle."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import StoreError

FOLDER = "SQID_STATE"
DEFAULT = "state"
FILE = "judgements.sqlite"


def refuse_bundles(folder: Path) -> None:
    """A bundle is made anew, copied and replaced as a whole: what is kept in it would go with it."""
    whole = folder.resolve()
    for candidate in (whole, *whole.parents):
        if _is_bundle(candidate):
            raise StoreError(f"{folder} lies in the bundle {candidate.name}; set {FOLDER} to a folder outside bundles")


def _is_bundle(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "fingerprint" in manifest
