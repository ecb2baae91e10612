"""Where a product's picture comes from: an address, a file of the bundle, or a file of somebody's folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqid_core.bundle.addresses import is_address
from sqid_core.errors import InputError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
# How files begin that are pictures whatever their names (at most 12 bytes are looked at).
_BEGIN = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_BRANDS = {b"avif": "", b"avis": "", **dict.fromkeys(_HEIC, "HEIC")}
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_SHOWN = 3


def picture_kind(start: bytes) -> str | None:
    """What a file is by its first 12 bytes: "" for a picture that is read here, the name of a kind of picture that is
    not, None for no picture."""
    if start.startswith(_JPEG_XL):
        return "JPEG XL"
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12])
    webp = start.startswith(b"RIFF") and start[8:12] == b"WEBP"
    return "" if webp or start.startswith(_BEGIN) else None


class PictureFolder:
    """The pictures below a folder, found by name. Names from data are looked up here, never joined to a path.

    Files are known by their usual suffixes, and others by how they begin. option: by which the folder was given, for
    messages."""

    def __init__(self, folder: Path, option: str = "--from") -> None:
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder; give {option} the folder that holds the pictures")
        kinds = {path: _kind_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}
        files = [path for path, kind in kinds.items() if kind is not None]
        if not files:
            raise InputError(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))}); check {option}")
        self._folder = folder
        self._foreign = {path.relative_to(folder).as_posix(): kind for path, kind in kinds.items() if kind}
        self._others = [path.relative_to(folder).as_posix() for path, kind in kinds.items() if kind is None]
        self._by_path: dict[str, Path] = {path.relative_to(folder).as_posix(): path for path in files}
        self._by_name = _unambiguous(files, lambda path: path.name)
        self._by_stem = _unambiguous(files, lambda path: path.stem)

    def find(self, product_id: str, image: str | None) -> Path | None:
        """By the product's own path or file name, the last part of its address, or its id; None where nothing fits."""
        name = image or ""
        if is_address(name):
            name = unquote(_path_of(name))
        last = name.rpartition("/")[2]
        return self._by_path.get(name) or self._by_name.get(last) or self._by_stem.get(product_id)

    def notes(self, used: Iterable[Path]) -> Iterator[str]:
        """Sentences about the files that are of no use: kinds that are not read, no pictures, and whose no product is.

        used: those that products have.
        """
        for kind in sorted(set(self._foreign.values())):
            names = [name for name, found in self._foreign.items() if found == kind]
            yield f"{_named(names)} in {self._folder}: {kind}, which is not read here; save as JPEG, PNG or WebP"
        if self._others:
            yield f"{_named(self._others)} in {self._folder}: no picture"
        taken = set(used)
        left = [name for name, path in self._by_path.items() if path not in taken and name not in self._foreign]
        if left:
            yield f"{_named(left)} in {self._folder}: no product's"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{len(names):,} {'file' if len(names) == 1 else 'files'} ({', '.join(names[:_SHOWN])}{more})"


def _kind_of(path: Path) -> str | None:
    """As `picture_kind`; a file whose suffix says that it is a picture is taken at its word."""
    if path.suffix.lower() in SUFFIXES:
        return ""
    with path.open("rb") as file:
        return picture_kind(file.read(12))


def instead(address: str) -> str | None:
    """Where a shop has the same picture, if not at this address: Amazon's without the folder of a WebP version, which
    answers 400 for half of those in ESCI-S. None where nobody knows another."""
    other = re.sub(r"/images/W/[^/]+(?:/images)?/", "/images/", address)
    return other if other != address else None


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _unambiguous(files: Sequence[Path], key: Callable[[Path], str]) -> dict[str, Path]:
    """Files by a name of theirs, less those that share it: a guess would show a product another one's picture."""
    count = Counter(map(key, files))
    return {key(path): path for path in files if count[key(path)] == 1}
