"""What the points of the map may be coloured by, each with its legend. A table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sqid_core.analysis.map_area import on_grid
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.maps import CatalogueMap
from sqid_core.types import Vectors
from sqid_ui.analysis import controls
from sqid_ui.caches.maps import OTHER, category_codes
from sqid_ui.caches.measuring import ndcgs
from sqid_ui.settings.session import value

_NDCG_STEPS = 8


@dataclass(frozen=True)
class Colour:
    """One way to colour points; its key in the table is its name in places.js.

    legend: the names of its colours. offered: whether a bundle has what it takes. names: words at places on the grid.
    ndcg: of each query in hundredths, where queries are coloured.
    """

    label: str
    legend: Callable[[Dataset, CatalogueMap], Sequence[str]]
    offered: Callable[[Dataset], bool] = lambda _: True
    names: Callable[[CatalogueMap], Sequence[tuple[str, int, int]]] = lambda _: ()
    ndcg: Callable[[Dataset], list[int | None] | None] = lambda _: None


def _categories(dataset: Dataset, _: CatalogueMap) -> list[str]:
    codes, names = category_codes(dataset)
    return [*names, "Others"] if (codes == OTHER).any() else list(names)


def _clusters(_: Dataset, found: CatalogueMap) -> list[str]:
    return [", ".join(words) or f"Cluster {number}" for number, words in enumerate(found.spec.clusters, 1)]


def _ndcg_steps(_: Dataset, __: CatalogueMap) -> list[str]:
    return [f"NDCG {step / _NDCG_STEPS:.2f} to {(step + 1) / _NDCG_STEPS:.2f}" for step in range(_NDCG_STEPS)]


def _cluster_names(found: CatalogueMap) -> list[tuple[str, int, int]]:
    """The first words of each cluster, amid its products; the largest first."""
    products, _ = on_grid(found)
    middles = [_middle(products[found.clusters == number]) for number in range(len(found.spec.clusters))]
    named = zip(found.spec.clusters, middles, strict=True)
    return [(", ".join(words[:2]), int(x), int(y)) for words, (x, y) in named if words]


def _middle(places: Vectors) -> Vectors:
    """(2,) the place of (n, 2) that is nearest to their median: that itself may lie where nothing is."""
    if not len(places):
        return np.zeros(2, dtype=np.float32)
    return np.asarray(places[np.abs(places - np.median(places, axis=0)).sum(axis=1).argmin()])


def _hundredths(dataset: Dataset) -> list[int | None]:
    """NDCG of each query, fused where there is something to fuse."""
    found = ndcgs(dataset, controls.chosen_fusion(dataset), value("gains"))
    values = found["fused"] if "fused" in found else next(iter(found.values()))
    return [None if np.isnan(one) else round(100 * float(one)) for one in values]


def _judged(dataset: Dataset) -> bool:
    return bool(dataset.judgements.lengths.any())


COLOURS: Mapping[str, Colour] = {
    "category": Colour("Category", _categories, lambda dataset: bool(category_codes(dataset)[1])),
    "cluster": Colour("Cluster", _clusters, names=_cluster_names),
    "ndcg": Colour("NDCG of the query", _ndcg_steps, _judged, ndcg=_hundredths),
    "picture": Colour("Missing picture", lambda *_: ["Without a picture"]),
    "none": Colour("Label for a query", lambda *_: [], _judged),
}


def offered_colours(dataset: Dataset) -> tuple[str, ...]:
    """The colours that a bundle has what it takes for."""
    return tuple(name for name, colour in COLOURS.items() if colour.offered(dataset))
