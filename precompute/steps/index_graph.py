"""A signal's HNSW graph: by a GPU where cuVS and one are there, else by the processor; it is said by which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precompute.work.progress import Counter, Progress, tell
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import InputError
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex
from sqid_core.indexes.hnsw_on_gpu import GpuFault, build_on_gpu
from sqid_core.indexes.protocol import recall
from sqid_core.sampling import even_sample
from sqid_core.types import Vectors

DEVICES = ("auto", "cpu", "cuda")
# A processor builds these in two seconds; a GPU takes as long to begin.
LEAST_VECTORS = 2_000
# Recall@100 of a GPU's graph, for which its ef is raised: as the processor's can be 1 at best, at most .005 below that.
ENOUGH, MOST_EF = 0.995, 1024
# A graph that stays below even at the highest ef is none: cuVS' inner product once found an eighth (its issue 841).
LEAST = 0.9
_K = 100


@dataclass(frozen=True)
class GraphSpec:
    """How an index is built. links: of a node (M), 2 to 10,000. care, ef: in building and in searching, at least 1; a
    GPU's graph may get a higher ef. threads: -1 for all cores; only 1 gives the same bytes on every run, by the
    processor. device: one of DEVICES; "cuda" is never replaced by the processor."""

    links: int = 24
    care: int = 130
    ef: int = 64
    threads: int = -1
    device: str = "auto"


USUAL = GraphSpec()


def graph_of(
    signal: DenseSignal, dataset: Dataset | None, spec: GraphSpec, queries: int, progress: Progress
) -> HnswIndex:
    """The graph of a signal's present products. dataset, queries: as `questions` takes them, for a GPU's ef.

    Raises InputError where `device` is "cuda" and no graph comes of that.
    """
    count = int(signal.present.sum())
    reason = _why_not_on_gpu(spec, count)
    if not reason:
        try:
            return _on_gpu(signal, dataset, spec, queries, progress)
        except GpuFault as fault:
            reason = str(fault)
    if spec.device == "cuda":
        raise InputError(f"{signal.name} was not indexed on the GPU: {reason}; --device cpu builds it without one")
    tell(progress, "indexing", f"{signal.name}: on the CPU ({reason})")
    with Counter(progress, f"{signal.name}: indexing", count, "vectors") as counter:
        numbers = spec.links, spec.care, spec.ef, spec.threads
        return HnswIndex.build(signal.products, signal.present, *numbers, counter.advance)


def _why_not_on_gpu(spec: GraphSpec, count: int) -> str:
    if spec.device == "cpu":
        return "as asked"
    if spec.threads == 1:
        return "only there one thread gives the same bytes again"
    return "" if count >= LEAST_VECTORS else "for few vectors as fast as a GPU"


def _on_gpu(
    signal: DenseSignal, dataset: Dataset | None, spec: GraphSpec, queries: int, progress: Progress
) -> HnswIndex:
    graph = build_on_gpu(signal.products, signal.present, spec.links, spec.care, spec.ef, spec.threads)
    _, vectors = questions(signal, dataset, queries)
    exact = ExactIndex(signal.products, signal.present).search(vectors, _K)
    while (found := recall(graph.search(vectors, _K), exact)) < ENOUGH and graph.spec.ef < MOST_EF:
        # Below k, ef counts as k.
        graph = graph.with_ef(min(2 * max(graph.spec.ef, _K // 2), MOST_EF))
    if found < LEAST:
        raise GpuFault(f"cuvs' graph finds {found:.0%} of the nearest {_K} at ef {graph.spec.ef:,}")
    raised = f", ef {graph.spec.ef:,} for a recall@{_K} of {found:.4f}" if graph.spec.ef != spec.ef else ""
    tell(progress, "indexing", f"{signal.name}: on the GPU by cuvs{raised}")
    return graph


def questions(signal: DenseSignal, dataset: Dataset | None, most: int) -> tuple[npt.NDArray[np.int64], Vectors]:
    """What an index is measured on: rows of judged queries, evenly chosen, at most so many, and their vectors (n, D).
    In a catalogue alone no rows, and products, which look for their like. Without a data set all queries count."""
    judged = np.arange(len(signal.queries)) if dataset is None else np.flatnonzero(dataset.judgements.lengths > 0)
    rows = judged[even_sample(len(judged), most)]
    if len(rows):
        return rows, np.asarray(signal.queries[rows])
    present = np.flatnonzero(signal.present)
    return rows, np.asarray(signal.products[present[even_sample(len(present), most)]])
