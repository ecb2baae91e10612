"""Files of a bundle as bytes and JSON, from strangers: regular files of a bounded length, and nothing that waits."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import msgspec

_LONGEST_JSON = 8_000_000


def regular_bytes(path: Path, most: int) -> bytes:
    """The content of a regular file. Raises OSError, also for a pipe, a device and one longer than `most`."""
    # A pipe without a writer would wait for ever.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError("it is no regular file")
        if about.st_size > most:
            raise OSError(f"it has {about.st_size:,} bytes, at most {most:,} are read")
        return file.read(most)


def read_json(path: Path) -> Any:
    """A JSON value. Raises OSError, and ValueError for what is no JSON: also text that is not UTF-8 and nan."""
    body = regular_bytes(path, _LONGEST_JSON)
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None


def missing_fault(path: Path) -> str | None:
    """Why a file cannot be read as one; None where it can."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return f"{path} is missing"
    except (OSError, ValueError) as error:  # a loop of links, a name that no file can have
        return f"{path} cannot be read ({told(error)})"
    return None if stat.S_ISREG(about.st_mode) else f"{path} is no regular file"


def told(error: BaseException) -> str:
    """What an error says, on one line and without its path."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(said).split())[:200]
