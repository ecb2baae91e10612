"""What a web server's answer says of a file: its size and hash, and which part of it follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import requests


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
