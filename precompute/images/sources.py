"""Where a product's picture comes from: an address, a file of the bundle, or a file of somebody's folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqid_core.bundle.addresses import is_address
from sqid_core.errors import InputError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})


class PictureFolder:
    """The pictures below a folder, found by name. Names from data are looked up here, never joined to a path.

    option: by which the folder was given, for messages."""

    def __init__(self, folder: Path, option: str = "--from") -> None:
        if not folder.is_dir():
            raise InputError(f"{folder} is not a folder; give {option} the folder that holds the pictures")
        files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file()]
        if not files:
            raise InputError(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))}); check {option}")
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


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _unambiguous(files: Sequence[Path], key: Callable[[Path], str]) -> dict[str, Path]:
    """Files by a name of theirs, less those that share it: a guess would show a product another one's picture."""
    count = Counter(map(key, files))
    return {key(path): path for path in files if count[key(path)] == 1}
