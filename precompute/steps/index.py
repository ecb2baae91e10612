"""An HNSW index for each signal of a bundle, and what it loses against exact search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.steps.index_graph import USUAL, GraphSpec, graph_of, questions
from precompute.work.progress import Progress, quiet, tell
from sqid_core.bundle.load import Dataset, load_bundle, load_index
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import ndcg
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import GRAPH, hnswlib_installed
from sqid_core.indexes.protocol import Hits, IndexSpec, SearchIndex, recall
from sqid_core.wording import numbered

KS = (10, 100)
# Below the first an index is told to be poor, below the second it is no index.
GOOD_RECALL, LEAST_RECALL = 0.9, 0.5
# Enough for three digits of recall, a few seconds at 164,900 products. The manifest says how many were used.
MOST_QUERIES = 1000


@dataclass(frozen=True)
class Indexed:
    """One signal's index. built: False where it was there. measured: None where it had been measured before."""

    signal: str
    vectors: int
    built: bool
    measured: Mapping[str, float | int] | None


def index(
    bundle: Path, spec: GraphSpec = USUAL, queries: int = MOST_QUERIES, progress: Progress = quiet
) -> tuple[Indexed, ...]:
    """Indexes every signal that has vectors; one that is indexed with the same numbers is left as it is.

    queries: how many judged queries, evenly chosen, recall and the loss in NDCG are measured on; 0 for all. Raises
    InputError where there is nothing to index, or hnswlib is not installed.
    """
    dataset = load_bundle(bundle)
    signals = [signal for signal in dataset.signals.values() if isinstance(signal, DenseSignal)]
    if not signals:
        raise InputError(f"{bundle} has no signals to index; run python -m precompute encode {bundle} first")
    if not hnswlib_installed():
        raise InputError(
            "hnswlib is not installed, so no index was built; the app searches exactly without one: "
            "pip install hnswlib if the catalogue is large"
        )
    return tuple(
        _indexed(dataset, signal, spec, queries or max(len(dataset.queries), MOST_QUERIES), progress)
        for signal in signals
    )


def _indexed(dataset: Dataset, signal: DenseSignal, spec: GraphSpec, queries: int, progress: Progress) -> Indexed:
    count = int(signal.present.sum())
    if not _is_indexed(dataset, signal, spec):
        return Indexed(signal.name, count, built=True, measured=_build(dataset, signal, spec, queries, progress))
    if not is_measured(dataset, signal):
        return Indexed(signal.name, count, built=False, measured=_measure_again(dataset, signal, queries, progress))
    tell(progress, "indexing", f"{signal.name}: indexed with these numbers already")
    return Indexed(signal.name, count, built=False, measured=None)


def _build(
    dataset: Dataset, signal: DenseSignal, spec: GraphSpec, queries: int, progress: Progress
) -> Mapping[str, float | int]:
    """Builds, measures and stores one index: what an interruption finds finished is kept."""
    with BundleWriter(dataset.folder) as writer:
        graph = graph_of(signal, dataset, spec, queries, progress)
        measured = measure(graph, signal, dataset, queries)
        writer.write_index(signal.name, graph, measured)
    tell(progress, "indexing", f"{signal.name}: {numbered(len(graph), 'vectors')}, {described(measured)}")
    return measured


def _measure_again(
    dataset: Dataset, signal: DenseSignal, queries: int, progress: Progress
) -> Mapping[str, float | int]:
    """The index is as it should be, but the judgements have changed since it was measured."""
    graph = load_index(dataset, signal.name)
    assert graph is not None
    measured = measure(graph, signal, dataset, queries)
    with BundleWriter(dataset.folder) as writer:
        writer.write_measured(signal.name, measured)
    tell(progress, "indexing", f"{signal.name}: indexed already, measured again: {described(measured)}")
    return measured


def measure(
    graph: SearchIndex, signal: DenseSignal, dataset: Dataset | None = None, queries: int = MOST_QUERIES
) -> dict[str, float | int]:
    """What the index loses against exact search, over an even sample of the queries, or of products without queries.

    recall@k: the mean share of the exact first k that it finds, or of others that score the same. With the data set,
    over its judged queries, also ndcg@k of its results, where an unjudged product is worth nothing and the ideal is of
    all judged products, and ndcg loss@k: how much higher exact search scores.
    """
    rows, vectors = questions(signal, dataset, queries)
    counted = {"queries" if len(rows) else "products": len(vectors)}
    exact = ExactIndex(signal.products, signal.present).search(vectors, max(KS))
    measured: dict[str, float | int] = {}
    for k in KS:
        found, truth = graph.search(vectors, k), Hits(exact.rows[:, :k], exact.scores[:, :k])
        measured[f"recall@{k}"] = round(recall(found, truth), 6)
        if dataset is not None and len(rows):
            measured |= _ndcg(dataset, rows, found, truth, k)
    return measured | counted


def described(measured: Mapping[str, float | int]) -> str:
    """What was measured, for reading."""
    # Adding 0 takes the sign from a loss of -0.0000.
    parts = [f"{name} {round(value, 4) + 0:.4f}" for name, value in measured.items() if "@" in name]
    used = next(name for name in ("queries", "products") if name in measured)
    low = min(float(measured[f"recall@{k}"]) for k in KS) < GOOD_RECALL
    advice = "; it misses much of what exact search finds: raise --ef or --m, or do without" if low else ""
    return f"{', '.join(parts)} against exact search, on {numbered(int(measured[used]), used)}{advice}"


def _ndcg(dataset: Dataset, rows: npt.NDArray[np.int64], found: Hits, exact: Hits, k: int) -> dict[str, float]:
    """Empty where no query has a gain."""
    table = dataset.scale.gains()
    judged = dataset.judgements.gains(table)[rows]
    approximate, best = (
        ndcg(dataset.judgements.gains_of(rows, hits.rows, table), judged, k) for hits in (found, exact)
    )
    if np.isnan(best).all():
        return {}
    loss = float(np.nanmean(best - approximate))
    return {f"ndcg@{k}": round(float(np.nanmean(approximate)), 6), f"ndcg loss@{k}": round(loss, 6)}


def _is_indexed(dataset: Dataset, signal: DenseSignal, spec: GraphSpec) -> bool:
    """Whether there is an index with these numbers."""
    stored = dataset.manifest.signals[signal.name].index
    if stored is None:
        return False
    there = IndexSpec(**stored["spec"])
    # A GPU's graph may have got a higher ef than was asked for.
    same_ef = there.ef >= spec.ef if there.by else there.ef == spec.ef
    return same_ef and (there.kind, there.m, there.ef_construction) == (GRAPH, spec.links, spec.care)


def is_measured(dataset: Dataset, signal: DenseSignal) -> bool:
    """Whether all was measured that is measured today, on the judgements of today."""
    stored = dataset.manifest.signals[signal.name].index
    return stored is not None and all(f"recall@{k}" in stored["measured"] for k in KS)
