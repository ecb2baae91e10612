"""The seven files of ESCI and SQID: where they lie, and fetching those that are not there yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import requests
from filelock import FileLock, Timeout

from precompute.fetch.answers import Content
from precompute.fetch.download import download
from precompute.fetch.retries import Patience, Unavailable, Unreachable
from precompute.work.progress import Progress, quiet
from sqid_core.errors import InputError

# A company's mirror, or a test's server, may stand for each; HF_ENDPOINT is the Hub's own variable.
BASES = {
    "hub": ("HF_ENDPOINT", "https://huggingface.co"),
    "raw": ("SQID_GITHUB_RAW", "https://raw.githubusercontent.com"),
    "media": ("SQID_GITHUB_MEDIA", "https://media.githubusercontent.com/media"),
}
_HUB = "/datasets/crossingminds/shopping-queries-image-dataset/resolve/main/data/"
_SQID = "/Crossing-Minds/shopping-queries-image-dataset/main/sqid/"
_ESCI = "/amazon-science/esci-data/main/shopping_queries_dataset/"
# Where the files lie inside a copy of the repositories.
_SUBFOLDERS = {"esci": ("", "shopping_queries_dataset"), "sqid": ("", "data", "sqid")}
_PARQUET = b"PAR1"
# `download` with its session, patience and progress.
Download = Callable[[str, Path, Callable[[Path], str | None], Content], Content | None]


@dataclass(frozen=True)
class RemoteFile:
    """One file. name: without its ending. group: esci or sqid. places: (base, path with ending), to be tried in order.

    needed: whether a full SQID bundle cannot be made without it.
    """

    name: str
    group: str
    places: tuple[tuple[str, str], ...]
    needed: bool = True

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings under which it is published."""
        return tuple(dict.fromkeys(Path(path).suffix for _, path in self.places))


def _esci(name: str, ending: str, needed: bool = True) -> RemoteFile:
    # The raw address first: it gives Git LFS's pointer, which knows the size and hash of what the media address gives.
    path = f"{_ESCI}{name}{ending}"
    return RemoteFile(name, "esci", (("raw", path), ("media", path)), needed)


def _sqid(name: str, github_ending: str, needed: bool = True) -> RemoteFile:
    path = f"{_SQID}{name}{github_ending}"
    return RemoteFile(name, "sqid", (("hub", f"{_HUB}{name}.parquet"), ("raw", path), ("media", path)), needed)


FILES = (
    _esci("shopping_queries_dataset_examples", ".parquet"),
    _esci("shopping_queries_dataset_products", ".parquet"),
    _esci("shopping_queries_dataset_sources", ".csv", needed=False),
    _sqid("product_image_urls", ".csv"),
    _sqid("query_features", ".parquet"),
    _sqid("product_features", ".parquet"),
    _sqid("supp_product_image_urls", ".csv", needed=False),
)


@dataclass(frozen=True)
class Fetched:
    """paths: the files that are there, by name. missing: why each of the others is not."""

    paths: Mapping[str, Path]
    missing: Mapping[str, str] = field(default_factory=dict)


def fetch(
    downloads: Path,
    folders: Mapping[str, Path | None],
    offline: bool,
    patience: Patience,
    progress: Progress = quiet,
) -> Fetched:
    """All files: as they are where `folders` (esci, sqid) hold them, else from `downloads`, else from the network.

    Raises InputError where another process is fetching into the same folder.
    """
    paths = {file.name: found for file in FILES if (found := local_file(file, folders.get(file.group), downloads))}
    todo = [file for file in FILES if file.name not in paths]
    if offline or not todo:
        return Fetched(paths, {file.name: "not there, and nothing was to be fetched" for file in todo})
    downloads.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(downloads / ".lock", timeout=0), requests.Session() as session:
            return _fetch_all(todo, downloads, partial(download, session, patience=patience, progress=progress), paths)
    except Timeout:
        raise InputError(f"another process is fetching into {downloads}; wait for it") from None


def local_file(file: RemoteFile, folder: Path | None, downloads: Path) -> Path | None:
    """The file in the user's folder, at its top or where the repositories keep it, or among what was fetched."""
    folders = [folder / sub for sub in _SUBFOLDERS[file.group]] if folder else []
    candidates = (place / f"{file.name}{ending}" for place in (*folders, downloads) for ending in file.endings)
    return next((path for path in candidates if path.is_file()), None)


def _fetch_all(todo: Sequence[RemoteFile], downloads: Path, get: Download, paths: dict[str, Path]) -> Fetched:
    missing: dict[str, str] = {}
    dead: set[str] = set()
    for file in todo:
        reasons = []
        for address, target in _targets(file, downloads):
            fault = _try(get, address, target, dead)
            if fault is None:
                paths[file.name] = target
                break
            reasons.append(f"{address} {fault}")
        else:
            missing[file.name] = "; ".join(reasons)
    return Fetched(paths, missing)


def _targets(file: RemoteFile, downloads: Path) -> list[tuple[str, Path]]:
    return [
        (f"{base_address(base)}{path}", downloads / f"{file.name}{Path(path).suffix}") for base, path in file.places
    ]


def base_address(base: str) -> str:
    """hub, raw or media as an address without a slash at its end."""
    variable, usual = BASES[base]
    return (os.environ.get(variable) or usual).rstrip("/")


def _try(get: Download, address: str, target: Path, dead: set[str]) -> str | None:
    """None when the file is there, else why not. dead: hosts that were out of reach, not to be waited for again."""
    host = urlsplit(address).netloc
    if host in dead:
        return "is out of reach"
    try:
        pointer = get(address, target, content_fault, Content())
        if pointer is None:
            return None
        return _try_media(get, address, target, pointer)
    except Unreachable as error:
        dead.add(host)
        return str(error)
    except Unavailable as error:
        return str(error)


def _try_media(get: Download, address: str, target: Path, pointer: Content) -> str | None:
    """Where an address gave a Git LFS pointer: the content from the media address."""
    raw = base_address("raw")
    if not address.startswith(raw):
        return "gave a Git LFS pointer, not the data"
    media = base_address("media") + address.removeprefix(raw)
    if get(media, target, content_fault, pointer) is None:
        return None
    return f"gave a Git LFS pointer, and so did {media}"


def content_fault(path: Path) -> str | None:
    """What is wrong with a whole Parquet or CSV file at a glance, None if nothing. path: ends in .part."""
    size, check = path.stat().st_size, CHECKS[Path(path.stem).suffix]
    if not size:
        return "is empty"
    with path.open("rb") as file:
        start = file.read(64)
        file.seek(max(size - len(_PARQUET), 0))
        return check(start, file.read())


def _parquet_fault(start: bytes, end: bytes) -> str | None:
    if not start.startswith(_PARQUET):
        return "is no Parquet file"
    return None if end == _PARQUET else "is cut off"


def _csv_fault(start: bytes, end: bytes) -> str | None:
    del end
    return "is a web page, not data" if start.lstrip().startswith(b"<") else None


CHECKS: dict[str, Callable[[bytes, bytes], str | None]] = {".parquet": _parquet_fault, ".csv": _csv_fault}
