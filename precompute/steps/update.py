"""A bundle that is written anew: what it was, and its signals brought up to what it is now."""

from __future__ import annotations

from pathlib import Path

from precompute.steps.encode import refresh
from precompute.steps.images import remove_unnamed
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.kept_audience import take_manifest
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import MANIFEST
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import BundleError, SqidError


def existing(folder: Path, progress: Progress = quiet) -> Dataset | None:
    """The bundle that is there; None where there is none. One that is damaged is told of and forgotten."""
    if not (folder / MANIFEST).exists():
        return None
    try:
        return load_bundle(folder)
    except BundleError as error:
        tell(progress, "reading", f"the bundle that is there cannot be kept, and is made anew: {error}")
        take_manifest(folder)
        return None


def bring_up_to_date(folder: Path, progress: Progress = quiet) -> None:
    """Encodes what changed, with the bundle's own encoders; where one cannot be had, a sentence says what is left."""
    remove_unnamed(folder)
    dataset = load_bundle(folder)
    for name, signal in dataset.signals.items():
        if not isinstance(signal, DenseSignal):
            continue
        try:
            refresh(folder, name, progress)
        except SqidError as error:
            tell(progress, "encoding", f"{name} is not up to date: {error}")
