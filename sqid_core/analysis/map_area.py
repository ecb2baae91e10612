"""An area that somebody draws on a map: in text for a link, and what lies in it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..bundle.manifest import Manifest
from ..bundle.manifest_parts import map_files
from ..bundle.maps import CatalogueMap, read_map
from ..errors import InputError
from ..types import Bools, Vectors
from ..wording import short

# Places on a map travel as whole numbers from 0 to this, of the longer side of all that is on it.
GRID = 65_535
FEWEST_CORNERS, MOST_CORNERS = 3, 64
LONGEST_AREA = 600
_STAMP = 8
_STAMPED, _PACKED = re.compile(r"[0-9a-f]{8}"), re.compile(r"[\w-]+", re.ASCII)


@dataclass(frozen=True)
class Area:
    """A polygon on the map of a signal. stamp: which map, as `map_stamp` has it. corners: on the grid, 3 to 64 of them.
    Hashable: a cache key."""

    signal: str
    stamp: str
    corners: tuple[tuple[int, int], ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not FEWEST_CORNERS <= len(self.corners) <= MOST_CORNERS:
            raise InputError(f"an area has {FEWEST_CORNERS} to {MOST_CORNERS} corners, got {len(self.corners)}")
        if any(not 0 <= place <= GRID for corner in self.corners for place in corner):
            raise InputError(f"the corners of an area lie between 0 and {GRID}")


def map_stamp(manifest: Manifest, signal: str) -> str:
    """The beginning of the hash of where a map's products lie; "" where there is no map of the signal."""
    return manifest.files[map_files(signal)["products"]][:_STAMP] if signal in manifest.maps else ""


def map_stamps(manifest: Manifest) -> dict[str, str]:
    """The stamp of each map of a bundle, by its signal."""
    return {signal: map_stamp(manifest, signal) for signal in manifest.maps}


def write_area(area: Area | None) -> str:
    """The area in text, which `read_area` turns back into an equal one."""
    if area is None:
        return ""
    packed = base64.urlsafe_b64encode(np.array(area.corners, dtype="<u2").tobytes()).rstrip(b"=").decode()
    return f"{area.signal}~{area.stamp}~{packed}"


def read_area(text: str) -> Area:
    """The area that `write_area` wrote. Raises InputError for any other text."""
    head, _, packed = text.rpartition("~")
    signal, _, stamp = head.rpartition("~")
    if not (signal and _STAMPED.fullmatch(stamp) and _PACKED.fullmatch(packed)) or len(text) > LONGEST_AREA:
        raise InputError(f"{short(text)!r} is no area of a map")
    try:
        unpacked = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        corners = np.frombuffer(unpacked, dtype="<u2").reshape(-1, 2)
    except ValueError:
        raise InputError(f"{short(text)!r} is no area of a map") from None
    area = Area(signal, stamp, tuple((int(x), int(y)) for x, y in corners))
    if write_area(area) != text:
        raise InputError(f"{short(text)!r} is no area of a map")
    return area


def on_grid(places: CatalogueMap) -> tuple[Vectors, Vectors]:
    """(N, 2) and (Q, 2) the places of products and queries on the grid, whole numbers; nan where a product has none.
    Both axes have one scale."""
    everything = np.concatenate([places.products[np.isfinite(places.products[:, 0])], places.queries])
    if not len(everything):
        return places.products, places.queries
    low, high = everything.min(axis=0).astype(np.float64), everything.max(axis=0).astype(np.float64)
    span = max(float((high - low).max()), 1e-9)
    start = (low + high) / 2 - span / 2

    def moved(some: Vectors) -> Vectors:
        return np.clip(np.round((some - start) / span * GRID), 0, GRID).astype(np.float32)

    return moved(places.products), moved(places.queries)


def inside(places: Vectors, area: Area) -> Bools:
    """(n,) which places (n, 2) on the grid lie in the polygon, by the even-odd rule; nan lies nowhere."""
    x, y = places[:, 0].astype(np.float64), places[:, 1].astype(np.float64)
    found = np.zeros(len(places), dtype=bool)
    corners = np.array(area.corners, dtype=np.float64)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            found ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return found


def in_area(dataset: Dataset, area: Area) -> tuple[Bools, Bools]:
    """(N,) which products and (Q,) which queries lie in an area. Raises InputError where it is of another map."""
    if map_stamp(dataset.manifest, area.signal) != area.stamp:
        raise InputError(f"this area was drawn on another map of {short(area.signal)}; draw it again")
    products, queries = on_grid(read_map(dataset, area.signal))
    return inside(products, area), inside(queries, area)
