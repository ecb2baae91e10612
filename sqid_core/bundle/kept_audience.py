"""Who may see a bundle, while it has no manifest: tables that are written again take the manifest away first, and a
damaged bundle's is taken away for good."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from ..errors import BundleError
from .files_on_disk import as_json, replace_text
from .manifest import MANIFEST, read_manifest

# Beside the tables until the next manifest is written.
_KEPT = ".visible_to"


def audience_of(folder: Path) -> tuple[str, ...]:
    """The rules of who alone may see the bundle in a folder, also where its manifest was taken away; () where everybody
    may, or there is none."""
    with suppress(BundleError):
        return read_manifest(folder).visible_to
    with suppress(OSError, msgspec.MsgspecError):
        return tuple(msgspec.json.decode((folder / _KEPT).read_bytes(), type=list[str]))
    return ()


def take_manifest(folder: Path) -> None:
    """Takes the manifest away; who may see the bundle stays known."""
    if rules := audience_of(folder):
        replace_text(folder / _KEPT, as_json(list(rules)))
    (folder / MANIFEST).unlink()


def forget_kept(folder: Path) -> None:
    """Once there is a manifest again."""
    (folder / _KEPT).unlink(missing_ok=True)
