"""The bundle folders the app may open, found on disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqid_core.bundle.hub_sets import hub_set_of, source_of
from sqid_core.bundle.manifest import Manifest
from sqid_core.bundle.plain_files import told
from sqid_core.errors import InputError
from sqid_ui.caches.bundles import manifest_or_fault, stamp
from sqid_ui.login.configured import login_settings
from sqid_ui.login.person import Person
from sqid_ui.login.who import may_enter, may_open
from sqid_ui.parts.picture_addresses import picture_place

MANIFEST = "manifest.json"
DEMO = "demo"
# The place in an address changes with the bundle, so an answer never goes stale.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
# What only some may see is kept by no proxy, and by no browser at which somebody else signs in; nor is a refusal.
NEVER = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_PARTS = frozenset({MANIFEST, "products.parquet"})


@dataclass(frozen=True)
class BundleFolder:
    """A bundle's folder: readable, or with the sentence that says why it is not."""

    folder: Path
    manifest: Manifest | None
    error: str

    @property
    def name(self) -> str:
        """The folder's name: what the picker and the link call the bundle."""
        return self.folder.name if _is_printable(self.folder.name) else ascii(self.folder.name)[1:-1]

    @property
    def private(self) -> bool:
        """Whether only some may see it."""
        return self.manifest is not None and bool(self.manifest.visible_to)

    @property
    def title(self) -> str:
        """What to show: the title its maker gave it, or the folder's name."""
        return (self.manifest.about.get("title") if self.manifest else "") or self.name


def wanted_bundle() -> str:
    """The bundle of the hub that this server is to show, as SQID_BUNDLE names it; "" for none."""
    return os.environ.get("SQID_BUNDLE", "").strip()


def wanted_folder(wanted: str, root: Path) -> Path:
    """Where a bundle of the hub is fetched to; the demo's place where none is wanted. What names none has a place too,
    since the command that is to fetch it says what is wrong."""
    try:
        return root / (hub_set_of(wanted).folder if wanted else DEMO)
    except InputError:
        return root / "bundle"


def is_there(wanted: str, root: Path) -> bool:
    """Whether the bundle that is wanted was fetched, or none is."""
    try:
        return not wanted or source_of(wanted_folder(wanted, root)) == str(hub_set_of(wanted))
    except InputError:
        return False


def data_root() -> Path:
    """Where bundles lie: SQID_DATA, or `data` in the working directory."""
    return Path(os.environ.get("SQID_DATA") or "data")


def bundle_folders(root: Path) -> list[BundleFolder]:
    """Every folder in `root` that is a bundle, part of one, or cannot be looked into, by name; one that cannot be
    opened carries its sentence. Raises nothing, whatever lies there."""
    try:
        folders = sorted(root.iterdir())
    except OSError:
        return []
    found = (_found(folder) for folder in folders if not folder.name.startswith("."))
    return [bundle for bundle in found if bundle is not None]


def folders_for(person: Person | None, root: Path) -> list[BundleFolder]:
    """The bundle folders that somebody may see. Where there is a login, a bundle that cannot be opened is for nobody:
    for whom it is stands inside."""
    return [
        bundle
        for bundle in bundle_folders(root)
        if (login_settings() is None if bundle.manifest is None else may_open(person, bundle.manifest))
    ]


def names_for(person: Person | None, root: Path) -> Callable[[str], bool]:
    """Whether somebody may read of a bundle by its name: of those he may see, and where there is no login also of those
    that are not here."""
    seen = {bundle.manifest.name for bundle in folders_for(person, root) if bundle.manifest is not None}
    here = {bundle.manifest.name for bundle in bundle_folders(root) if bundle.manifest is not None}
    open_to_all = login_settings() is None
    return lambda name: name in seen or (open_to_all and name not in here)


def _found(folder: Path) -> BundleFolder | None:
    if not _is_printable(folder.name):
        return BundleFolder(folder, None, "The name of this folder is no text; rename it.")
    try:
        if not stat.S_ISDIR(folder.stat().st_mode):
            return None
        inside = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return BundleFolder(folder, None, f"The folder {folder.name} cannot be looked into ({told(error)}).")
    if not inside & _PARTS:
        return None
    described = manifest_or_fault(folder, stamp(folder / MANIFEST))
    return BundleFolder(folder, None, described) if isinstance(described, str) else BundleFolder(folder, described, "")


def _is_printable(name: str) -> bool:
    """Bytes that are no UTF-8 stand in a name as lone surrogates, which no page can show."""
    return name.isprintable() and not any("\ud800" <= letter <= "\udfff" for letter in name)


def bundle_at(place: str, root: Path, person: Person | None) -> BundleFolder | None:
    """The bundle at a place, None where there is none that this person may see."""
    for bundle in folders_for(person, root):
        if bundle.manifest is not None and picture_place(bundle.manifest.fingerprint, bundle.folder) == place:
            return bundle
    return None


def kept_headers(bundle: BundleFolder) -> Mapping[str, str]:
    """How long a browser keeps what it was sent of a bundle."""
    return NEVER if bundle.private or not may_enter(None) else FOR_EVER


def for_visitors(error: Exception) -> str:
    """The sentence of an error, without places of this machine."""
    return without_paths(str(error), data_root())


def without_paths(sentence: str, root: Path) -> str:
    """A sentence for visitors: where things lie on this machine is nobody's business."""
    for known in sorted({str(root), str(root.absolute()), os.path.realpath(root)}, key=len, reverse=True):
        sentence = sentence.replace(f"{known}/", "") if len(known) > 1 else sentence
    for place in (Path.cwd(), Path.home()):  # of a model's cache, as its library tells it
        sentence = sentence.replace(f"{place}/", "") if len(place.parts) > 1 else sentence
    return sentence
