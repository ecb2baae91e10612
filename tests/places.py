"""Where things lie: one place for every test, however deep its folder."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
APP = str(ROOT / "app.py")
SHARED = ROOT.parent / "shared"
# Small inputs that once went wrong, a folder each; `base` is the catalogue that the others refer to.
CASES = ROOT / "tests" / "steps" / "cases"
