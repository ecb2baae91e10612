"""The page's order: settings, the answer, presets and filters, then the map beside the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_table import PRESETS, preset_rows
from sqid_core.bundle.load import Dataset
from sqid_ui.analysis import controls
from sqid_ui.analysis.queries import drawing, listing
from sqid_ui.analysis.queries import query_frame as data
from sqid_ui.analysis.queries.asked import Asked
from sqid_ui.caches.groups import groups_of, offered_groupings
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.parts import notices as states
from sqid_ui.parts import show
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import Setting, choice, some, words
from sqid_ui.settings.shared import coherent_fusion, counted

PAGE = "queries"
ALL = "all"
_EVERY = "every grouping"


def run(dataset: Dataset) -> None:
    """The whole page."""
    show.style()
    st.title("Queries")
    if not dataset.signals:
        session.settle()
        session.publish()
        states.no_signals(dataset)
        return
    rejected = controls.settle(dataset, PAGE, *_settings(dataset), coherent=lambda values: _coherent(dataset, values))
    if not dataset.judgements.lengths.any():
        session.publish()
        show.no_queries()
        return
    data.run_controls(dataset)
    fusion = controls.chosen_fusion(dataset)
    dataset = counted(dataset)
    table, runs = data.query_frame(dataset, fusion, value("gains"))
    states.rejected_parameters(rejected)
    data.answer(table, runs, dataset.traffic)
    states.short_runs(dataset, data.signals_read(dataset))
    presets = _presets(table, runs)
    _filters(dataset, presets)
    asked = Asked(dataset, fusion, value("gains"), table, runs, _rows(dataset, table, presets))
    with st.container(key="map-and-list"):
        left, right = st.columns([5, 7], gap="large")
    with left:
        drawing.show_map(asked)
    with right:
        listing.show_table(asked, _picked(table))
    session.publish()


def _settings(dataset: Dataset) -> list[Setting]:
    groupings = offered_groupings(dataset)
    return [
        *data.run_settings(dataset),
        choice("preset", (ALL, *PRESETS, *data.RUN_PRESETS)),
        words("find"),
        words("sort"),
        choice("by", (_EVERY, *groupings)),
        # Which groups there are depends on the grouping: see _coherent.
        words("group", default=ALL),
        choice("colour", ("category", "gain")),
        choice("map", drawing.KINDS, drawing.default_kind(dataset)),
        some("pick", query_names(dataset), of_bundle=True),
    ]


def _coherent(dataset: Dataset, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A group belongs to its grouping; another grouping starts with all of its groups."""
    by = values["by"]
    groups = () if by == _EVERY else groups_of(dataset, by).names
    return {**coherent_fusion(values), "group": values["group"] if values["group"] in groups else ALL}


def _presets(table: pd.DataFrame, runs: dict[str, str]) -> dict[str, tuple[str, Callable[[], npt.NDArray[np.int64]]]]:
    """Name -> (what it shows, its rows): those that the table has the columns for."""

    def rows(name: str) -> Callable[[], npt.NDArray[np.int64]]:
        return lambda: preset_rows(table, name)

    found = {name: (preset.about, rows(name)) for name, preset in PRESETS.items() if set(preset.needs) <= set(table)}
    everything: dict[str, tuple[str, Callable[[], npt.NDArray[np.int64]]]] = {
        ALL: ("Every judged query, in the bundle’s order.", lambda: np.arange(len(table)))
    }
    return everything | found | data.run_presets(table, runs)


def _filters(dataset: Dataset, presets: dict[str, tuple[str, Callable[[], npt.NDArray[np.int64]]]]) -> None:
    if value("preset") not in presets:
        give("preset", ALL)
    draw(st.pills, "preset", "Show", list(presets), required=True, format_func=str.capitalize)
    st.caption(presets[value("preset")][0])
    find, by, group = st.columns([4, 3, 4], gap="medium", vertical_alignment="bottom")
    draw(
        find.text_input,
        "find",
        "Find in the query",
        icon=":material/search:",
        placeholder="Part of its text, or its id",
    )
    groupings = [_EVERY, *offered_groupings(dataset)]
    grouping = draw(
        by.selectbox,
        "by",
        "Grouping",
        groupings,
        format_func=lambda name: "None" if name == _EVERY else name.capitalize(),
    )
    names = () if grouping == _EVERY else groups_of(dataset, grouping).names
    draw(group.selectbox, "group",
        "Group", [ALL, *names], disabled=not names,
        format_func=lambda name: "All" if name == ALL else name,
    )  # fmt: skip


def _rows(
    dataset: Dataset, table: pd.DataFrame, presets: dict[str, tuple[str, Callable[[], npt.NDArray[np.int64]]]]
) -> npt.NDArray[np.int64]:
    kept = dataset.judgements.lengths > 0
    wanted = value("find").strip().casefold()
    if wanted:
        texts = table["query"].str.casefold().str.contains(wanted, regex=False)
        texts |= table["query_id"].str.casefold() == wanted
        kept &= texts.to_numpy(dtype=bool)
    if value("by") != _EVERY and value("group") != ALL:
        groups = groups_of(dataset, value("by"))
        kept &= np.isin(np.arange(len(kept)), groups.rows(value("group")))
    rows = presets[value("preset")][1]()
    return rows[kept[rows]]


def _picked(table: pd.DataFrame) -> npt.NDArray[np.int64] | None:
    """The rows that were chosen on the map, None where nothing was."""
    picked = drawing.picked()
    return None if picked is None else np.flatnonzero(table["query_id"].isin(picked).to_numpy())
