"""Maps of the catalogue: where everything lies, as the browser gets it, and what lies in an area."""

from __future__ import annotations

import numpy as np

from sqid_core.analysis import map_area
from sqid_core.analysis.map_area import Area
from sqid_core.bundle import maps
from sqid_core.bundle.departments import departments
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.maps import CatalogueMap
from sqid_core.types import Bools, Rows
from sqid_ui.caches.keys import cached

# So many categories have a colour of their own; the rest share one.
NAMED = 23
# The code of what has none, and of what shares the last colour.
NONE, OTHER = 255, NAMED


@cached(max_entries=4, any_order=True)
def stored_map(shown: Dataset, signal: str) -> CatalogueMap:
    """The map of a signal. Raises SqidError."""
    return maps.read_map(shown, signal)


@cached(max_entries=16, any_order=True)
def in_area(shown: Dataset, area: Area) -> tuple[Bools, Bools]:
    """(N,) which products and (Q,) which queries lie in an area. Raises InputError."""
    return map_area.in_area(shown, area)


@cached(max_entries=4, any_order=True)
def category_codes(shown: Dataset) -> tuple[Rows, tuple[str, ...]]:
    """(N,) uint8 the department of each product, and their names by code, the most frequent first; `OTHER` for the rest
    of them, `NONE` without one."""
    products = shown.products
    names = departments(products["category"]) if "category" in products else np.full(len(products), None, dtype=object)
    has = np.array([name is not None for name in names], dtype=bool)
    found, codes, counts = np.unique(names[has].astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    coded = np.full(len(names), NONE, dtype=np.uint8)
    coded[has] = np.minimum(place[codes], OTHER)
    return coded, tuple(found[order][:NAMED].tolist())


@cached(max_entries=4, any_order=True)
def packed_points(shown: Dataset, signal: str) -> bytes:
    """What the browser draws, 11 bytes a product: little-endian, the numbers P of products with a place and Q of
    queries (uint32), rows of the products (P, uint32), x and then y of products and queries on the grid (uint16 each),
    and for each product its category, its cluster and whether it has a picture (uint8 each)."""
    found = stored_map(shown, signal)
    products, queries = map_area.on_grid(found)
    rows = np.flatnonzero(np.isfinite(products[:, 0]))
    places = np.concatenate([products[rows], queries]).astype("<u2")
    category, _ = category_codes(shown)
    pictured = shown.products["image"].notna().to_numpy(dtype=np.uint8)
    parts = (
        np.array([len(rows), len(queries)], dtype="<u4"),
        rows.astype("<u4"),
        places[:, 0],
        places[:, 1],
        category[rows],
        found.clusters[rows].astype(np.uint8),
        pictured[rows],
    )
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
