"""A web server's answer: what it says of a file, its size and hash and which part of it follows, and its body."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests

from precompute.fetch.retries import Again

_PIECE = 65_536


@dataclass(frozen=True)
class Content:
    """What is known of a file beforehand: its size in bytes and its sha256, None where unknown."""

    size: int | None = None
    sha256: str | None = None


def first_byte(response: requests.Response) -> int:
    """Where in the file the body of the answer begins."""
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if response.status_code == 206 and found else 0


def announced(response: requests.Response, begin: int, known: Content) -> Content:
    """Size and sha256: what was known, else what the Hub says of a large file when it redirects, else the headers."""
    linked: Mapping[str, str] = next((r.headers for r in response.history if "X-Linked-Size" in r.headers), {})
    digest = linked.get("X-Linked-ETag", "").strip('"')
    size = linked.get("X-Linked-Size") or _length(response, begin)
    return Content(
        known.size if known.size is not None else int(size) if size is not None else None,
        known.sha256 or (digest if re.fullmatch("[0-9a-f]{64}", digest) else None),
    )


def _length(response: requests.Response, begin: int) -> int | None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    length = response.headers.get("Content-Length", "")
    return begin + int(length) if length.isdigit() else None


def tag_of(response: requests.Response) -> str:
    """What tells this content from a later one: a strong ETag, else the date of the last change, else ""."""
    tag = response.headers.get("ETag", "")
    return response.headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag


def arriving(response: requests.Response, seconds: float) -> Iterator[bytes]:
    """The body in pieces, each as soon as it is there: `iter_content` waits until a piece is full, which a server that
    sends a byte a minute can draw out for days. Raises Again where it takes longer than so many seconds."""
    deadline = time.monotonic() + seconds
    while piece := response.raw.read1(_PIECE, decode_content=True):
        yield piece
        if time.monotonic() > deadline:
            raise Again("was too slow")
