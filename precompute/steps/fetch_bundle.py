"""A bundle from the hub: fetched beside its place, held to the manifest's hashes, verified, and renamed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from threading import Lock

import requests
from filelock import FileLock, Timeout

from precompute.fetch.answers import Content
from precompute.fetch.download import download
from precompute.fetch.hub import address_of, files_of, hub_faults, hub_session
from precompute.fetch.retries import Patience
from precompute.images.sources import SUFFIXES
from precompute.steps.access import show_to
from precompute.steps.replace import check_place, replace_bundle
from precompute.steps.verify import verify
from precompute.work.bundle_pictures import FOLDER
from precompute.work.progress import Progress, ProgressEvent, quiet, share
from sqid_core.bundle.hub_sets import HubSet, note_source, source_of
from sqid_core.bundle.kept_audience import audience_of
from sqid_core.bundle.manifest import MANIFEST, read_manifest, safe_path, sha256
from sqid_core.bundle.shown_pictures import STATUS_TABLE, read_status_table
from sqid_core.errors import InputError

PATIENCE = Patience()
# Hidden names, which the app does not list: what is on its way, and who fetches it.
_STAGE, _LOCK = ".{}.fetching", ".{}.lock"
# What share of the whole the fetching is; the rest is checking.
_FETCHED = 0.95
_AT_ONCE = 8


def fetch_bundle(hub_set: HubSet, out: Path, progress: Progress = quiet) -> bool:
    """Puts the bundle that the set is to `out`, in the place of one that is there, which stays until the new one is
    whole; returns whether there was anything to do. Who may see the one before may see the new one, unless it says.

    Raises InputError where the set cannot be had or is no bundle, or something else is at `out`; BundleError or
    CheckError where it is not what its manifest says.
    """
    if source_of(out) == str(hub_set):
        share(progress, 1, f"{out} is {hub_set} already")
        return False
    check_place(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    stage = out.with_name(_STAGE.format(out.name))
    with _alone(out, progress):
        wanted = source_of(out) != str(hub_set)  # unless the one that was waited for fetched it
        if wanted:
            _fetch(hub_set, stage, progress)
            share(progress, _FETCHED, "Checking")
            verify(stage).require()
            _put(stage, out)
            note_source(out, hub_set)
    share(progress, 1, f"{out} is {hub_set}")
    return wanted


@contextmanager
def _alone(out: Path, progress: Progress) -> Iterator[None]:
    """One process at a time fetches to a place; another waits, as where several servers share a disk."""
    lock = FileLock(out.with_name(_LOCK.format(out.name)))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        share(progress, 0, f"Waiting for another process that fetches {out.name}")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _put(stage: Path, out: Path) -> None:
    before = audience_of(out)
    if before and not read_manifest(stage).visible_to:
        show_to(stage, before)
    replace_bundle(out, stage)


def _fetch(hub_set: HubSet, stage: Path, progress: Progress) -> None:
    """All files of the bundle, and no other ones of the set: the manifest, what it names, its pictures."""
    with hub_session() as session, hub_faults(hub_set):
        there = files_of(session, hub_set, PATIENCE)
        if MANIFEST not in there:
            raise InputError(f"{hub_set} is no bundle: it has no {MANIFEST} at its top")
        stage.mkdir(exist_ok=True)
        (stage / MANIFEST).unlink(missing_ok=True)  # another revision's
        get = _Getting(session, hub_set, stage, there, progress)
        get.files({MANIFEST: there[MANIFEST].sha256 or ""})
        named = read_manifest(stage).files
        get.total = sum(there[name].size or 0 for name in {*named, *_pictures(stage, there)} & there.keys())
        get.files(named)
        pictures = _pictures(stage, there)
        get.files(pictures)
        _keep(stage, {MANIFEST, *named, *pictures})


def _keep(stage: Path, names: Set[str]) -> None:
    """Takes away all other files: what another revision had may have been taken out of it for a reason."""
    for path in sorted(stage.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):  # it holds files
                path.rmdir()
        elif path.relative_to(stage).as_posix() not in names:
            path.unlink()


def _pictures(stage: Path, there: Mapping[str, Content]) -> dict[str, str]:
    """The pictures that the set has, with the hash that the bundle or the hub has of each, "" where neither has one."""
    inside = [name for name in there if name.startswith(f"{FOLDER}/")]
    pictures = [name for name in inside if PurePosixPath(name).suffix.lower() in SUFFIXES]
    known: dict[str, str] = {}
    if (stage / STATUS_TABLE).exists():
        table = read_status_table(stage / STATUS_TABLE).dropna(subset=["file", "sha256"])
        known = dict(zip(FOLDER + "/" + table["file"], table["sha256"], strict=True))
    return {name: known.get(name, there[name].sha256 or "") for name in pictures}


class _Getting:
    """Files of a set, into a folder, several at a time: pictures are many and small. Tells how far all are by bytes."""

    def __init__(
        self, session: requests.Session, hub_set: HubSet, stage: Path, there: Mapping[str, Content], progress: Progress
    ) -> None:
        self._session, self._set, self._stage, self._there, self._progress = session, hub_set, stage, there, progress
        self.total = 0
        self._done = 0
        self._lock = Lock()

    def files(self, wanted: Mapping[str, str]) -> None:
        """Each file by its name, unless it is there with this hash. Raises InputError for one that the set lacks."""
        lacking = next((name for name in sorted(wanted) if name not in self._there), "")
        if lacking:
            raise InputError(f"{self._set} lacks {lacking}, which its {MANIFEST} names; upload the whole bundle again")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._file, sorted(wanted.items())))

    def _file(self, wanted: tuple[str, str]) -> None:
        name, digest = wanted
        target, known = safe_path(self._stage, name), self._there[name]
        if not (target.is_file() and digest and sha256(target) == digest):
            target.parent.mkdir(parents=True, exist_ok=True)
            known = Content(known.size, digest or None)
            download(self._session, address_of(self._set, name), target, lambda _: None, known, PATIENCE, self._tell)
        with self._lock:
            self._done += known.size or 0
        self._tell(ProgressEvent(""))

    def _tell(self, event: ProgressEvent) -> None:
        """A file's own count, in kB, as a part of the whole."""
        if self.total and not event.sentence:
            part = (self._done + 1000 * event.done) / self.total
            share(self._progress, min(part, 1) * _FETCHED, f"Fetching {self._set.name}")
