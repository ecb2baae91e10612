"""The library that draws maps, regl-scatterplot with what it imports (`npm run library`). No Streamlit here."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

# Below the app's own address: what a map's browser part fetches.
PREFIX = "maps"
_FILE = Path(__file__).parent / "regl-scatterplot.mjs"


@cache
def library_text() -> bytes:
    """The ES module."""
    return _FILE.read_bytes()


@cache
def library_name() -> str:
    """What it is called on the server: another name for another content, so that browsers may keep it."""
    return f"{hashlib.sha256(library_text()).hexdigest()[:16]}.mjs"
