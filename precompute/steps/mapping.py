"""Maps of a bundle's catalogue: for each signal with vectors, its products and queries in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from precompute.work.cluster_words import distinguishing_words
from precompute.work.progress import Progress, quiet, tell
from precompute.work.projection import EXTRA, clusters_of, principal_components, umap_places
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import MapSpec
from sqid_core.bundle.manifest_parts import vectors_digest
from sqid_core.bundle.maps import METHODS, NO_CLUSTER, PCA, UMAP, CatalogueMap, write_map
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.extras import needs
from sqid_core.types import Vectors
from sqid_core.wording import counted, listed

# Fewer products have hardly a neighbourhood: their principal components show all there is.
LEAST_FOR_UMAP = 100
_STEP = "mapping"


@dataclass(frozen=True)
class Drawing:
    """How a map is made. neighbours: how many near products UMAP keeps near, 2 to 200. min_dist: how near points may
    lie to each other, 0 to 1. dimensions: how many principal components it sees, at least 2. seed: of UMAP and of
    k-means."""

    neighbours: int = 15
    min_dist: float = 0.1
    dimensions: int = 50
    seed: int = 0

    def settings(self, method: str) -> dict[str, int | float]:
        """What the map's entry in the manifest says: only what had a part in it."""
        umap = {"neighbours": self.neighbours, "min_dist": self.min_dist} if method == UMAP else {}
        return umap | {"dimensions": self.dimensions, "seed": self.seed}


@dataclass(frozen=True)
class Mapped:
    """One signal's map. made: False where it was there. products: how many have a place."""

    signal: str
    made: bool
    method: str
    products: int
    queries: int
    clusters: int


def map_catalogue(
    bundle: Path,
    signals: Sequence[str] = (),
    encoder: str = "",
    drawing: Drawing = Drawing(),
    again: bool = False,
    progress: Progress = quiet,
) -> tuple[Mapped, ...]:
    """Makes the map of each signal that has vectors, or of those named, or of one encoder's; each is stored when it is
    done, and one that was made with the same numbers is left as it is.

    again: made anew all the same. Raises InputError where there is nothing to map, and without umap-learn.
    """
    dataset = load_bundle(bundle)
    chosen = _chosen(dataset, signals, encoder)
    needs(EXTRA, "sklearn.cluster")
    return tuple(_mapped(dataset, signal, drawing, again, progress) for signal in chosen)


def _chosen(dataset: Dataset, names: Sequence[str], encoder: str) -> list[DenseSignal]:
    """The signals to map. Raises InputError."""
    dense = {name: signal for name, signal in dataset.signals.items() if isinstance(signal, DenseSignal)}
    if not dense:
        raise InputError(
            f"bundle {dataset.name} has no vectors, so there is nothing to map; run python -m precompute encode "
            f"{dataset.folder} first"
        )
    for name in names:
        if name not in dense:
            what = "has no vectors of its own" if name in dataset.signals else "is not there"
            raise InputError(f"signal {name!r} of {dataset.folder} {what}; choose one with vectors: {', '.join(dense)}")
    encoders = dict.fromkeys(signal.encoder for signal in dense.values())
    if encoder and encoder not in encoders:
        raise InputError(
            f"no signal of {dataset.folder} is by an encoder {encoder!r}; choose one of: {', '.join(encoders)}"
        )
    found = [
        signal
        for name, signal in dense.items()
        if (not names or name in names) and (not encoder or signal.encoder == encoder)
    ]
    if not found:
        raise InputError(f"--signal and --encoder leave nothing to map: {listed(names)} is by another encoder")
    return found


def _mapped(dataset: Dataset, signal: DenseSignal, drawing: Drawing, again: bool, progress: Progress) -> Mapped:
    name, count = signal.name, int(signal.present.sum())
    method = UMAP if count >= LEAST_FOR_UMAP else PCA
    of, settings = vectors_digest(dataset.manifest, name), drawing.settings(method)
    stored = dataset.manifest.maps.get(name)
    if stored and not again and (stored.of, stored.method, dict(stored.settings)) == (of, method, settings):
        tell(progress, _STEP, f"{name}: mapped with these numbers already")
        return Mapped(name, False, method, count, len(signal.queries), len(stored.clusters))
    with BundleWriter(dataset.folder) as writer:
        if vectors_digest(writer.manifest, name) != of:
            raise InputError(f"signal {name} of {dataset.folder} was changed meanwhile; run it again")
        made = _made(dataset, signal, method, drawing, progress)
        write_map(writer, made)
    clusters = counted(len(made.spec.clusters), "cluster", "clusters")
    products, queries = counted(count, "product", "products"), counted(len(signal.queries), "query", "queries")
    tell(progress, _STEP, f"{name}: {products} and {queries} by {METHODS[method]}, {clusters}")
    return Mapped(name, True, method, count, len(signal.queries), len(made.spec.clusters))


def _made(dataset: Dataset, signal: DenseSignal, method: str, drawing: Drawing, progress: Progress) -> CatalogueMap:
    rows = np.flatnonzero(signal.present)
    tell(progress, _STEP, f"{signal.name}: principal components of {len(rows):,} vectors")
    components = principal_components(signal.products, signal.present, drawing.dimensions)
    seen, asked = components(signal.products[rows]), components(np.asarray(signal.queries))
    if method == UMAP:
        tell(progress, _STEP, f"{signal.name}: UMAP, which takes minutes where there are many")
        places, queries = umap_places(seen, asked, drawing.neighbours, drawing.min_dist, drawing.seed)
    else:
        places, queries = _first_two(seen), _first_two(asked)
    products = np.full((len(signal.present), 2), np.nan, dtype=np.float32)
    products[rows] = places
    clusters = np.full(len(signal.present), NO_CLUSTER, dtype=np.int8)
    clusters[rows] = clusters_of(seen, drawing.seed)
    words = distinguishing_words(dataset.products["title"].fillna("").tolist(), clusters)
    spec = MapSpec(vectors_digest(dataset.manifest, signal.name), method, drawing.settings(method), words)
    return CatalogueMap(signal.name, spec, products, queries, clusters)


def _first_two(seen: Vectors) -> Vectors:
    """(n, 2) the first two of (n, d) components; 0 where there is no second."""
    places = np.zeros((len(seen), 2), dtype=np.float32)
    places[:, : min(seen.shape[1], 2)] = seen[:, :2]
    return places
