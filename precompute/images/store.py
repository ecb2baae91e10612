"""From a downloaded body to a stored picture: decoded, upright, at most 512 pixels a side, named by its content."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from precompute.images.outcome import DEFAULT, DONE, MISSING, NOT_AN_IMAGE, TOO_LARGE, Limits, Outcome
from sqid_core.bundle.picture_files import PictureError, TooLargeError, TooSmallError, opened_picture

SIDE = 512
# Shops answer with a picture of one pixel where they have none.
_LEAST_SIDE = 8
# Method 1 takes half the time of the default 4, for a seventh more bytes: so two cores keep up with eight workers.
_WEBP = {"quality": 80, "method": 1}
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}\.webp")


def store(body: bytes, folder: Path, temporary: Path, limits: Limits) -> Outcome:
    """Writes the picture into `folder` under a name made from its pixels; equal pictures share a file.

    temporary: a folder on the same disk. The file is whole or not there. Raises OSError where the disk refuses.
    """
    picture = normalised(body, limits.pixels)
    if isinstance(picture, Outcome):
        return picture
    stored = BytesIO()
    picture.save(stored, "WEBP", **_WEBP)
    content = pixel_hash(picture)
    name = f"{content[:2]}/{content}.webp"  # 256 folders, so that none grows large
    _write(stored.getvalue(), folder / name, temporary)
    return Outcome(DONE, name, hashlib.sha256(stored.getbuffer()).hexdigest(), content)


def pixel_hash(picture: Image.Image) -> str:
    """32 hexadecimal digits for the pixels and their layout."""
    layout = f"{picture.mode} {picture.size}".encode()
    return hashlib.sha256(layout + picture.tobytes()).hexdigest()[:32]


def is_ours(name: str) -> bool:
    """Whether a file of images/ has a name that `store` gives."""
    return _NAME.fullmatch(name) is not None


def normalised(body: bytes, most_pixels: int) -> Image.Image | Outcome:
    """The decoded picture: first frame, upright, RGB on white, at most SIDE a side; or why it is none."""
    try:
        return opened_picture(body, SIDE, most_pixels, _LEAST_SIDE)
    except PictureError as error:
        status = {TooLargeError: TOO_LARGE, TooSmallError: DEFAULT}.get(type(error), NOT_AN_IMAGE)
        return Outcome(status, reason=str(error))


def _write(content: bytes, path: Path, temporary: Path) -> None:
    """Under a temporary name, then renamed: also where two threads store the same picture at once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=temporary)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def digest_of(path: Path) -> str:
    """The sha256 of a file, "" where it is not there."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def keep_in_place(path: Path, name: str, limits: Limits) -> Outcome:
    """A picture that lies in images/ already, under its own name: checked by decoding, not changed."""
    if not path.is_file():
        return Outcome(MISSING, reason=f"{path} is missing")
    picture = normalised(path.read_bytes(), limits.pixels)
    return picture if isinstance(picture, Outcome) else Outcome(DONE, name, digest_of(path), pixel_hash(picture))
