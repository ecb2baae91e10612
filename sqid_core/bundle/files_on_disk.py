"""How a bundle's files come to lie on the disk: under a temporary name first, and nothing stays that nobody names."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

PARTIAL = ".partial"
# Folders that hold nothing but what the manifest names.
_OWN = ("signals", "encoders", "categories", "catalogue", "folds", "models", "maps")


def partial_of(path: Path) -> Path:
    """The temporary name of a file."""
    return path.with_name(path.name + PARTIAL)


def as_json(value: Any) -> str:
    """As a bundle's files have it."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def flush(path: Path) -> None:
    """Forces a file's bytes to the disk, so that a crash after the rename cannot leave an empty file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """Puts a text in a file's place once it is whole on the disk."""
    partial = partial_of(path)
    partial.write_text(text, encoding="utf-8")
    flush(partial)
    partial.replace(path)


def remove_partials(folder: Path) -> None:
    """Takes away what an interrupted change left."""
    for leftover in folder.rglob(f"*{PARTIAL}"):
        leftover.unlink(missing_ok=True)


def unmake(folder: Path, made: Iterable[Path]) -> None:
    """Empties a folder that was empty before, and takes it away with its parents where they were made for it."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with suppress(OSError):  # others use it by now
        for each in made:
            each.rmdir()


def remove_orphans(folder: Path, named: Collection[str]) -> None:
    """Takes away what the manifest no longer names: vectors of products that changed are hundreds of megabytes."""
    for own in _OWN:
        for path in sorted((folder / own).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.relative_to(folder).as_posix() not in named:
                path.unlink()
        if (folder / own).is_dir() and not any((folder / own).iterdir()):
            (folder / own).rmdir()


def unfinished(folder: Path) -> Path:
    """Where a bundle is built that is to take its place only when it is whole."""
    return folder.with_name(f".{folder.name}.partial")
