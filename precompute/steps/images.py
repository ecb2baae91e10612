"""Store a bundle's pictures in it, for offline and hosted use: downloads what the products' addresses lead to, or
takes the files of a folder (--from). Each picture is checked by decoding and stored upright as WebP of at most 512
pixels a side. images.parquet says for every product what became of its picture.

What a shop shows in place of a picture, and a picture that another product has already, count as missing, for the app
and for encode. Can be interrupted: the same command goes on, and tries again what could not be reached."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from precompute.images.catalogue import local, read_catalogue, settled
from precompute.images.flow import outcomes
from precompute.images.journal import Journal
from precompute.images.outcome import STATUSES, UNREACHABLE, Limits, Outcome
from precompute.images.sources import PictureFolder
from precompute.images.store import is_ours, store
from precompute.images.table import status_table
from precompute.images.web import Web
from precompute.work.bundle_pictures import FOLDER
from precompute.work.progress import Progress
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.shown_pictures import STATUS_TABLE
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import CheckError, InputError

EXAMPLE = "python -m precompute images data/sqid --workers 8"
# Inside the bundle, hidden: what the manifest does not name is no part of the bundle.
_WORK, _JOURNAL, _TEMPORARY = ".images", "journal.jsonl", "tmp"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="DIR",
        help="take the pictures from this folder, by file name or product id, and download nothing",
    )
    parser.add_argument("--workers", type=int, default=8, metavar="N", help="downloads at the same time (default 8)")
    parser.add_argument("--max-mb", type=float, default=20, metavar="N", help="largest file, in MB (default 20)")
    parser.add_argument("--max-megapixels", type=float, default=50, metavar="N", help="largest picture (default 50)")
    parser.add_argument(
        "--duplicates",
        choices=("missing", "share"),
        default="missing",
        help="of products with the very same picture the first keeps it: the others have none (missing, the default) "
        "or have it too (share)",
    )


def run(args: argparse.Namespace) -> int:
    """Stores what is not stored yet, then writes the status table. Raises CheckError where a host did not answer."""
    limits = _limits(args)
    dataset = load_bundle(args.bundle)
    catalogue = read_catalogue(args.bundle / "products.parquet", PictureFolder(args.source) if args.source else None)
    images = args.bundle / FOLDER
    before = args.bundle / STATUS_TABLE if STATUS_TABLE in dataset.manifest.files else None
    with _work_folder(args.bundle) as work:
        known = settled(catalogue, before, work / _JOURNAL, images, args.source is not None)
        todo = catalogue.todo(known)
        found = _stored(todo, known, catalogue.files, images, work, args.workers, limits)
        _refuse_silence(todo, found, work)
        table = status_table(catalogue.ids, catalogue.sources, found, args.duplicates == "share", catalogue.images)
        if hasattr(os, "sync"):
            os.sync()  # the pictures reach the disk before the table that names them
        with BundleWriter(args.bundle) as writer:
            writer.write_pictures(table)
        _remove_unnamed(images, set(table["file"].dropna()))
    return _report(args.bundle, table)


def _limits(args: argparse.Namespace) -> Limits:
    for name in ("workers", "max_mb", "max_megapixels"):
        if not 0 < getattr(args, name) < math.inf:
            raise InputError(f"--{name.replace('_', '-')} must be positive, got {getattr(args, name)}")
    return Limits(bytes=int(args.max_mb * 1e6), pixels=int(args.max_megapixels * 1e6))


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
) -> dict[str, Outcome]:
    """What is known, and the outcome of each source in `todo`, journalled as it comes."""
    # Pillow warns of large pictures and odd metadata; a picture that cannot be used gets its status anyway.
    warnings.filterwarnings("ignore", module="PIL")
    web, found = Web(limits), dict(known)

    def fetch(source: str) -> bytes | Outcome:
        here = local(source, files, images, limits)
        return web.get(source) if here is None else here

    def decode(body: bytes) -> Outcome:
        return store(body, images, work / _TEMPORARY, limits)

    with (
        Journal(work / _JOURNAL, known) as journal,
        Progress("storing", len(known) + len(todo), "pictures", len(known)) as progress,
    ):
        for source, outcome in outcomes(todo, fetch, decode, workers, web.stop):
            journal.note(source, outcome)
            found[source] = outcome
            progress.advance()
    return found


def _refuse_silence(todo: Sequence[str], found: Mapping[str, Outcome], work: Path) -> None:
    """Where not one address was answered and nothing is stored, the fault is the network's: nothing is written."""
    if not todo or any(outcome.status != UNREACHABLE for outcome in found.values()):
        return
    shutil.rmtree(work)
    raise InputError(
        f"none of {len(todo):,} pictures could be reached ({found[todo[0]].reason}); check the network and run it again"
    )


def _remove_unnamed(images: Path, named: set[str]) -> None:
    """Takes away what this verb stored and the table no longer names: pictures of addresses that have changed."""
    for path in images.glob("??/*.webp"):
        name = path.relative_to(images).as_posix()
        if is_ours(name) and name not in named:
            path.unlink()


def _report(bundle: Path, table: pd.DataFrame) -> int:
    counts = table["status"].value_counts()
    print(", ".join(f"{counts[status]:,} {status}" for status in STATUSES if status in counts))
    unreachable = int(counts.get(UNREACHABLE, 0))
    if unreachable:
        raise CheckError(
            f"{unreachable:,} pictures of {bundle} could not be reached; the others are stored: "
            "run the same command again to try these again"
        )
    print(f"next: python -m precompute encode {bundle} --signal NAME --modality image --model M --pretrained P")
    return 0
