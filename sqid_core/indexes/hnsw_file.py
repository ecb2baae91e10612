"""What an hnswlib file says, checked before hnswlib reads it: it follows every link as it stands, out of memory too.

The layout is that of `saveIndex` in hnswlib 0.8's hnswalg.h: a header, the lowest level with all vectors, then for each
vector its links on higher levels.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..types import Array

_HEADER = struct.Struct("<6QiI3QdQ")
# Elements that are read at a time.
_BLOCK = 16_384
_HIGHEST_LEVEL, _MOST_LINKS = 64, 20_000
_WORD = np.dtype("<u4")


class GraphFault(ValueError):
    """What is wrong with the file."""


@dataclass(frozen=True)
class GraphHeader:
    """count: vectors held. row: bytes of one on the lowest level. links, links0: how many there may be on a higher
    level and on the lowest. level, entry: where a search begins."""

    count: int
    dim: int
    row: int
    links: int
    links0: int
    level: int
    entry: int


def check_graph(path: Path, rows: int) -> GraphHeader:
    """Every offset, link, level and row of a graph over products 0 to rows - 1. Raises GraphFault and OSError."""
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise GraphFault("it is no regular file")
        header = read_header(file, about.st_size)
        _check_lowest(file, header, rows)
        levels = _checked_levels(file, header)
        if file.read(1):
            raise GraphFault("it has bytes behind its end")
    if header.count and levels[header.entry] != header.level:
        raise GraphFault("it begins at a vector that is not on its highest level")
    return header


def read_header(file: BinaryIO, size: int) -> GraphHeader:
    """The header of a file of so many bytes. Raises GraphFault."""
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        raise GraphFault("it is cut off")
    first, most, count, row, label, data, level, entry, links, links0, _, mult, _ = _HEADER.unpack(head)
    if links > _MOST_LINKS or links0 > _MOST_LINKS or first or data != links0 * 4 + 4:
        raise GraphFault("its lists of links have another length than it says")
    if label < data or (label - data) % 4 or row != label + 8:
        raise GraphFault("its vectors have another length than it says")
    if not count <= most < 2**31 or count * row > size - _HEADER.size or not np.isfinite(mult):
        raise GraphFault("it holds fewer vectors than it says")
    if count and not (0 <= level <= _HIGHEST_LEVEL and entry < count):
        raise GraphFault("it begins nowhere")
    return GraphHeader(count, (label - data) // 4, row, links, links0, level, entry)


def _check_lowest(file: BinaryIO, header: GraphHeader, rows: int) -> None:
    """The links, vectors and rows of the lowest level."""
    found = []
    for block in _blocks(file, header):
        sizes = block[:, :2].copy().view("<u2")[:, 0]
        links = block[:, 4 : 4 + 4 * header.links0].copy().view(_WORD)
        _check_links(links, sizes, header.links0, header.count)
        vectors = block[:, 4 + 4 * header.links0 : -8].copy().view("<f4")
        if not np.isfinite(vectors).all():
            raise GraphFault("it holds a vector that is no number")
        found.append(block[:, -8:].copy().view("<u8")[:, 0])
    named = np.concatenate(found) if found else np.empty(0, np.uint64)
    if (named >= rows).any() or len(np.unique(named)) != len(named):
        raise GraphFault("it holds a product twice, or one that the bundle lacks")


def _blocks(file: BinaryIO, header: GraphHeader) -> Iterator[Array]:
    for start in range(0, header.count, _BLOCK):
        count = min(_BLOCK, header.count - start)
        body = file.read(count * header.row)
        if len(body) < count * header.row:
            raise GraphFault("it is cut off")
        yield np.frombuffer(body, np.uint8).reshape(count, header.row)


def _checked_levels(file: BinaryIO, header: GraphHeader) -> Array:
    """(count,) the highest level of each vector; the links of all higher levels lead to vectors that are there."""
    width = header.links * 4 + 4
    levels = np.zeros(header.count, np.int32)
    lists: dict[int, bytes] = {}
    for element in range(header.count):
        word = file.read(4)
        length = int.from_bytes(word, "little")
        if len(word) < 4 or length % width or length // width > header.level:
            raise GraphFault("a list of links has another length than it says")
        if length:
            levels[element] = length // width
            lists[element] = file.read(length)
            if len(lists[element]) < length:
                raise GraphFault("it is cut off")
    for level in range(1, int(levels.max(initial=0)) + 1):
        here = [body[(level - 1) * width : level * width] for place, body in lists.items() if levels[place] >= level]
        block = np.frombuffer(b"".join(here), np.uint8).reshape(len(here), width)
        links = block[:, 4:].copy().view(_WORD)
        sizes = block[:, :2].copy().view("<u2")[:, 0]
        used = _check_links(links, sizes, header.links, header.count)
        if (levels[links[used]] < level).any():
            raise GraphFault("a link leads to a level that is not there")
    return levels


def _check_links(links: Array, sizes: Array, most: int, count: int) -> Array:
    """(n, most) which links are used, all of which lead to a vector. sizes: (n,) how many of each list."""
    if (sizes > most).any():
        raise GraphFault("a list of links is longer than it may be")
    used: Array = np.arange(most) < sizes[:, None]
    if (links[used] >= count).any():
        raise GraphFault("a link leads out of the graph")
    return used
