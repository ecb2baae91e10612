"""Whether a bundle's indexes find what the manifest says they do, those in Milvus too."""

from __future__ import annotations

import os

from precompute.steps.index import KS, LEAST_RECALL, MOST_QUERIES, described, measure
from sqid_core.bundle.in_milvus import milvus_indexes
from sqid_core.bundle.load import Dataset, load_index
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import CheckError
from sqid_core.indexes.hnsw import GRAPH, hnswlib_installed
from sqid_core.indexes.milvus_server import URI, MilvusServer, milvus_place
from sqid_core.indexes.protocol import SearchIndex

# Another processor rounds otherwise and may swap near-equal neighbours: how far a measure may then move.
_INDEX_TOLERANCES = {"recall": 0.02, "ndcg": 0.005, "ndcg loss": 0.005}


class Skipped(str):
    """What a check says that does not apply here."""

    __slots__ = ()


def check_indexes(dataset: Dataset) -> str:
    """What each index finds, held to what the manifest says. Raises CheckError."""
    indexed = [name for name, spec in dataset.manifest.signals.items() if spec.index is not None]
    if not indexed:
        return Skipped("none; searches are exact")
    graphs = [name for name in indexed if dataset.manifest.signals[name].index_kind == GRAPH]
    if graphs and not hnswlib_installed():
        return Skipped("hnswlib is not installed; searches are exact")
    place = milvus_place(os.environ)
    if not graphs and place is None:
        return Skipped(f"they are in Milvus, and {URI} does not say where; searches are exact")
    found = [_index(dataset, name, load_index(dataset, name)) for name in graphs]
    found += [] if place is None else _in_milvus(dataset, MilvusServer(place))
    return "; ".join(found)


def _in_milvus(dataset: Dataset, server: MilvusServer) -> list[str]:
    try:
        return [_index(dataset, name, index) for name, index in milvus_indexes(dataset, server).items()]
    finally:
        server.close()


def _index(dataset: Dataset, name: str, index: SearchIndex | None) -> str:
    signal = dataset.signals[name]
    if index is None or not isinstance(signal, DenseSignal) or len(index) != int(signal.present.sum()):
        raise CheckError(
            f"the index of {name} does not hold the signal's vectors; run python -m precompute index again"
        )
    said = (dataset.manifest.signals[name].index or {})["measured"]
    found = measure(index, signal, dataset, int(said.get("queries", MOST_QUERIES)))
    if min(float(found[f"recall@{k}"]) for k in KS) < LEAST_RECALL:
        raise CheckError(
            f"the index of {name} misses most of what exact search finds: {described(found)}; "
            f"run python -m precompute index {dataset.folder} again with a larger --ef and --m"
        )
    for key in found.keys() & said.keys():
        worse = said[key] - found[key]
        # Older bundles counted equal products as missed, so only a lower recall is a fault.
        apart = worse if key.startswith("recall") else abs(worse)
        if apart > _INDEX_TOLERANCES.get(key.partition("@")[0], 0):
            raise CheckError(
                f"the index of {name} has {key} {found[key]}, the manifest says {said[key]}; "
                f"run python -m precompute index {dataset.folder} again with another --ef"
            )
    return f"{name} {described(found)}"
