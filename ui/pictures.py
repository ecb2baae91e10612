"""A bundle's own pictures by URL: the web route that serves them, and the addresses that lead there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from streamlit import config

from ui.bundles import data_root, folder_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

PREFIX = "pictures"
# Raster formats only: an SVG can hold script. The type comes from this table, never from the file.
MEDIA_TYPES = {
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
}
# The fingerprint in the address changes with the bundle, so an answer never goes stale.
_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def picture_route() -> BaseRoute:
    """The mount that serves images/ of every bundle by fingerprint, under server.baseUrlPath."""
    from starlette.routing import Mount, Route

    return Mount(mount_path(), routes=[Route("/{fingerprint}/{path:path}", _serve)])


def mount_path() -> str:
    """The mount's absolute path in the app's address, without a slash at its end."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{PREFIX}" if base else f"/{PREFIX}"


def picture_address(image: str | None, fingerprint: str) -> str | None:
    """Where the browser finds a product's picture: its own http(s) URL or this app's mount; None where it has none."""
    if not isinstance(image, str) or not image:
        return None
    if _scheme(image) in ("http", "https"):
        return image
    if ":" in image.split("/", 1)[0] or image.startswith("/"):
        return None
    return f"{mount_path()}/{fingerprint}/{quote(image)}"


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
    except (OSError, ValueError):
        return None  # A name that no file can have: too long, or with a null byte.
    return file if served else None


def _serve(request: Request) -> Response:
    from starlette.responses import FileResponse, PlainTextResponse

    folder = folder_of(request.path_params["fingerprint"], data_root())
    file = picture_file(folder / "images", request.path_params["path"]) if folder else None
    if file is None:
        return PlainTextResponse("No such picture", status_code=404)
    return FileResponse(file, media_type=MEDIA_TYPES[file.suffix.lower()], headers=_HEADERS)
