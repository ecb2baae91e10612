"""Nearest-neighbour search over one signal's product vectors: exact, and approximate (HNSW), under one protocol."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import BundleError
from ..types import Array, Bools, Positions, Vectors

NO_ROW = -1
# 64 queries' scores of 164,900 products are 42 MB; 4,096 vectors are a few seconds of building.
_QUERIES_AT_ONCE, _VECTORS_AT_ONCE = 64, 4096
# More than two float32 sums of one product can differ by, whatever their order.
_ROUNDING = np.float32(1e-4)


@dataclass(frozen=True)
class IndexSpec:
    """What an index is. m, ef_construction, ef: HNSW's (Malkov & Yashunin 2016); unused by the exact index.

    count is the number of vectors held, which excludes absent products.
    """

    kind: str
    dim: int
    count: int
    m: int = 16
    ef_construction: int = 200
    ef: int = 64

    def to_json(self) -> dict[str, Any]:
        """Plain values; `IndexSpec(**values)` is equal to this one."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Hits:
    """What a search found: rows (q, k) int32, best first, ties by row, -1 where there are fewer than k; scores (q, k)
    cosines, -inf there."""

    rows: npt.NDArray[np.int32] = field(repr=False)
    scores: Vectors = field(repr=False)


class SearchIndex(Protocol):
    """The k products whose vectors have the highest cosine with a query."""

    spec: IndexSpec

    def __len__(self) -> int: ...

    def search(self, vectors: Vectors, k: int) -> Hits:
        """vectors: (q, D) unit rows; k >= 1, more than `len` gives all. Absent products are never found."""
        ...


class ExactIndex:
    """Scores every product. The oracle, and fast enough to be the default: 40 ms for 164,900 x 768 on two cores."""

    def __init__(self, vectors: Vectors, present: Bools) -> None:
        self._vectors, self._present = vectors, present
        self.spec = IndexSpec("exact", vectors.shape[1], int(present.sum()))

    def __len__(self) -> int:
        return self.spec.count

    def search(self, vectors: Vectors, k: int) -> Hits:
        """As `SearchIndex.search`."""
        _check_query(vectors, k, self.spec)
        wanted = min(k, len(self))
        if len(vectors) == 1 or not wanted:
            return _padded([self._search_one(vector, wanted) for vector in vectors], k)
        blocks = (vectors[start : start + _QUERIES_AT_ONCE] for start in range(0, len(vectors), _QUERIES_AT_ONCE))
        return _padded([found for block in blocks for found in self._search_many(block, wanted)], k)

    def _search_one(self, vector: Vectors, k: int) -> tuple[Array, Vectors]:
        scores = np.where(self._present, np.vecdot(self._vectors, vector), np.float32(-np.inf))
        rows = top_rows(scores, k)
        return rows, scores[rows]

    def _search_many(self, vectors: Vectors, k: int) -> list[tuple[Array, Vectors]]:
        """What `_search_one` finds for each vector, several times faster: a matrix product finds who may be among the
        first k, and only those are scored as there, so that equal vectors keep equal scores."""
        rough = vectors @ self._vectors.T
        rough[:, ~self._present] = -np.inf

        def search(query: int) -> tuple[Array, Vectors]:
            lowest = np.partition(rough[query], -k)[-k]
            rows = np.flatnonzero(rough[query] >= lowest - _ROUNDING)
            scores = np.vecdot(self._vectors[rows], vectors[query])
            best = top_rows(scores, k)
            return rows[best], scores[best]

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(search, range(len(vectors))))


class HnswIndex:
    """hnswlib's graph over the products that are present. hnswlib is imported only here, when it is used."""

    def __init__(self, graph: Any, spec: IndexSpec) -> None:
        self._graph, self.spec = graph, spec
        graph.set_ef(spec.ef)

    def __len__(self) -> int:
        return self.spec.count

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        present: Bools,
        m: int = 16,
        ef_construction: int = 200,
        ef: int = 64,
        threads: int = -1,
        added: Callable[[int], None] = lambda _: None,
    ) -> HnswIndex:
        """An index over the present rows. Only threads=1 gives the same bytes again; -1 uses all cores.

        added: is told after each step how many vectors it added.
        """
        rows = np.flatnonzero(present)
        spec = IndexSpec("hnsw", vectors.shape[1], len(rows), m, ef_construction, ef)
        graph = _hnswlib().Index(space="ip", dim=spec.dim)
        graph.init_index(max_elements=max(spec.count, 1), M=m, ef_construction=ef_construction, random_seed=100)
        for start in range(0, spec.count, _VECTORS_AT_ONCE):
            some = rows[start : start + _VECTORS_AT_ONCE]
            graph.add_items(vectors[some], some, num_threads=threads)
            added(len(some))
        return cls(graph, spec)

    def save(self, path: Path) -> None:
        """Writes the graph; its spec (with ef and dim, which hnswlib does not keep) is the caller's to keep."""
        self._graph.save_index(str(path))

    @classmethod
    def load(cls, path: Path, spec: IndexSpec) -> HnswIndex:
        """The index that `save` wrote; BundleError if the file does not hold what the spec says."""
        # hnswlib reads a graph of another width without a word, so the file's own header is asked first.
        count, dim = _header(path)
        if (count, dim) != (spec.count, spec.dim if spec.count else dim):
            raise BundleError(
                f"{path} holds {count} vectors of {dim} dimensions, expected {spec.count} of {spec.dim}; "
                "run python -m precompute index again"
            )
        graph = _hnswlib().Index(space="ip", dim=spec.dim)
        try:
            graph.load_index(str(path), max_elements=max(spec.count, 1))
        except RuntimeError as error:
            raise BundleError(f"{path} is not an HNSW index ({error}); run python -m precompute index again") from error
        return cls(graph, spec)

    def with_ef(self, ef: int) -> HnswIndex:
        """The same graph searched with another ef. The graph is shared: use one of the two at a time."""
        return HnswIndex(self._graph, replace(self.spec, ef=ef))

    def search(self, vectors: Vectors, k: int) -> Hits:
        """As `SearchIndex.search`, approximately: at high ef the same as exact."""
        _check_query(vectors, k, self.spec)
        wanted = min(k, len(self))
        if not wanted:
            return _padded([(np.empty(0, np.int32), np.empty(0, np.float32))] * len(vectors), k)
        return _padded(self._found(vectors, wanted), k)

    def _found(self, vectors: Vectors, k: int) -> list[tuple[Array, Vectors]]:
        """The k nearest of each vector; fewer where the graph, of too few links, falls into pieces and no more can be
        reached, which hnswlib answers with an exception."""
        self._graph.set_ef(max(self.spec.ef, k))  # an ef below k finds fewer too
        try:
            rows, distances = self._graph.knn_query(vectors, k=k)
        except RuntimeError:
            if k == 1:
                raise
            if len(vectors) == 1:
                return self._found(vectors, k - 1 - k // 10)
            return [found for i in range(len(vectors)) for found in self._found(vectors[i : i + 1], k)]
        scores = (1 - distances).astype(np.float32)
        best_first = np.lexsort((rows, -scores), axis=-1)
        found = (np.take_along_axis(array, best_first, axis=-1) for array in (rows, scores))
        return list(zip(*found, strict=True))


def top_rows(scores: npt.NDArray[np.floating], k: int) -> Positions:
    """The k positions (N,) -> (k,) with the highest scores, best first, ties by position. No score may be nan."""
    if k >= len(scores):
        return _best_first(scores)
    threshold = np.partition(scores, -k)[-k]
    above = np.flatnonzero(scores > threshold)
    best_first = above[np.argsort(-scores[above], kind="stable")]
    # A constant signal ties a whole catalogue.
    return np.concatenate([best_first, np.flatnonzero(scores == threshold)[: k - len(above)]])


def _best_first(scores: npt.NDArray[np.floating]) -> Positions:
    """All positions, ties by position: numpy's fast sort, which is not stable, and then the ties put in order."""
    descending = -scores
    rows = np.argsort(descending)
    ranked = descending[rows]
    same = ranked[1:] == ranked[:-1]
    if same.any():
        tied = np.zeros(len(rows), dtype=bool)
        tied[1:] = same
        tied[:-1] |= same
        some = rows[tied]
        rows[tied] = some[np.lexsort((some, ranked[tied]))]
    return rows


def recall(found: Hits, exact: Hits) -> float:
    """Mean share of the exact hits that were found, both (q, k)."""
    shares = [
        len(np.intersect1d(ours[ours != NO_ROW], truth[truth != NO_ROW])) / max((truth != NO_ROW).sum(), 1)
        for ours, truth in zip(found.rows, exact.rows, strict=True)
    ]
    return float(np.mean(shares))


def hnswlib_installed() -> bool:
    """Whether HNSW can be used at all. Everything else works without."""
    try:
        _hnswlib()
    except ImportError:
        return False
    return True


def _hnswlib() -> Any:
    import hnswlib

    return hnswlib


def _header(path: Path) -> tuple[int, int]:
    """The number of vectors in an hnswlib file and their width, from its first six fields."""
    with path.open("rb") as file:
        head = file.read(48)
    if len(head) < 48:
        raise BundleError(f"{path} is cut off; run python -m precompute index again")
    _, _, count, _, label_offset, data_offset = struct.unpack("<6Q", head)
    return count, (label_offset - data_offset) // 4


def _check_query(vectors: Vectors, k: int, spec: IndexSpec) -> None:
    if vectors.ndim != 2 or vectors.shape[1] != spec.dim:
        raise ValueError(f"expected query vectors (q, {spec.dim}), got {vectors.shape}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")


def _padded(found: Sequence[tuple[Array, Vectors]], k: int) -> Hits:
    hits = Hits(np.full((len(found), k), NO_ROW, np.int32), np.full((len(found), k), -np.inf, np.float32))
    for i, (rows, scores) in enumerate(found):
        hits.rows[i, : len(rows)] = rows
        hits.scores[i, : len(rows)] = scores
    return hits
