"""The signals of a bundle in a Milvus server: built, checked to be whole, and measured against exact search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from precompute.steps.index import MOST_QUERIES, Indexed, described, is_measured, measure
from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.bundle.in_milvus import collection_of, in_milvus, write_in_milvus
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.indexes.milvus import MilvusIndex
from sqid_core.indexes.milvus_collection import HNSW, MOST_FIELDS, drop, holds, make_collection
from sqid_core.indexes.milvus_server import MilvusPlace, MilvusServer
from sqid_core.indexes.protocol import IndexSpec
from sqid_core.ranking.server_filters import ProductCodes


@dataclass(frozen=True)
class MilvusSpec:
    """How Milvus indexes. kind: a name in MILVUS_TYPES. links, care, ef: as in `GraphSpec`, of a graph. signals: which
    ones, all that have vectors where none is named."""

    kind: str = HNSW
    links: int = 16
    care: int = 200
    ef: int = 64
    signals: tuple[str, ...] = ()


def index_in_milvus(
    bundle: Path,
    place: MilvusPlace,
    spec: MilvusSpec = MilvusSpec(),
    queries: int = MOST_QUERIES,
    progress: Progress = quiet,
) -> tuple[Indexed, ...]:
    """Writes a collection of the signals' vectors and what filters ask, measures it, and notes it in the bundle; what
    is there with the same numbers is left as it is.

    queries: as in `index`. Raises InputError where there is nothing to index, and ServerError.
    """
    dataset = load_bundle(bundle)
    signals = _chosen(dataset, spec.signals)
    wanted = {
        signal.name: IndexSpec(
            spec.kind, signal.products.shape[1], int(signal.present.sum()), spec.links, spec.care, spec.ef
        )
        for signal in signals
    }
    server = MilvusServer(place)
    try:
        held = holds(server, collection_of(dataset.manifest, wanted), len(dataset.products))
        noted = held and in_milvus(dataset.manifest) == wanted
        if noted and all(is_measured(dataset, signal) for signal in signals):
            tell(progress, "indexing", f"{', '.join(wanted)}: in Milvus with these numbers already")
            return tuple(Indexed(name, each.count, built=False, measured=None) for name, each in wanted.items())
        if not held:
            _build(dataset, signals, wanted, server, progress)
        return _noted(dataset, signals, wanted, server, queries or len(dataset.queries), progress, built=not held)
    finally:
        server.close()


def _chosen(dataset: Dataset, names: Sequence[str]) -> list[DenseSignal]:
    able = {name: signal for name, signal in dataset.signals.items() if isinstance(signal, DenseSignal)}
    unknown = [name for name in names if name not in able]
    if not able or unknown:
        raise InputError(
            f"{dataset.folder} has no signal {unknown[0]!r} with vectors; it has: {', '.join(able) or 'none'}"
            if unknown
            else f"{dataset.folder} has no signals to index; run python -m precompute encode {dataset.folder} first"
        )
    chosen = [able[name] for name in dict.fromkeys(names or able)]
    if len(chosen) > MOST_FIELDS:
        raise InputError(
            f"a collection of Milvus has at most {MOST_FIELDS} vector fields, {dataset.name} has {len(chosen)} signals "
            "with vectors; name those that are to be searched, --signals NAME NAME"
        )
    return chosen


def _build(
    dataset: Dataset,
    signals: Sequence[DenseSignal],
    wanted: dict[str, IndexSpec],
    server: MilvusServer,
    progress: Progress,
) -> None:
    """The old collection goes last: until then who searches still has it."""
    before, name = in_milvus(dataset.manifest), collection_of(dataset.manifest, wanted)
    columns = ProductCodes.of(dataset.products).columns(dataset.products)
    vectors = {signal.name: (signal.products, signal.present) for signal in signals}
    with Counter(progress, "Milvus: indexing", len(dataset.products), "products") as counter:
        make_collection(server, name, vectors, columns, wanted, counter.advance)
    if before and (old := collection_of(dataset.manifest, before)) != name:
        drop(server, old)


def _noted(
    dataset: Dataset,
    signals: Sequence[DenseSignal],
    wanted: dict[str, IndexSpec],
    server: MilvusServer,
    queries: int,
    progress: Progress,
    built: bool,
) -> tuple[Indexed, ...]:
    name, found = collection_of(dataset.manifest, wanted), []
    for signal in signals:
        index = MilvusIndex(server, name, signal.name, wanted[signal.name], len(dataset.products))
        measured = measure(index, signal, dataset, queries)
        tell(progress, "indexing", f"{signal.name}: {len(index):,} vectors in Milvus, {described(measured)}")
        found.append(Indexed(signal.name, len(index), built, measured))
    with BundleWriter(dataset.folder) as writer:
        write_in_milvus(writer, dataset, {each.signal: (wanted[each.signal], each.measured or {}) for each in found})
    return tuple(found)
