"""Exact and HNSW search over 164,900 x 768 vectors: time, recall, memory, beside a plain matrix product.

    python -m benchmarks.exact_search [--products N]

Vectors are made up: clusters, as product titles have them, on the unit sphere.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import psutil

from benchmarks.sqid_like import DIM, PRODUCTS, table
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed
from sqid_core.indexes.protocol import recall

QUERIES, K = 50, 100


def clustered(count: int, dim: int = DIM, clusters: int = 2_000, seed: int = 0) -> np.ndarray:
    """(count, dim) unit vectors about random centres."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((clusters, dim), dtype=np.float32)
    vectors = centres[rng.integers(clusters, size=count)]
    vectors += 0.9 * rng.standard_normal((count, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def per_query(search: Callable[[np.ndarray], object], queries: np.ndarray) -> float:
    """Median seconds of one query at a time."""
    times = []
    for query in queries:
        start = time.perf_counter()
        search(query[None])
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def megabytes() -> float:
    return psutil.Process().memory_info().rss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--products", type=int, default=PRODUCTS)
    count = parser.parse_args().products
    everything = clustered(count + QUERIES)
    vectors, queries, present = everything[:count], everything[count:], np.ones(count, bool)

    exact = ExactIndex(vectors, present)
    truth = exact.search(queries, K)
    matrix_product = per_query(lambda q: np.argpartition(-(vectors @ q[0]), K)[:K], queries)
    times = {"exact": per_query(lambda q: exact.search(q, K), queries), "matrix product + argpartition": matrix_product}
    rows = [
        (name, "", f"{t * 1e3:.1f}", f"{t / matrix_product:.2f}", "1.000", f"{vectors.nbytes / 1e6:.0f}")
        for name, t in times.items()
    ]
    if hnswlib_installed():
        before, start = megabytes(), time.perf_counter()
        index = HnswIndex.build(vectors, present)
        built, memory = time.perf_counter() - start, megabytes() - before
        for ef in (64, 128, 256, 512):
            searched = index.with_ef(ef)
            seconds = per_query(lambda q, i=searched: i.search(q, K), queries)  # type: ignore[misc]
            share = recall(searched.search(queries, K), truth)
            cells = (
                f"{built:.0f}",
                f"{seconds * 1e3:.1f}",
                f"{seconds / matrix_product:.2f}",
                f"{share:.3f}",
                f"{memory:.0f}",
            )
            rows.append((f"HNSW, ef {ef} (at least k)", *cells))
    print(f"{count:,} x {DIM}, k = {K}, {QUERIES} queries one at a time")
    print(table(("", "build, s", "query, ms", "ratio", f"recall@{K}", "memory, MB"), rows))


if __name__ == "__main__":
    main()
