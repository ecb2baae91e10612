"""Approximate search by hnswlib's graph (HNSW), which is imported only when it is used."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BundleError
from ..types import Array, Bools, Vectors
from .protocol import Hits, IndexSpec, check_query, padded_hits

# 4,096 vectors are a few seconds of building.
_VECTORS_AT_ONCE = 4096


class HnswIndex:
    """hnswlib's graph over the products that are present. hnswlib is imported only here, when it is used."""

    def __init__(self, graph: Any, spec: IndexSpec) -> None:
        self._graph, self.spec = graph, spec
        graph.set_ef(spec.ef)

    def __len__(self) -> int:
        return self.spec.count

    def __repr__(self) -> str:
        return f"HnswIndex({self.spec}, m {self.spec.m}, ef {self.spec.ef})"

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
        check_query(vectors, k, self.spec)
        wanted = min(k, len(self))
        if not wanted:
            return padded_hits([(np.empty(0, np.int32), np.empty(0, np.float32))] * len(vectors), k)
        return padded_hits(self._found(vectors, wanted), k)

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
