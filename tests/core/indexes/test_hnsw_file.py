"""A crafted graph is refused before hnswlib follows its links: it would end the process, and the tests with it."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sqid_core.errors import BundleError
from sqid_core.indexes import hnsw_file
from sqid_core.indexes.hnsw import HnswIndex
from sqid_core.indexes.hnsw_file import GraphFault, check_graph, read_header

pytest.importorskip("hnswlib", reason="hnswlib is not installed")
COUNT, DIM, M = 400, 8, 4
# Bytes of the header, and of one vector on the lowest level.
HEAD, ROW = 96, 4 + 4 * 2 * M + 4 * DIM + 8


def graph(folder: Path) -> tuple[HnswIndex, Path]:
    vectors = np.random.default_rng(0).standard_normal((COUNT, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    built = HnswIndex.build(vectors, np.ones(COUNT, bool), m=M, threads=1)
    built.save(folder / "index.hnsw")
    return built, folder / "index.hnsw"


def put(place: int, kind: str, value: float) -> Callable[[bytearray], None]:
    return lambda body: struct.pack_into(kind, body, place, value)


def higher(body: bytearray) -> int:
    """Where the first list of links above the lowest level begins."""
    place = HEAD + COUNT * ROW
    while not struct.unpack_from("<I", body, place)[0]:
        place += 4
    return place


CRAFTED: dict[str, Callable[[bytearray], None]] = {
    "a link out of memory": put(HEAD + 4, "<I", 2**31),
    "a link just beyond": put(HEAD + 4, "<I", COUNT),
    "more links than there is room": put(HEAD, "<H", 2 * M + 1),
    "a start out of memory": put(52, "<I", COUNT),
    "a start on no such level": put(48, "<i", 60),
    "a level below all": put(48, "<i", -5),
    "vectors elsewhere": put(0, "<Q", 2**40),
    "vectors beyond the file": put(40, "<Q", 2**60),
    "longer rows": put(24, "<Q", ROW + 8),
    "more vectors than bytes": put(16, "<Q", 2**40),
    "room for fewer": put(8, "<Q", 1),
    "more links for all": put(64, "<Q", 4 * M),
    "a product that is not there": put(HEAD + ROW - 8, "<Q", 10**9),
    "a product twice": put(HEAD + ROW - 8, "<Q", 17),
    "a vector that is no number": put(HEAD + ROW - 12, "<f", float("nan")),
    "a higher link out of memory": lambda body: struct.pack_into("<I", body, higher(body) + 8, 2**31),
    "a higher list too long": lambda body: struct.pack_into("<H", body, higher(body) + 4, 2 * M),
    "a level of half a list": lambda body: struct.pack_into("<I", body, higher(body), 6),
    "bytes behind": lambda body: body.extend(b"\0" * 8),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_graph_is_refused(name: str, tmp_path: Path) -> None:
    built, path = graph(tmp_path)
    body = bytearray(path.read_bytes())
    CRAFTED[name](body)
    path.write_bytes(body)
    with pytest.raises(BundleError, match=r"is not an HNSW index .* run python -m precompute index again"):
        HnswIndex.load(path, built.spec, products=COUNT)


FUZZ = """
import random, sys
import numpy as np
from pathlib import Path
from sqid_core.errors import BundleError
from sqid_core.indexes import hnsw_file
from sqid_core.indexes.hnsw import HnswIndex
from sqid_core.indexes.hnsw_file import GraphFault, check_graph, read_header
from sqid_core.indexes.protocol import IndexSpec
path, count, dim, m = Path(sys.argv[1]), *map(int, sys.argv[2:])
whole, rng, opened = path.read_bytes(), random.Random(0), 0
for turn in range(300):
    body = bytearray(whole)
    for _ in range(rng.randrange(1, 6)):
        # Half of the changes hit the header and the links of higher levels, where a wrong byte does most.
        low, high = rng.choice([(0, len(body)), (0, 96), (len(body) - 4000, len(body))])
        body[rng.randrange(low, high)] = rng.randrange(256)
    path.write_bytes(body)
    try:
        index = HnswIndex.load(path, IndexSpec("hnsw", dim, count, m, 200, 64), products=count)
    except BundleError:
        continue
    opened += 1
    hits = index.search(np.eye(dim, dtype=np.float32)[:3], 20)
    assert hits.rows.max() < count
print("opened", opened)
"""


def test_no_byte_of_a_graph_ends_the_process(tmp_path: Path) -> None:
    _, path = graph(tmp_path)
    numbers = [str(number) for number in (COUNT, DIM, M)]
    found = subprocess.run([sys.executable, "-c", FUZZ, str(path), *numbers], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
    assert int(found.stdout.split()[1]) > 10


def test_a_graph_without_vectors_is_one(tmp_path: Path) -> None:
    built = HnswIndex.build(np.zeros((3, DIM), np.float32), np.zeros(3, bool), threads=1)
    built.save(tmp_path / "index.hnsw")
    assert len(HnswIndex.load(tmp_path / "index.hnsw", built.spec, products=3)) == 0


# --- the header alone: three vectors of two dimensions, of two links each, four on the lowest level ---

DATA, LABEL, THREE = 4 * 4 + 4, 4 * 4 + 4 + 4 * 2, 28 + 8
FIELDS = {"first": 0, "most": 3, "count": 3, "row": THREE, "label": LABEL, "data": DATA}
FIELDS |= {"level": 1, "entry": 2, "links": 2, "links0": 4}


def header(size: int = HEAD + 3 * THREE, **changes: int) -> hnsw_file.GraphHeader:
    body = struct.pack("<6QiI3QdQ", *(FIELDS | changes).values(), 2, 0.5, 200)
    return read_header(io.BytesIO(body), size)


def wider(links0: int) -> dict[str, int]:
    """What the fields are of so many links on the lowest level."""
    data = links0 * 4 + 4
    return {"links0": links0, "data": data, "label": data + 8, "row": data + 16}


def test_a_header_says_what_its_fields_say() -> None:
    assert header() == hnsw_file.GraphHeader(3, 2, THREE, 2, 4, 1, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"most": 2**31 - 1},
        {"level": 0},
        {"level": 64},
        {"entry": 0},
        {"links": 20_000},
        {"size": HEAD + 3 * (20_000 * 4 + 20), **wider(20_000)},
        {"label": DATA, "row": DATA + 8},
        {"count": 0, "level": -1, "entry": 2**32 - 1, "size": HEAD},
    ],
)
def test_the_last_value_that_may_be_is_taken(changes: dict[str, int]) -> None:
    assert header(**changes).count == changes.get("count", 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"most": 2**31},
        {"most": 2},
        {"level": -1},
        {"level": 65},
        {"entry": 3},
        {"links": 20_001},
        {"size": HEAD + 3 * (20_001 * 4 + 20), **wider(20_001)},
        {"first": 1},
        {"data": DATA + 4},
        {"label": DATA - 4, "row": DATA + 4},
        {"label": LABEL - 2, "row": THREE - 2},
        {"row": THREE + 4},
        {"row": THREE - 4},
        {"size": HEAD + 3 * THREE - 1},
    ],
)
def test_the_first_value_that_may_not_be_is_refused(changes: dict[str, int]) -> None:
    with pytest.raises(GraphFault):
        header(**changes)


def test_a_graph_names_only_products_that_there_are(tmp_path: Path) -> None:
    _, path = graph(tmp_path)
    assert check_graph(path, COUNT).count == COUNT
    with pytest.raises(GraphFault, match="one that the bundle lacks"):
        check_graph(path, COUNT - 1)


def test_blocks_are_read_to_the_last_vector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = graph(tmp_path)
    whole = path.read_bytes()
    monkeypatch.setattr(hnsw_file, "_BLOCK", 150)
    assert check_graph(path, COUNT).count == COUNT
    for component in (0, DIM - 1):
        body = bytearray(whole)
        struct.pack_into("<f", body, HEAD + (COUNT - 1) * ROW + 4 + 4 * 2 * M + 4 * component, float("inf"))
        path.write_bytes(body)
        with pytest.raises(GraphFault, match="no number"):
            check_graph(path, COUNT)


def test_links_of_every_level_are_looked_at(tmp_path: Path) -> None:
    """Also those of the highest, and a file that ends within them is cut off."""
    _, path = graph(tmp_path)
    whole, width = path.read_bytes(), 4 * M + 4
    found, place = {}, HEAD + COUNT * ROW
    for _ in range(COUNT):
        word, length = place, struct.unpack_from("<I", whole, place)[0]
        for level in range(length // width):
            found[level] = place + 4 + level * width
        place += 4 + length
    assert len(found) > 1
    for start in found.values():
        body = bytearray(whole)
        struct.pack_into("<HxxI", body, start, 1, COUNT)
        path.write_bytes(body)
        with pytest.raises(GraphFault, match="out of the graph"):
            check_graph(path, COUNT)
    for end, fault in ((word + 2, "another length"), (found[0] + 3, "cut off")):
        path.write_bytes(whole[:end])
        with pytest.raises(GraphFault, match=fault):
            check_graph(path, COUNT)
