"""Search in Milvus (pymilvus), past one machine: https://milvus.io. What is found is checked as a stranger's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError, ServerError
from ..types import Array, Vectors
from .conditions import Condition
from .milvus_collection import FLAT, field_of, presence_of
from .milvus_server import ASKING, MilvusServer
from .protocol import Hits, IndexSpec, check_query, padded_hits

# Milvus gives no more for one question.
MOST_HITS = 16_384
_MOST_EF = 32_768
_EVERYTHING = Condition()


class MilvusIndex:
    """One signal's vectors in a collection that `make_collection` wrote. products: how many rows it has, with and
    without a vector."""

    def __init__(self, server: MilvusServer, collection: str, signal: str, spec: IndexSpec, products: int) -> None:
        self._server, self._collection, self._field = server, collection, field_of(signal)
        self._signal, self._products, self.spec = signal, products, spec

    def __len__(self) -> int:
        return self.spec.count

    def __repr__(self) -> str:
        return f"MilvusIndex({self.spec}, {self.spec.kind}, {self._server.place.uri})"

    def with_ef(self, ef: int) -> MilvusIndex:
        """The same index searched with another ef."""
        return MilvusIndex(self._server, self._collection, self._signal, replace(self.spec, ef=ef), self._products)

    def search(self, vectors: Vectors, k: int, only: Condition = _EVERYTHING) -> Hits:
        """As `SearchIndex.search`, of the products that fit a condition. Raises ServerError, and InputError for a k
        that Milvus does not give."""
        check_query(vectors, k, self.spec)
        wanted = min(k, len(self))
        if wanted > MOST_HITS:
            raise InputError(f"Milvus gives at most {MOST_HITS:,} products for a query, {wanted:,} were asked for")
        if not wanted or only.impossible or not len(vectors):
            return padded_hits([(np.empty(0, np.int32), np.empty(0, np.float32))] * len(vectors), k)
        there = " and ".join(filter(None, [f"{presence_of(self._field)} == true", only.expression()]))
        ef = {} if self.spec.kind == FLAT else {"ef": min(max(self.spec.ef, wanted), _MOST_EF)}

        def ask(client: Any) -> Sequence[Sequence[Mapping[str, Any]]]:
            return client.search(
                self._collection,
                list(np.asarray(vectors, np.float32)),
                anns_field=self._field,
                limit=wanted,
                filter=there,
                search_params={"metric_type": "IP", "params": ef},
                # Where none are named Milvus Lite sends all fields, the vectors too.
                output_fields=["row"],
                timeout=ASKING * max(len(vectors) / 10, 1),
            )

        answer = self._server.asked(ask)
        if len(answer) != len(vectors):
            raise ServerError(f"{self!r} gave {len(answer)} answers to {len(vectors)} questions")
        return padded_hits([self._hits(hits) for hits in answer], k)

    def _hits(self, hits: Sequence[Mapping[str, Any]]) -> tuple[Array, Vectors]:
        """(rows, scores) best first, ties by row."""
        rows = np.array([hit["row"] for hit in hits], np.int64)
        scores = np.array([hit["distance"] for hit in hits], np.float32)
        if len(rows) and not (rows.min() >= 0 and rows.max() < self._products and np.isfinite(scores).all()):
            raise ServerError(
                f"{self!r} found a product that the bundle lacks, or a score that is no number; run python -m "
                "precompute index again"
            )
        best_first = np.lexsort((rows, -scores))
        return rows[best_first].astype(np.int32), scores[best_first]
