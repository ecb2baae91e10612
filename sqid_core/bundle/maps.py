"""Maps: the products and queries of a signal in two dimensions, made of its vectors and stored beside them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import BundleError, InputError
from ..types import Labels, Vectors
from .arrays import read_array
from .load import Dataset
from .manifest import MapSpec, safe_path
from .manifest_parts import map_files, vectors_digest
from .signals import DenseSignal
from .write import BundleWriter

UMAP, PCA = "umap", "pca"
# For people.
METHODS = {UMAP: "UMAP", PCA: "the first two principal components"}
NO_CLUSTER = -1


@dataclass(frozen=True, eq=False)
class CatalogueMap:
    """A signal's map. products: (N, 2) float32 places, nan where a product has no vector. queries: (Q, 2) float32.
    clusters: (N,) int8 from 0, `NO_CLUSTER` where a product has no place. words: what sets each cluster apart."""

    signal: str
    spec: MapSpec
    products: Vectors = field(repr=False)
    queries: Vectors = field(repr=False)
    clusters: Labels = field(repr=False)


def write_map(writer: BundleWriter, made: CatalogueMap) -> None:
    """Stores a map. Raises InputError for arrays of other types than a map has."""
    files = map_files(made.signal)
    writer.write_array(files["products"], made.products, np.float32)
    writer.write_array(files["queries"], made.queries, np.float32)
    writer.write_array(files["clusters"], made.clusters, np.int8)
    writer.name_map(made.signal, made.spec)


def read_map(dataset: Dataset, signal: str) -> CatalogueMap:
    """The stored map of a signal. Raises InputError where the bundle has none, and BundleError for what is no map of
    its vectors."""
    spec = dataset.manifest.maps.get(signal)
    again = f"run python -m precompute map {dataset.folder} --signal {signal} --again"
    if spec is None:
        raise InputError(f"bundle {dataset.name} has no map of {signal}; {again.removesuffix(' --again')}")
    place = dataset.folder / "maps" / signal
    if not spec.of or spec.of != vectors_digest(dataset.manifest, signal):
        raise BundleError(f"{place} is of other vectors than {signal} has; {again}")
    if spec.method not in METHODS:
        raise BundleError(f"{place} was made by {spec.method!r}, expected one of {', '.join(METHODS)}; {again}")
    files = {name: safe_path(dataset.folder, file) for name, file in map_files(signal).items()}
    count = len(dataset.products)
    products: Vectors = read_array(files["products"], (count, 2), np.float32, again)
    queries: Vectors = read_array(files["queries"], (len(dataset.queries), 2), np.float32, again)
    clusters: Labels = read_array(files["clusters"], (count,), np.int8, again)
    placed = np.isfinite(products).all(axis=1)
    if not (np.isfinite(queries).all() and (placed | np.isnan(products).all(axis=1)).all()):
        raise BundleError(f"{place} has places that are no numbers; {again}")
    if (clusters < NO_CLUSTER).any() or (clusters >= len(spec.clusters)).any() or (placed != (clusters >= 0)).any():
        raise BundleError(f"{place} names clusters that it does not have; {again}")
    holder = dataset.signals[signal]
    if isinstance(holder, DenseSignal) and not np.array_equal(placed, holder.present):
        raise BundleError(f"{place} does not hold the products that have vectors; {again}")
    return CatalogueMap(signal, spec, products, queries, clusters)
