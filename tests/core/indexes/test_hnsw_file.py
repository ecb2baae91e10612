"""A crafted graph is refused before hnswlib follows its links: it would end the process, and the tests with it."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sqid_core.errors import BundleError
from sqid_core.indexes.hnsw import HnswIndex

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
from sqid_core.indexes.hnsw import HnswIndex
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
