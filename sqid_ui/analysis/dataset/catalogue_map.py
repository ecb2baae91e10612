"""The catalogue as a map: what is drawn, what lights up for a query, and where an area leads."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.analysis.map_area import Area, map_stamp, map_stamps
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.maps import METHODS, CatalogueMap
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import SqidError
from sqid_core.wording import counted
from sqid_ui.analysis import controls
from sqid_ui.analysis.dataset import lit_lists, map_ways
from sqid_ui.analysis.dataset.map_colours import COLOURS, offered_colours
from sqid_ui.caches.judged_queries import query_ids, query_labels
from sqid_ui.caches.maps import stored_map
from sqid_ui.parts.atlas import Atlas, atlas_map
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import place_of
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import Setting, choice, picked
from sqid_ui.settings.shared import area_setting
from sqid_ui.shell.bundles import for_visitors

_KEY = "catalogue map"


def settings(dataset: Dataset) -> tuple[Setting, ...]:
    """Whose map, what it is coloured by, the query that is lit, and the area that was drawn."""
    return (
        choice("mapped", _maps(dataset), parameter="map"),
        choice("map_colour", offered_colours(dataset), parameter="colour"),
        picked("lit", query_ids(dataset), parameter="query", of_bundle=True),
        area_setting(map_stamps(dataset.manifest)),
    )


def is_offered(dataset: Dataset) -> bool:
    """Whether there is a map, or could be one."""
    return any(isinstance(signal, DenseSignal) for signal in dataset.signals.values())


def show_view(dataset: Dataset) -> None:
    """The map with its controls, or the command that draws one."""
    if not dataset.manifest.maps:
        _not_yet(dataset)
        return
    signal, query, colour = _controls(dataset)
    try:
        found = stored_map(dataset, signal)
    except SqidError as error:
        st.error(plain(for_visitors(error)), icon=":material/error:")
        return
    area: Area | None = value("area") if value("area") and value("area").signal == signal else None
    fusion = controls.chosen_fusion(dataset)
    row = -1 if not query else dataset.judgements.row_of(query)
    lit, note = lit_lists.lit(dataset, query, fusion) if query else (None, "")
    drawn = Atlas(
        place_of(dataset),
        signal,
        colour,
        COLOURS[colour].legend(dataset, found),
        f"Map of {len(dataset.products):,} products and {len(dataset.queries):,} queries.",
        _said(dataset, found, note),
        COLOURS[colour].names(found),
        COLOURS[colour].ndcg(dataset),
        row,
        lit,
        lit_lists.SHOWN,
        None if fusion is None else fusion.image_weight,
        {"names": dataset.scale.names, "colors": dataset.scale.colors},
        area,
    )
    ids = dataset.queries["query_id"].astype(str).tolist()
    stamp = map_stamp(dataset.manifest, signal)
    atlas_map(
        drawn,
        _KEY,
        lambda weight: give("w", weight),
        lambda row: give("lit", ids[row]) if row < len(ids) and ids[row] in query_ids(dataset) else None,
        lambda corners: give("area", Area(signal, stamp, corners)),
    )
    if area is not None:
        map_ways.ways(dataset, area)


def _controls(dataset: Dataset) -> tuple[str, str, str]:
    """Whose map, the query that is lit, and the colours."""
    maps, names = _maps(dataset), query_labels(dataset)
    left, middle, right = st.columns([3, 3, 6], vertical_alignment="bottom")
    draw(
        left.selectbox,
        "mapped",
        "Map of",
        maps,
        help="The signal by whose vectors near products are alike.",
    )
    colours = offered_colours(dataset)
    draw(middle.selectbox, "map_colour", "Colour", colours, format_func=lambda name: COLOURS[name].label)
    draw(
        right.selectbox,
        "lit",
        "Light up a query’s results",
        list(names),
        format_func=lambda query_id: names.get(query_id, query_id),
        placeholder=f"Type to pick one of {len(names):,}, or press a grey point",
        disabled=not names,
    )
    return value("mapped"), value("lit"), value("map_colour")


def _maps(dataset: Dataset) -> tuple[str, ...]:
    """The signals with a map, in the bundle's order."""
    return tuple(name for name in dataset.signals if name in dataset.manifest.maps)


def _said(dataset: Dataset, found: CatalogueMap, note: str) -> str:
    placed = int(np.isfinite(found.products[:, 0]).sum())
    lacking = len(dataset.products) - placed
    without = f" {counted(lacking, 'product has', 'products have')} no vector and so no place." if lacking else ""
    seed = found.spec.settings.get("seed", 0)
    method = METHODS[found.spec.method]
    return (
        f"{placed:,} products and {len(dataset.queries):,} queries by {method}, seed {seed}.{without} Near is alike; "
        f"how far apart groups lie says little.{note}"
    )


def _not_yet(dataset: Dataset) -> None:
    st.markdown("This bundle has no map yet. This draws one for each signal with vectors; then reload this page:")
    st.code(f"python -m precompute map {dataset.folder}", language=None, wrap_lines=True)
