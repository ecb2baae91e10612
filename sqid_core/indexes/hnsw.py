"""Approximate search by hnswlib's graph (HNSW), which is imported only when it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BundleError
from ..types import Array, Bools, LabelRows, Positions, Rows, Vectors
from .hnsw_file import GraphFault, check_graph
from .protocol import NO_ROW, Hits, IndexSpec, check_query, padded_hits

# 4,096 vectors are a few seconds of building.
_VECTORS_AT_ONCE = 4096
# Vectors about which the others are gathered before a graph is built.
_MARKS = 256
_AGAIN = "run python -m precompute index again"
# Beyond this share of dead vectors a graph is built anew: they are walked through at every search.
MOST_DEAD = 0.2
# The kind in its spec, and its file.
GRAPH, INDEX = "hnsw", "index.hnsw"
# Beside a graph that was added to, or that a GPU built of some products: the product row of each label.
LABEL_ROWS = "index_rows.npy"


class HnswIndex:
    """hnswlib's graph over the products that are present. hnswlib is imported only here, when it is used.

    rows: (L,) the product row behind each label of the graph, -1 where it is dead; None where labels are rows.
    """

    def __init__(self, graph: Any, spec: IndexSpec, rows: LabelRows | None = None) -> None:
        self._graph, self.spec, self.rows = graph, spec, rows
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
        m: int = 24,
        ef_construction: int = 130,
        ef: int = 64,
        threads: int = -1,
        added: Callable[[int], None] = lambda _: None,
    ) -> HnswIndex:
        """An index over the present rows. Only threads=1 gives the same bytes again; -1 uses all cores.

        added: is told after each step how many vectors it added.
        """
        rows = _near_together(vectors, np.flatnonzero(present))
        spec = IndexSpec(GRAPH, vectors.shape[1], len(rows), m, ef_construction, ef)
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
    def load(cls, path: Path, spec: IndexSpec, rows: LabelRows | None = None, products: int = 2**31 - 1) -> HnswIndex:
        """The index that `save` wrote. rows: its labels'. products: how many there are.

        Raises BundleError if the file does not hold what the spec says, or a link that leads out of it: hnswlib would
        follow that, and the process end without a word.
        """
        try:
            found = check_graph(path, products if rows is None else len(rows))
        except (OSError, GraphFault) as error:
            raise BundleError(f"{path} is not an HNSW index ({error}); {_AGAIN}") from None
        # hnswlib reads a graph of another width without a word, so the file's own header is asked first.
        held = spec.count + spec.dead
        if (found.count, found.dim) != (held, spec.dim if held else found.dim):
            raise BundleError(
                f"{path} holds {found.count} vectors of {found.dim} dimensions, expected {held} of {spec.dim}; {_AGAIN}"
            )
        graph = _hnswlib().Index(space="ip", dim=spec.dim)
        try:
            graph.load_index(str(path), max_elements=max(held, 1))
        except RuntimeError as error:
            raise BundleError(f"{path} is not an HNSW index ({error}); {_AGAIN}") from error
        return cls(graph, spec, rows)

    def with_ef(self, ef: int) -> HnswIndex:
        """The same graph searched with another ef. The graph is shared: use one of the two at a time."""
        return HnswIndex(self._graph, replace(self.spec, ef=ef), self.rows)

    def updated(
        self, before: Vectors, moved: Positions, vectors: Vectors, present: Bools, threads: int = -1
    ) -> HnswIndex | None:
        """The index of changed products: what is gone or has another vector is marked deleted, what is new is added.

        before: (M, D) what it was built over. moved: (M,) where each of those rows is now, -1 where it is gone.
        vectors, present: (N, D), (N,) of now. None where the dead would be more than MOST_DEAD of all: then it must
        be built anew. This index must not be used any more.
        """
        labels = np.sort(np.asarray(self._graph.get_ids_list(), dtype=np.int64))
        old = np.arange(len(before), dtype=np.int32) if self.rows is None else self.rows
        labels = labels[old[labels] >= 0]
        now = moved[old[labels]]
        kept = (now >= 0) & present[now]
        kept[kept] = _equal_rows(before, old[labels[kept]], vectors, now[kept])
        lacking = present.copy()
        lacking[now[kept]] = False
        added = np.flatnonzero(lacking)
        if kept.all() and not len(added) and self.rows is None and (now == labels).all():
            return self
        dead = self.spec.dead + int((~kept).sum())
        spec = replace(self.spec, count=int(present.sum()), dead=dead)
        if not spec.count or dead > MOST_DEAD * (spec.count + dead):
            return None
        rows = np.full(len(old) + len(added), NO_ROW, np.int32)
        rows[labels[kept]] = now[kept]
        rows[len(old) :] = added
        for label in labels[~kept]:
            self._graph.mark_deleted(int(label))
        self._graph.resize_index(spec.count + dead)
        if len(added):
            self._graph.add_items(vectors[added], np.arange(len(old), len(rows)), num_threads=threads)
        return HnswIndex(self._graph, spec, rows)

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
        rows = rows if self.rows is None else self.rows[rows]
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


def _near_together(vectors: Vectors, rows: Positions) -> Positions:
    """The rows (n,), those of near vectors one after the other: what one insertion reads, the next finds in the
    processor's cache. Few fit into it anyway."""
    if len(rows) <= _VECTORS_AT_ONCE:
        return rows
    marks = vectors[rows[:: len(rows) // _MARKS]].T
    starts = range(0, len(rows), _VECTORS_AT_ONCE)
    nearest = [(vectors[rows[start : start + _VECTORS_AT_ONCE]] @ marks).argmax(axis=1) for start in starts]
    return rows[np.argsort(np.concatenate(nearest), kind="stable")]


def _equal_rows(one: Vectors, rows: Rows, other: Vectors, others: Rows) -> Bools:
    """(n,) whether one[rows] and other[others] are the same to the last bit, a block at a time."""
    starts = range(0, len(rows), _VECTORS_AT_ONCE)
    parts = [
        (one[rows[start : start + _VECTORS_AT_ONCE]] == other[others[start : start + _VECTORS_AT_ONCE]]).all(axis=1)
        for start in starts
    ]
    return np.concatenate([np.empty(0, bool), *parts])
