"""A bundle's pictures, stored in it for offline and hosted use.

Can be interrupted: the same call goes on, and tries again what could not be reached. What a shop shows in place of a
picture counts as missing; a picture that another product has already is shown, and counts as missing for encode.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from precompute.images.catalogue import local, read_catalogue, settled
from precompute.images.flow import outcomes
from precompute.images.journal import Journal
from precompute.images.outcome import GONE, REFUSED, STATUSES, UNREACHABLE, USUAL, Limits, Outcome
from precompute.images.quality import poor_files
from precompute.images.sources import PictureFolder, instead
from precompute.images.status_table import status_table
from precompute.images.store import is_ours, store
from precompute.images.web import Web
from precompute.work.bundle_pictures import FOLDER
from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.shown_pictures import STATUS_TABLE, read_status_table
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import CheckError, InputError
from sqid_core.wording import counted as counted_as
from sqid_core.wording import numbered

# Inside the bundle, hidden: what the manifest does not name is no part of the bundle.
_WORK, _JOURNAL, _TEMPORARY = ".images", "journal.jsonl", "tmp"


@dataclass(frozen=True)
class Stored:
    """counts: products by what became of their picture, in the order of STATUSES."""

    bundle: Path
    counts: Mapping[str, int]

    def require(self) -> None:
        """Raises CheckError where a host did not answer."""
        unreachable = self.counts.get(UNREACHABLE, 0)
        if unreachable:
            raise CheckError(
                f"{numbered(unreachable, 'pictures')} of {self.bundle} could not be reached; the others are stored: "
                "run the same command again to try these again"
            )


def store_images(
    bundle: Path,
    source: Path | None = None,
    workers: int = 8,
    limits: Limits = USUAL,
    share_duplicates: bool = False,
    poor_is_missing: bool = False,
    progress: Progress = quiet,
) -> Stored:
    """Stores what is not stored yet, then writes the status table.

    source: a folder that holds the pictures, by file name or product id; nothing is downloaded then. workers: downloads
    at the same time. share_duplicates: whether products with the very same picture all have it, or the first alone.
    poor_is_missing: whether tiny, blurred, near-uniform, very dark and very bright pictures count as missing.
    Raises InputError where not one address was answered.
    """
    dataset = load_bundle(bundle)
    folder = PictureFolder(source) if source else None
    catalogue = read_catalogue(bundle / "products.parquet", folder)
    for note in folder.notes(catalogue.files.values()) if folder else ():
        tell(progress, "reading", note)
    images = bundle / FOLDER
    before = bundle / STATUS_TABLE if STATUS_TABLE in dataset.manifest.files else None
    with _work_folder(bundle) as work:
        known = settled(catalogue, before, work / _JOURNAL, images, source is not None)
        todo = catalogue.todo(known)
        found = _stored(todo, known, catalogue.files, images, work, workers, limits, progress)
        _refuse_silence(todo, found, work)
        poor = poor_files(images, {outcome.file for outcome in found.values() if outcome.file})
        table = status_table(
            catalogue.ids, catalogue.sources, found, share_duplicates, catalogue.images, poor, poor_is_missing
        )
        if hasattr(os, "sync"):
            os.sync()  # the pictures reach the disk before the table that names them
        with BundleWriter(bundle) as writer:
            writer.write_pictures(table)
        remove_unnamed(bundle)
    counted = table["status"].value_counts()
    counts = {status: int(counted[status]) for status in STATUSES if status in counted}
    tell(progress, "storing", ", ".join(f"{count:,} {status}" for status, count in counts.items()))
    if poor:
        count = counted_as(int(table["faults"].notna().sum()), "poor picture", "poor pictures")
        treated = "which count as missing" if poor_is_missing else "kept: --poor missing leaves them out of encode"
        tell(progress, "storing", f"{count} ({', '.join(sorted(set(poor.values())))}), {treated}")
    return Stored(bundle, counts)


@contextmanager
def _work_folder(bundle: Path) -> Iterator[Path]:
    """Where the journal and temporary files lie; removed when all went well. InputError where it is in use."""
    folder = bundle / _WORK
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=0):
            shutil.rmtree(folder / _TEMPORARY, ignore_errors=True)
            (folder / _TEMPORARY).mkdir()
            yield folder
            shutil.rmtree(folder)
    except Timeout:
        raise InputError(f"another process is storing the pictures of {bundle}; wait for it") from None


def _stored(
    todo: Sequence[str],
    known: Mapping[str, Outcome],
    files: Mapping[str, Path],
    images: Path,
    work: Path,
    workers: int,
    limits: Limits,
    progress: Progress,
) -> dict[str, Outcome]:
    """What is known, and the outcome of each source in `todo`, journalled as it comes."""
    # Pillow warns of large pictures and odd metadata; a picture that cannot be used gets its status anyway.
    warnings.filterwarnings("ignore", module="PIL")
    web, found = Web(limits), dict(known)

    def fetch(source: str) -> bytes | Outcome:
        here = local(source, files, images, limits)
        if here is not None:
            return here
        answer, other = web.get(source), instead(source)
        refused = isinstance(answer, Outcome) and answer.status in (GONE, REFUSED)
        return web.get(other) if refused and other is not None else answer

    def decode(body: bytes) -> Outcome:
        return store(body, images, work / _TEMPORARY, limits)

    with (
        Journal(work / _JOURNAL, known) as journal,
        Counter(progress, "storing", len(known) + len(todo), "pictures", len(known)) as counter,
    ):
        for source, outcome in outcomes(todo, fetch, decode, workers, web.stop):
            journal.note(source, outcome)
            found[source] = outcome
            counter.advance()
    return found


def _refuse_silence(todo: Sequence[str], found: Mapping[str, Outcome], work: Path) -> None:
    """Where not one address was answered and nothing is stored, the fault is the network's: nothing is written."""
    if not todo or any(outcome.status != UNREACHABLE for outcome in found.values()):
        return
    shutil.rmtree(work)
    raise InputError(
        f"none of {numbered(len(todo), 'pictures')} could be reached ({found[todo[0]].reason}); check the "
        f"network and run it again"
    )


def remove_unnamed(bundle: Path) -> None:
    """Takes away what this verb stored and the table no longer names: pictures of addresses that have changed."""
    images, table = bundle / FOLDER, bundle / STATUS_TABLE
    named = set(read_status_table(table)["file"].dropna()) if table.is_file() else set()
    for path in images.glob("??/*.webp"):
        name = path.relative_to(images).as_posix()
        if is_ours(name) and name not in named:
            path.unlink()
