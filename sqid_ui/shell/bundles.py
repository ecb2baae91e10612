"""The bundle folders the app may open, found on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqid_core.bundle.manifest import Manifest
from sqid_ui.caches.bundles import manifest_or_fault

MANIFEST = "manifest.json"
DEMO = "demo"


@dataclass(frozen=True)
class BundleFolder:
    """A bundle's folder: readable, or with the sentence that says why it is not."""

    folder: Path
    manifest: Manifest | None
    error: str

    @property
    def name(self) -> str:
        """The folder's name: what the picker and the link call the bundle."""
        return self.folder.name

    @property
    def title(self) -> str:
        """What to show: the title its maker gave it, or the folder's name."""
        return (self.manifest.about.get("title") if self.manifest else "") or self.name


def data_root() -> Path:
    """Where bundles lie: SQID_DATA, or `data` in the working directory."""
    return Path(os.environ.get("SQID_DATA") or "data")


def bundle_folders(root: Path) -> list[BundleFolder]:
    """Every folder in `root` that is a bundle or part of one, by name; a broken one carries its sentence."""
    if not root.is_dir():
        return []
    return [_described(folder, _changed(folder)) for folder in sorted(root.iterdir()) if _looks_like_a_bundle(folder)]


def _looks_like_a_bundle(folder: Path) -> bool:
    parts = (MANIFEST, "products.parquet")
    return not folder.name.startswith(".") and any((folder / part).is_file() for part in parts)


def _changed(folder: Path) -> int:
    try:
        return (folder / MANIFEST).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def folder_of(fingerprint: str, root: Path) -> Path | None:
    """The folder of the bundle with this fingerprint, None if there is none."""
    for bundle in bundle_folders(root):
        if bundle.manifest is not None and bundle.manifest.fingerprint == fingerprint:
            return bundle.folder
    return None


def _described(folder: Path, when: int) -> BundleFolder:
    found = manifest_or_fault(folder, when)
    return BundleFolder(folder, None, found) if isinstance(found, str) else BundleFolder(folder, found, "")
