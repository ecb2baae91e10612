"""A new bundle in the place of one that is served: by renaming, so that nobody ever sees half of either."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.kept_audience import audience_of
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import MANIFEST
from sqid_core.errors import InputError

# Hidden names, which the app does not list.
_OLD = ".{}.replaced"
# What a bundle holds, also one whose tables are being written again.
_PARTS = {MANIFEST, "products.parquet"}


def replace_bundle(bundle: Path, new: Path, keep: bool = False, progress: Progress = quiet) -> None:
    """Moves the bundle `new` to where `bundle` is, which is taken away, or kept as .NAME.replaced.

    Both must lie on one disk. Raises BundleError where the new one does not open: the old one stays then; InputError
    where they are the same, or cannot be renamed, where what only some may see would be shown to all, or what is there
    is no bundle.
    """
    check_place(bundle)
    if bundle.exists() and new.exists() and bundle.samefile(new):
        raise InputError(f"{new} is {bundle} itself; give the folder of the new bundle")
    tell(progress, "checking", f"{new}: every check of a bundle that is opened")
    fresh = load_bundle(new).manifest
    if not fresh.visible_to and audience_of(bundle):
        raise InputError(
            f"{bundle} is for some people only and {new} for everybody; run python -m precompute access on it"
        )
    old = _free(bundle.with_name(_OLD.format(bundle.name)))
    try:
        if bundle.exists():
            bundle.rename(old)
        _into_place(new, bundle, old)
    except OSError as error:
        raise InputError(
            f"{new} cannot be renamed to {bundle} ({error.strerror}); both must lie on one disk: copy it beside "
            "the old one first"
        ) from None
    if old.exists() and not keep:
        shutil.rmtree(old)
    tell(progress, "replacing", f"{bundle} is the new bundle" + (f"; the old one is {old}" if keep else ""))


def check_place(bundle: Path) -> None:
    """Raises InputError where something else than a bundle is in its place: it would be taken away."""
    if bundle.is_dir() and not _PARTS & {path.name for path in bundle.iterdir()} and any(bundle.iterdir()):
        raise InputError(f"{bundle} is a folder of other files and no bundle; name a folder that is not there yet")


def _free(path: Path) -> Path:
    """This name, or the first with a number behind it that nobody has."""
    names = (path if not number else path.with_name(f"{path.name}-{number}") for number in count())
    return next(name for name in names if not name.exists())


def _into_place(new: Path, bundle: Path, old: Path) -> None:
    """The second renaming; the first is undone where it fails."""
    try:
        new.rename(bundle)
    except OSError:
        if old.exists():
            old.rename(bundle)
        raise
