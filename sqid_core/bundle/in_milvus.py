"""The signals of a bundle that are indexed in a Milvus server. The bundle says which and how, never where.

The collection's name follows from what it holds, by the hashes of the manifest: other vectors, products or categories
are another collection, and no bundle can name one that holds what it has not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from ..errors import BundleError
from ..indexes.hnsw import INDEX, LABEL_ROWS
from ..indexes.milvus import MilvusIndex
from ..indexes.milvus_collection import MILVUS_TYPES, holds
from ..indexes.milvus_server import MilvusServer
from ..indexes.protocol import IndexSpec
from ..types import Array
from .load import CATEGORIES, Dataset
from .manifest import Manifest
from .shown_pictures import STATUS_TABLE
from .signals import DenseSignal
from .stored_slates import SLATES, slates_file
from .write import BundleWriter

_VECTORS = ("products.npy", "present.npy")


def in_milvus(manifest: Manifest) -> dict[str, IndexSpec]:
    """The signals that are indexed in Milvus, and how."""
    signals = manifest.signals.items()
    specs = {name: spec.index["spec"] for name, spec in signals if spec.index and spec.index_kind in MILVUS_TYPES}
    return {name: msgspec.convert(spec, IndexSpec) for name, spec in specs.items()}


def collection_of(manifest: Manifest, specs: Mapping[str, IndexSpec]) -> str:
    """The name of the collection that holds these signals of a bundle."""
    tables = [manifest.files.get(name, "") for name in ("products.parquet", CATEGORIES, STATUS_TABLE)]
    signals = {
        name: [specs[name].to_json(), *(manifest.files[f"signals/{name}/{file}"] for file in _VECTORS)]
        for name in sorted(specs)
    }
    made_of = json.dumps([tables, signals], sort_keys=True)
    return f"sqid_{hashlib.sha256(made_of.encode()).hexdigest()[:24]}"


def milvus_indexes(dataset: Dataset, server: MilvusServer) -> dict[str, MilvusIndex]:
    """The bundle's indexes in Milvus by signal, empty where it has none. Raises ServerError, and BundleError where the
    server does not hold them."""
    specs = in_milvus(dataset.manifest)
    if not specs:
        return {}
    name, count = collection_of(dataset.manifest, specs), len(dataset.products)
    if not holds(server, name, count):
        raise BundleError(
            f"Milvus at {server.place.uri} does not hold the vectors of {dataset.name} as they are now; run python -m "
            f"precompute index {dataset.folder} --engine milvus again"
        )
    return {signal: MilvusIndex(server, name, signal, spec, count) for signal, spec in specs.items()}


def write_in_milvus(
    writer: BundleWriter, dataset: Dataset, indexed: Mapping[str, tuple[IndexSpec, Mapping[str, float | int]]]
) -> None:
    """Notes how the signals are indexed in Milvus and what was measured, in place of other indexes; another signal is
    there no more. Their scores of judged pairs are stored, so that whoever opens the bundle needs no vectors for them.
    """
    for name in writer.manifest.signals:
        signal = dataset.signals[name]
        if not isinstance(signal, DenseSignal):
            continue
        if name in indexed:
            _note(writer, dataset, signal, *indexed[name])
        elif name in in_milvus(writer.manifest):
            _write(writer, signal, None, {})


def _note(
    writer: BundleWriter,
    dataset: Dataset,
    signal: DenseSignal,
    spec: IndexSpec,
    measured: Mapping[str, float | int],
) -> None:
    manifest, place = writer.manifest, f"signals/{signal.name}/"
    scores = signal.slate_scores(dataset.judgements)
    old = (f"{place}{file}" for file in (INDEX, LABEL_ROWS))
    writer.forget([*old, *(file for file in manifest.files if file.startswith(f"{place}{SLATES}"))])
    index = {"spec": spec.to_json(), "measured": dict(measured)}
    _write(writer, signal, index, {slates_file(manifest, signal.name): (scores, np.float64)})


def _write(
    writer: BundleWriter,
    signal: DenseSignal,
    index: Mapping[str, Any] | None,
    arrays: Mapping[str, tuple[Array, Any]],
) -> None:
    spec = replace(writer.manifest.signals[signal.name], index=index)
    about = {"encoder": writer.manifest.encoders[signal.encoder].to_json()}
    writer.write_signal_files(signal.name, spec, arrays, about)
