"""What is made of the program's own files, which do not change while it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=64)
def made_of(path: Path, make: Callable[[Path], str]) -> str:
    """What `make` makes of a file."""
    return make(path)
