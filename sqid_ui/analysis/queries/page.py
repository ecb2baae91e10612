"""The page's order: settings, the answer, presets and filters, then the map beside the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis.query_table import PRESETS, RUN_PRESETS
from sqid_core.bundle.load import Dataset
from sqid_ui.analysis import controls
from sqid_ui.analysis.queries import drawing, listed_set, listing
from sqid_ui.analysis.queries import query_frame as data
from sqid_ui.analysis.queries.asked import ALL, EVERY, Asked
from sqid_ui.caches.groups import groups_of, offered_groupings
from sqid_ui.parts import notices as states
from sqid_ui.parts import show, taking
from sqid_ui.parts.walk import found_set, set_fault
from sqid_ui.settings import session
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import Setting, choice, words
from sqid_ui.settings.shared import QUERY_SET, coherent_fusion, counted

PAGE = "queries"


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
    presets = _presets(table)
    _filters(dataset, presets)
    walk = found_set(dataset, value("set"))
    set_fault(walk)
    filters = listed_set.filters(dataset, fusion, two_runs="a" in runs)
    asked = Asked(dataset, fusion, value("gains"), table, runs, listed_set.rows(dataset, table, filters, walk))
    taking.about(dataset, asked.gains, data.rankings(dataset, fusion))
    with st.container(key="map-and-list"):
        left, right = st.columns([4, 8], gap="medium")
    with left:
        drawing.show_map(asked)
    with right:
        listing.show_table(asked, filters, walk)
    session.publish()


def _settings(dataset: Dataset) -> list[Setting]:
    groupings = offered_groupings(dataset)
    return [
        *data.run_settings(dataset),
        choice("preset", (ALL, *PRESETS, *RUN_PRESETS)),
        words("find"),
        words("sort"),
        choice("by", (EVERY, *groupings)),
        # Which groups there are depends on the grouping: see _coherent.
        words("group", default=ALL),
        choice("colour", ("category", "gain")),
        choice("map", drawing.KINDS, drawing.default_kind(dataset)),
        drawing.pick_setting(dataset),
        QUERY_SET,
    ]


def _coherent(dataset: Dataset, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A group belongs to its grouping; another grouping starts with all of its groups."""
    by = values["by"]
    groups = () if by == EVERY else groups_of(dataset, by).names
    return {**coherent_fusion(values), "group": values["group"] if values["group"] in groups else ALL}


def _presets(table: pd.DataFrame) -> dict[str, str]:
    """Name -> what it shows: those that the table has the columns for."""
    known = {**PRESETS, **RUN_PRESETS}
    found = {name: preset.about for name, preset in known.items() if set(preset.needs) <= set(table)}
    return {ALL: "Every judged query, in the bundle’s order."} | found


def _filters(dataset: Dataset, presets: dict[str, str]) -> None:
    if value("preset") not in presets:
        give("preset", ALL)
    draw(st.pills, "preset", "Show", list(presets), required=True, format_func=str.capitalize)
    st.caption(presets[value("preset")])
    find, by, group = st.columns([4, 3, 4], gap="medium", vertical_alignment="bottom")
    draw(
        find.text_input,
        "find",
        "Find in the query",
        icon=":material/search:",
        placeholder="Part of its text, or its id",
    )
    groupings = [EVERY, *offered_groupings(dataset)]
    grouping = draw(
        by.selectbox,
        "by",
        "Grouping",
        groupings,
        format_func=lambda name: "None" if name == EVERY else name.capitalize(),
    )
    names = () if grouping == EVERY else groups_of(dataset, grouping).names
    draw(group.selectbox, "group",
        "Group", [ALL, *names], disabled=not names,
        format_func=lambda name: "All" if name == ALL else name,
    )  # fmt: skip
