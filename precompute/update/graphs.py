"""The index of a signal whose vectors changed: added to and struck from, or built anew where too much of it is dead."""

from __future__ import annotations

import numpy as np

from precompute.work.progress import Progress, tell
from sqid_core.bundle.load import Dataset, load_index
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.indexes.hnsw import GRAPH, MOST_DEAD, HnswIndex, hnswlib_installed
from sqid_core.types import Bools, Positions, Vectors
from sqid_core.wording import numbered


def kept_index(
    writer: BundleWriter,
    before: Dataset,
    signal: str,
    moved: Positions,
    vectors: Vectors,
    present: Bools,
    progress: Progress,
) -> None:
    """Writes the index that a signal had, as it must be for the vectors (N, D) that are present (N,) now.

    moved: (M,) where each row of before is now, -1 where it is gone. Nothing is measured: `index` does that. Without
    hnswlib the index goes, and a sentence says so.
    """
    old = before.signals.get(signal)
    spec = before.manifest.signals[signal].index if signal in before.manifest.signals else None
    if spec is None or not isinstance(old, DenseSignal) or writer.manifest.signals[signal].index is not None:
        return
    if before.manifest.signals[signal].index_kind != GRAPH:
        tell(
            progress,
            "indexing",
            f"{signal}: Milvus holds the old vectors; run python -m precompute index again",
        )
        return
    if not hnswlib_installed():
        tell(progress, "indexing", f"{signal}: its index is dropped, since hnswlib is not installed to change it")
        return
    graph = load_index(before, signal)
    assert graph is not None
    held = graph.spec
    updated = graph.updated(old.products, np.asarray(moved), vectors, present)
    if updated is None:
        tell(progress, "indexing", f"{signal}: more than {MOST_DEAD:.0%} of its index would be dead; building it anew")
        updated = HnswIndex.build(vectors, present, held.m, held.ef_construction, held.ef)
    else:
        tell(
            progress,
            "indexing",
            f"{signal}: its index holds {numbered(len(updated), 'vectors')}, {updated.spec.dead:,} dead",
        )
    writer.write_index(signal, updated)
