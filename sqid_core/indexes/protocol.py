"""What every index is: its spec, what a search finds, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from ..types import Array, Floats, Vectors
from ..wording import counted

NO_ROW = -1
# More than float32 sums of one product differ by, in whatever order they are added.
_SAME = np.float32(1e-6)


@dataclass(frozen=True)
class IndexSpec:
    """What an index is. m, ef_construction, ef: HNSW's (Malkov & Yashunin 2016); unused by the exact index.

    count is the number of vectors held, which excludes absent products. dead: vectors that the graph still holds, but
    that are never found, since their products are gone or have others. by: what built a graph, where not hnswlib.
    """

    kind: str
    dim: int
    count: int
    m: int = 16
    ef_construction: int = 200
    ef: int = 64
    dead: int = 0
    by: Literal["", "cuvs"] = ""

    def __str__(self) -> str:
        return f"{counted(self.count, 'vector', 'vectors')} of {self.dim} dimensions"

    def to_json(self) -> dict[str, Any]:
        """Plain values; `IndexSpec(**values)` is equal to this one. dead and by only where there is something to say,
        so that a graph that hnswlib built at once is described as ever."""
        return {name: value for name, value in asdict(self).items() if name not in ("dead", "by") or value}


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


def check_query(vectors: Vectors, k: int, spec: IndexSpec) -> None:
    """Raises ValueError where vectors are not (q, D) of the index, or k is none."""
    if vectors.ndim != 2 or vectors.shape[1] != spec.dim:
        raise ValueError(f"expected query vectors (q, {spec.dim}), got {vectors.shape}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")


def padded_hits(found: Sequence[tuple[Array, Vectors]], k: int) -> Hits:
    """What was found for each query, (rows, scores) best first, filled up to k."""
    hits = Hits(np.full((len(found), k), NO_ROW, np.int32), np.full((len(found), k), -np.inf, np.float32))
    for i, (rows, scores) in enumerate(found):
        hits.rows[i, : len(rows)] = rows
        hits.scores[i, : len(rows)] = scores
    return hits


def recalls(found: Hits, exact: Hits) -> Floats:
    """(q,) share of the exact hits that were found, both (q, k). A hit that scores as much as the last exact one is as
    good as that one, whichever of equal products it is (as in ann-benchmarks)."""
    wanted = (exact.rows != NO_ROW).sum(axis=1)
    last = exact.scores[np.arange(len(wanted)), np.maximum(wanted - 1, 0)]
    good = (found.rows != NO_ROW) & (found.scores >= last[:, None] - _SAME)
    return np.asarray(np.minimum(good.sum(axis=1), wanted) / np.maximum(wanted, 1))


def recall(found: Hits, exact: Hits) -> float:
    """The mean of `recalls`."""
    return float(np.mean(recalls(found, exact)))
