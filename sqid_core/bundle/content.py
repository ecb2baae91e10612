"""What a signal's vectors were made of: a digest a product, so that what changed later is told from what did not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from ..types import Bools, Digests, Positions

CONTENT = "content.npy"
WIDTH = 16
# Of a vector that came with a data set: nobody here knows what it was made of, and it is left as it is.
UNKNOWN = b"\xff" * WIDTH


def joined_texts(columns: Sequence[pa.ChunkedArray]) -> list[str]:
    """(N,) the fields of each product, joined by a blank."""
    return [
        " ".join(str(part) for part in parts if part).strip()
        for parts in zip(*(column.to_pylist() for column in columns), strict=True)
    ]


def text_digest(text: str) -> bytes:
    """Of a text; nothing for an empty one."""
    return hashlib.sha256(text.encode()).digest()[:WIDTH] if text else b""


def file_digest(path: Path) -> bytes:
    """Of a file's bytes; nothing where there is no file."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()[:WIDTH]


def digests(each: Iterable[bytes]) -> Digests:
    """(N, 16) of one digest a product; b"" where there is nothing."""
    return np.frombuffer(b"".join(one.ljust(WIDTH, b"\0") for one in each), np.uint8).reshape(-1, WIDTH)


def there(content: Digests) -> Bools:
    """(N,) where there is something."""
    return np.asarray(content.any(axis=1), dtype=bool)


def same(one: Digests, other: Digests) -> Bools:
    """(N,) where both are of the same, and not of nothing."""
    return np.asarray((one == other).all(axis=1) & there(one), dtype=bool)


def unknown(content: Digests) -> Bools:
    """(N,) where nobody knows of what."""
    return np.asarray((content == 0xFF).all(axis=1), dtype=bool)


def found_in(wanted: Digests, known: Digests) -> Positions:
    """(N,) the row of `known` with the same content; -1 where there is none, and for nothing."""
    places = {one.tobytes(): row for row, one in enumerate(known) if one.any()}
    return np.array([places.get(one.tobytes(), -1) for one in wanted], dtype=np.int64)
