"""The map of a catalogue: points drawn in the browser, and what lights up among them for a query, at every weight."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqid_core.analysis.map_area import MOST_CORNERS, Area
from sqid_core.errors import InputError
from sqid_ui.parts.atlas.library import NAME, PREFIX
from sqid_ui.parts.browser import mount_of, sent
from sqid_ui.parts.picture_addresses import app_path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Lit:
    """What lights up for a query. rows: (M,) products, ascending. firsts: of the text's and the image's list, places in
    rows, best first. columns: what the browser fuses by, as the board has them; None where nothing is fused. labels:
    row and label of each judged product."""

    rows: Sequence[int]
    firsts: Mapping[str, Sequence[int]]
    columns: Mapping[str, Any] | None
    labels: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, eq=False)
class Atlas:
    """Everything that the map shows.

    place: of the bundle on the server. signal: whose map. colour: what points are coloured by, a name in `codesOf` of
    places.js. legend: the names of its colours. names: words at places on the grid. ndcg: of each query in hundredths,
    None where undefined or not shown. query: the row of the one that is lit, -1 for none. shown: of its lists. weight:
    of the fusion. area: what was drawn. label: what it is, for those who do not see it. said: the line below.
    """

    place: str
    signal: str
    colour: str
    legend: Sequence[str]
    label: str
    said: str = ""
    names: Sequence[tuple[str, int, int]] = ()
    ndcg: Sequence[int | None] | None = field(default=None, repr=False)
    query: int = -1
    lit: Lit | None = field(default=None, repr=False)
    shown: int = 20
    weight: float | None = None
    scale: Mapping[str, Any] | None = field(default=None, repr=False)
    area: Area | None = None


def atlas_map(
    drawn: Atlas,
    key: str,
    on_weight: Callable[[float], None],
    on_query: Callable[[int], None],
    on_area: Callable[[tuple[tuple[int, int], ...]], None],
) -> None:
    """Draws the map, in the same place at every rerun.

    on_weight: called with the weight before the rerun that it causes; on_query: with the row of a query that was
    pressed; on_area: with the corners, on the grid, of an area that was drawn.
    """
    mount = mount_of("sqid_atlas", _FOLDER / "atlas.js", [_FOLDER / "atlas.css"])
    data = json.dumps(atlas_data(drawn) | {"heard": _heard(key)}, ensure_ascii=False, separators=(",", ":"))
    mount(
        key=key,
        data=data.encode(),
        on_told_change=lambda: _weight(key, on_weight),
        on_query_change=lambda: _query(key, on_query),
        on_area_change=lambda: _area(key, on_area),
    )


def atlas_data(drawn: Atlas) -> dict[str, Any]:
    """What the browser gets; the points it fetches itself."""
    base, lit = f"{app_path(PREFIX)}/{drawn.place}", drawn.lit
    return {
        "library": f"{app_path(PREFIX)}/library/{NAME}",
        "points": f"{base}/points/{drawn.signal}",
        "facts": base,
        "mode": drawn.colour,
        "legend": list(drawn.legend),
        "names": [{"text": text, "x": x, "y": y} for text, x, y in drawn.names],
        "ndcg": drawn.ndcg,
        "query": drawn.query,
        "lists": None
        if lit is None or not lit.firsts
        else {"rows": list(lit.rows), "firsts": dict(lit.firsts), "columns": lit.columns, "shown": drawn.shown},
        "labels": list(lit.labels) if lit is not None and lit.labels else None,
        "scale": drawn.scale,
        "weight": drawn.weight,
        "area": None if drawn.area is None else drawn.area.corners,
        "label": drawn.label,
        "said": drawn.said,
    }


def corners_of(told: Any) -> tuple[tuple[int, int], ...]:
    """The corners that a browser told. Raises InputError for anything else."""
    if not isinstance(told, list) or len(told) > MOST_CORNERS:
        raise InputError("an area is a list of corners")
    if not all(isinstance(one, list) and len(one) == 2 and all(type(each) is int for each in one) for one in told):
        raise InputError("a corner is two whole numbers")
    return tuple((one[0], one[1]) for one in told)


def _heard(key: str) -> int:
    told = sent(key, "told")
    number = told.get("number") if isinstance(told, Mapping) else None
    return number if isinstance(number, int) else 0


def _weight(key: str, on_weight: Callable[[float], None]) -> None:
    told = sent(key, "told")
    weight = told.get("weight") if isinstance(told, Mapping) else None
    if isinstance(weight, (int, float)) and 0 <= weight <= 1:
        on_weight(round(float(weight), 2))


def _query(key: str, on_query: Callable[[int], None]) -> None:
    row = sent(key, "query")
    if type(row) is int and row >= 0:
        on_query(row)


def _area(key: str, on_area: Callable[[tuple[tuple[int, int], ...]], None]) -> None:
    told = sent(key, "area")
    if told is None:
        return
    try:
        on_area(corners_of(told))
    except InputError:
        return
