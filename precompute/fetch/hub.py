"""A data set of the Hugging Face Hub: which files it has, and fetching those that are wanted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import requests

from precompute.fetch.answers import Content, arriving
from precompute.fetch.download import download, sleep
from precompute.fetch.files import base_address
from precompute.fetch.retries import Again, Patience, Unavailable, check_status, connection_faults
from precompute.work.progress import Progress, quiet
from sqid_core.bundle.hub_sets import PREFIX, HubSet, hub_set_of
from sqid_core.errors import InputError

# Of one page in bytes; the hub has a thousand files on each.
_LONGEST_LIST, _MOST_PAGES = 50_000_000, 20_000


def is_hub_set(path: Path | None) -> bool:
    """Whether somebody named a data set of the hub and no file."""
    return path is not None and str(path).startswith(PREFIX)


def address_of(hub_set: HubSet, path: str) -> str:
    """Where a file of a data set lies."""
    at = quote(hub_set.revision, safe="")
    return f"{base_address('hub')}/datasets/{hub_set.name}/resolve/{at}/{quote(path)}"


@contextmanager
def hub_session() -> Iterator[requests.Session]:
    """A session that carries HF_TOKEN, for sets that are not public, to the hub and to no host that it leads to."""
    with requests.Session() as session:
        if token := os.environ.get("HF_TOKEN", "").strip():
            if not (token.isascii() and token.isprintable()):
                raise InputError("HF_TOKEN holds signs that no token has; copy it again, or unset it")
            session.headers["Authorization"] = f"Bearer {token}"
        yield session


def fetch_hub_set(
    named: Path, downloads: Path, wanted: Callable[[str], bool], patience: Patience, progress: Progress = quiet
) -> Path:
    """The folder with the data set's files that are wanted, by their paths in it; what is there already is not fetched
    again. named: as `hub_set_of` takes it. Raises InputError where there is no such set, or it cannot be had."""
    hub_set = hub_set_of(str(named))
    folder = downloads / hub_set.name.replace("/", "--")
    with hub_session() as session, hub_faults(hub_set):
        files = {path: known for path, known in files_of(session, hub_set, patience).items() if wanted(path)}
        for path, known in files.items():
            target = folder / path
            if not target.is_file() or (known.size is not None and target.stat().st_size != known.size):
                target.parent.mkdir(parents=True, exist_ok=True)
                download(session, address_of(hub_set, path), target, lambda _: None, known, patience, progress)
    if not files:
        raise InputError(f"{hub_set} has no files as BEIR, MTEB or WANDS have them; fetch and name yours")
    return folder


@contextmanager
def hub_faults(hub_set: HubSet) -> Iterator[None]:
    """Says of which data set something cannot be had, as an InputError."""
    try:
        yield
    except Unavailable as error:
        raise InputError(
            f"the hub's data set {hub_set} cannot be had ({error}); check its name, its revision and the network, and "
            "HF_TOKEN where it is not public, or fetch its files and name them"
        ) from None


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file's path in a data set is one of these, by names with *, which no folder's end is in."""
    return any(fnmatch(path, each) and path.count("/") == each.count("/") for each in patterns)


def files_of(session: requests.Session, hub_set: HubSet, patience: Patience) -> Mapping[str, Content]:
    """What is known of each file, by its path. Raises Unavailable."""
    at = quote(hub_set.revision, safe="")
    address = f"{base_address('hub')}/api/datasets/{hub_set.name}/tree/{at}?recursive=true"
    found: dict[str, Content] = {}
    asked: set[str] = set()
    while address:
        if address in asked or len(asked) == _MOST_PAGES:
            raise Unavailable("its list of files has no end")
        asked.add(address)
        content, address = _page(session, address, patience)
        try:
            listed = json.loads(content)
            entries = [each for each in listed if each.get("type") == "file"]
            for each in entries:
                path = str(each["path"])
                if _is_inside(path):
                    lfs = each.get("lfs") or {}
                    found[path] = Content(int(each["size"]), lfs.get("oid"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Unavailable("its list of files is none") from None
    return found


def _page(session: requests.Session, address: str, patience: Patience) -> tuple[bytes, str]:
    """A page of the list, and the address of the next, of the hub itself; "" for none. Raises Unavailable."""
    for failed in range(1, patience.attempts + 1):
        try:
            with connection_faults(), session.get(address, stream=True, timeout=patience.timeout) as response:
                check_status(response)
                content = bytearray()
                for piece in arriving(response, patience.read_seconds):
                    content += piece
                    if len(content) > _LONGEST_LIST:
                        raise Unavailable("its list of files is too long")
                following = response.links.get("next", {}).get("url", "")
                return bytes(content), following if following.startswith(f"{base_address('hub')}/") else ""
        except Again as error:
            if failed >= (patience.unreachable if error.unreachable else patience.attempts):
                raise Unavailable(str(error)) from None
            sleep(patience.wait(failed, error.wait))
    raise Unavailable("does not answer")


def _is_inside(path: str) -> bool:
    """A path below the folder: nothing that a hub says leads elsewhere."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and path.isprintable() and "\\" not in path
