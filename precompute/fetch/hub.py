"""A data set of the Hugging Face Hub: which files it has, and fetching those that are wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import requests

from precompute.fetch.answers import Content, arriving
from precompute.fetch.download import download, sleep
from precompute.fetch.files import base_address
from precompute.fetch.retries import Again, Patience, Unavailable, check_status, connection_faults
from precompute.work.progress import Progress, quiet
from sqid_core.errors import InputError

PREFIX = "hf:"
_NAME = re.compile(r"hf:(?P<name>[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)")
_LONGEST_LIST = 50_000_000


def is_hub_set(path: Path | None) -> bool:
    """Whether somebody named a data set of the hub and no file."""
    return path is not None and str(path).startswith(PREFIX)


def fetch_hub_set(
    named: Path, downloads: Path, wanted: Callable[[str], bool], patience: Patience, progress: Progress = quiet
) -> Path:
    """The folder with the data set's files that are wanted, by their paths in it; what is there already is not fetched
    again. named: hf:OWNER/NAME. Raises InputError where there is no such set, or it cannot be had."""
    found = _NAME.fullmatch(str(named))
    if found is None:
        raise InputError(f"{named} names no data set of the hub; expected hf:OWNER/NAME")
    name = found["name"]
    folder = downloads / name.replace("/", "--")
    with requests.Session() as session:
        try:
            files = {path: known for path, known in _files(session, name, patience).items() if wanted(path)}
            for path, known in files.items():
                target = folder / path
                if not target.is_file() or (known.size is not None and target.stat().st_size != known.size):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    address = f"{base_address('hub')}/datasets/{name}/resolve/main/{quote(path)}"
                    download(session, address, target, lambda _: None, known, patience, progress)
        except Unavailable as error:
            raise InputError(
                f"the hub's data set {name} cannot be had ({error}); check its name and the network, or fetch its "
                "files and name them"
            ) from None
    if not files:
        raise InputError(
            f"the hub's data set {name} has no files as BEIR, MTEB or WANDS have them; fetch and name yours"
        )
    return folder


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file's path in a data set is one of these, by names with *, which no folder's end is in."""
    return any(fnmatch(path, each) and path.count("/") == each.count("/") for each in patterns)


def _files(session: requests.Session, name: str, patience: Patience) -> Mapping[str, Content]:
    """What is known of each file, by its path. Raises Unavailable."""
    address = f"{base_address('hub')}/api/datasets/{name}/tree/main?recursive=true"
    found: dict[str, Content] = {}
    while address:
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
                return bytes(content), following if following.startswith(base_address("hub")) else ""
        except Again as error:
            if failed >= (patience.unreachable if error.unreachable else patience.attempts):
                raise Unavailable(str(error)) from None
            sleep(patience.wait(failed, error.wait))
    raise Unavailable("does not answer")


def _is_inside(path: str) -> bool:
    """A path below the folder: nothing that a hub says leads elsewhere."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and path.isprintable() and "\\" not in path
