"""What an interrupted run finished, for the run that goes on: files that are there whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sqid_core.learning.stored import model_bytes, read_model
from sqid_core.types import Array


def kept(folder: Path, name: str, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """Arrays of a work folder, made and written where they are not there."""
    path = folder / f"{name}.safetensors"
    if not path.exists():
        write_safely(path, model_bytes(make()))
    # Read back, so that a run that was interrupted goes on with the same numbers as one that was not.
    return read_model(path)


def write_safely(path: Path, body: bytes) -> None:
    """Writes a file under a temporary name, and renames it once its bytes are on the disk."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
