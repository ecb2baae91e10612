"""The page's order: settings, the answer, presets and filters, then the map beside the table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_table import PRESETS, preset_rows
from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion
from sqid_ui.analysis import controls
from sqid_ui.analysis.queries import drawing, listing
from sqid_ui.analysis.queries import query_frame as data
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import notices as states
from sqid_ui.parts import show
from sqid_ui.settings import analysis_memory as memory
from sqid_ui.settings.analysis_memory import choice, key, some, value, words

PAGE = "queries"
ALL = "all"
_EVERY = "every grouping"


@dataclass(frozen=True, eq=False)
class Asked:
    """What the page's controls ask for. fusion: None where there is nothing to fuse. table: all queries; runs: column
    -> name of what was scored, two or three. rows: those that the filters leave, in the preset's order."""

    dataset: Dataset = field(repr=False)
    fusion: Fusion | None
    gains: str
    table: pd.DataFrame = field(repr=False)
    runs: dict[str, str]
    rows: npt.NDArray[np.int64] = field(repr=False)


def run(dataset: Dataset) -> None:
    """The whole page."""
    show.style()
    st.title("Queries")
    if not dataset.signals:
        memory.settle(PAGE, ())
        memory.publish(PAGE, ())
        states.no_signals(dataset)
        return
    settings = _settings(dataset)
    rejected = memory.settle(PAGE, settings)
    controls.coherent(dataset)
    _coherent_group(dataset)
    if not dataset.judgements.lengths.any():
        memory.publish(PAGE, settings)
        show.no_queries()
        return
    data.run_controls(dataset)
    fusion = controls.chosen_fusion(dataset)
    table, runs = data.query_frame(dataset, fusion, value("gains"))
    states.rejected_parameters(rejected)
    data.answer(table, runs)
    presets = _presets(table, runs)
    _filters(dataset, presets)
    asked = Asked(dataset, fusion, value("gains"), table, runs, _rows(dataset, table, presets))
    with st.container(key="map-and-list"):
        left, right = st.columns([5, 7], gap="large")
    with left:
        drawing.show_map(asked)
    with right:
        listing.show_table(asked, _picked(table))
    memory.publish(PAGE, settings)


def _settings(dataset: Dataset) -> list[memory.Setting]:
    groupings = resources.offered_groupings(dataset.fingerprint, dataset)
    return [
        *data.run_settings(dataset),
        *controls.fusion_settings(dataset),
        choice("preset", (ALL, *PRESETS, *data.RUN_PRESETS)),
        words("find"),
        choice("by", (_EVERY, *groupings)),
        # Which groups there are depends on the grouping: see _coherent_group.
        dataclasses.replace(words("group"), default=ALL),
        choice("colour", ("category", "gain")),
        choice("map", drawing.KINDS, drawing.default_kind(dataset)),
        some("pick", dataset.judgements.query_ids.astype(str).tolist()),
    ]


def _coherent_group(dataset: Dataset) -> None:
    """A group belongs to its grouping; another grouping starts with all of its groups."""
    by = value("by")
    groups = () if by == _EVERY else resources.groups(dataset.fingerprint, by, dataset).names
    if value("group") not in groups:
        st.session_state[key("group")] = ALL


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
        st.session_state[key("preset")] = ALL
    st.pills("Show", list(presets), key=key("preset"), required=True, format_func=str.capitalize)
    st.caption(presets[value("preset")][0])
    find, by, group = st.columns([4, 3, 4], gap="medium", vertical_alignment="bottom")
    find.text_input(
        "Find in the query", key=key("find"), icon=":material/search:", placeholder="Part of its text, or its id"
    )
    grouping = by.selectbox(
        "Grouping", [_EVERY, *resources.offered_groupings(dataset.fingerprint, dataset)], key=key("by"),
        format_func=lambda name: "None" if name == _EVERY else name.capitalize(),
    )  # fmt: skip
    names = () if grouping == _EVERY else resources.groups(dataset.fingerprint, grouping, dataset).names
    if value("group") not in names:
        st.session_state[key("group")] = ALL
    group.selectbox(
        "Group", [ALL, *names], key=key("group"), disabled=not names,
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
        groups = resources.groups(dataset.fingerprint, value("by"), dataset)
        kept &= np.isin(np.arange(len(kept)), groups.rows(value("group")))
    rows = presets[value("preset")][1]()
    return rows[kept[rows]]


def _picked(table: pd.DataFrame) -> npt.NDArray[np.int64] | None:
    """The rows that were chosen on the map, None where nothing was."""
    picked = drawing.picked()
    return None if picked is None else np.flatnonzero(table["query_id"].isin(picked).to_numpy())
