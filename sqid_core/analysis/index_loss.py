"""What approximate search costs: NDCG and recall against exact search, and speed, by how hard it looks (ef)."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal
from ..evaluation.metrics import defined_mean, ndcg
from ..indexes.exact import ExactIndex
from ..indexes.hnsw import HnswIndex
from ..indexes.protocol import Hits, recalls
from ..sampling import even_sample
from ..types import Positions, Vectors

EFS = (10, 16, 32, 64, 128, 256)
QUERIES = 200
K = 10


def index_loss(
    dataset: Dataset, signal: DenseSignal, index: HnswIndex, gains: str | None = None, efs: Sequence[int] = EFS
) -> pd.DataFrame:
    """One row an ef, and a last one for exact search (ef nan): recall@10, ndcg@10, loss (of NDCG@10 against exact),
    queries a second (one thread at a time, as a visitor's search), queries measured.

    Over an even sample of at most 200 judged queries; an unjudged product is worth nothing, the ideal is of all judged.
    """
    rows = sampled_queries(dataset)
    vectors = np.asarray(signal.queries[rows])
    exact, exact_speed = _searched(ExactIndex(signal.products, signal.present), vectors)
    table = dataset.scale.gains(gains)
    judged = dataset.judgements.gains(table)[rows]

    traffic = None if dataset.traffic is None else dataset.traffic[rows]

    def scored(hits: Hits) -> float:
        return defined_mean(ndcg(dataset.judgements.gains_of(rows, hits.rows, table), judged, K), traffic)

    best = scored(exact)
    lines = []
    for ef in efs:
        found, speed = _searched(index.with_ef(ef), vectors)
        reached = defined_mean(recalls(found, exact), traffic)
        lines.append((float(ef), reached, scored(found), best - scored(found), speed, len(rows)))
    lines.append((float("nan"), 1.0, best, 0.0, exact_speed, len(rows)))
    names = ["ef", f"recall@{K}", f"ndcg@{K}", "loss", "queries a second", "queries"]
    return pd.DataFrame(lines, columns=names)


def sampled_queries(dataset: Dataset) -> Positions:
    """Rows of the judged queries that are measured."""
    judged = np.flatnonzero(dataset.judgements.lengths > 0)
    return judged[even_sample(len(judged), QUERIES)]


def _searched(index: ExactIndex | HnswIndex, vectors: Vectors) -> tuple[Hits, float]:
    """What is found for all vectors, and how many single searches there are in a second, by up to twenty of them."""
    timed = vectors[:20]
    begun = time.perf_counter()
    for vector in timed:
        index.search(vector[None], K)
    seconds = time.perf_counter() - begun
    return index.search(vectors, K), len(timed) / seconds if seconds else float("nan")
