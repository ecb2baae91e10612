"""The library that draws maps, regl-scatterplot with what it imports (`npm run library`). No Streamlit here."""

from __future__ import annotations

import hashlib
from pathlib import Path

# Below the app's own address: what a map's browser part fetches.
PREFIX = "maps"
_FILE = Path(__file__).parent / "regl-scatterplot.mjs"

# The ES module, and what it is called on the server: another name for another content, so that browsers may keep it.
LIBRARY = _FILE.read_bytes()
NAME = f"{hashlib.sha256(LIBRARY).hexdigest()[:16]}.mjs"
