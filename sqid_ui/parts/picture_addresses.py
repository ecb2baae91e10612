"""Products' pictures: the address that reaches the browser, and the file behind it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from streamlit import config

if TYPE_CHECKING:
    from sqid_core.bundle.load import Dataset

PREFIX = "pictures"
# Raster formats only: an SVG can hold script. The type comes from this table, never from the file.
MEDIA_TYPES = {
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
}


def mount_path() -> str:
    """The pictures' absolute path in the app's address, without a slash at its end."""
    return app_path(PREFIX)


def app_path(name: str) -> str:
    """The absolute path of something that the server has below its own address."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{name}" if base else f"/{name}"


def picture_address(image: str | None, place: str) -> str | None:
    """Where the browser finds a product's picture: its own http(s) URL or this app's mount; None where it has none."""
    if not isinstance(image, str) or not image:
        return None
    if _scheme(image) in ("http", "https"):
        return image if remote_pictures() else None
    if ":" in image.split("/", 1)[0] or image.startswith("/"):
        return None
    return f"{picture_base(place)}/{quote(image)}"


def remote_pictures() -> bool:
    """Whether visitors' browsers fetch pictures from other hosts, which then learn of them: not where
    SQID_REMOTE_PICTURES is off."""
    return os.environ.get("SQID_REMOTE_PICTURES", "").strip().lower() not in ("off", "0", "no", "false")


def place_of(dataset: Dataset) -> str:
    """Where a loaded bundle's pictures are served."""
    return picture_place(dataset.fingerprint, dataset.folder)


def picture_place(fingerprint: str, folder: Path) -> str:
    """Where a bundle's pictures are served: its fingerprint and its folder, as two folders may hold the same tables
    beside other pictures."""
    return f"{fingerprint}-{hashlib.sha256(os.fsencode(folder.name)).hexdigest()[:8]}"


def picture_base(place: str) -> str:
    """What the addresses of a bundle's own pictures begin with."""
    return f"{mount_path()}/{place}"


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return ""


def picture_file(images: Path, path: str) -> Path | None:
    """The picture at `path` inside the folder `images`, None where it is no picture or lies outside."""
    try:
        root = images.resolve()
        file = (root / path).resolve()
        served = file.suffix.lower() in MEDIA_TYPES and file.is_relative_to(root) and file.is_file()
    except (OSError, ValueError, RuntimeError):
        # A name that no file can have, too long or with a null byte; a loop of links.
        return None
    return file if served else None
