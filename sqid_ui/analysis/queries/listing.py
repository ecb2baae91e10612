"""The table of queries: a row opens its query, a button exports what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_sets import SetSpec, ordered, write_set
from sqid_core.analysis.query_table import extra_columns
from sqid_core.evaluation.run_specs import read_run, write_run
from sqid_core.wording import counted
from sqid_ui.analysis import controls
from sqid_ui.analysis.queries import drawing, listed_set
from sqid_ui.analysis.queries.asked import Asked
from sqid_ui.parts import show
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.parts.taking import Taken, menu
from sqid_ui.parts.walk import Walk, last_opened, note_opened, query_link, set_link
from sqid_ui.settings import session
from sqid_ui.settings.session import give, value
from sqid_ui.settings.setting import choice

_FIRST = ("query", "text", "image", "fused", "a", "b", "gain", "labels", "category", "query_id", "gap", "best_weights")


def show_table(asked: Asked, filters: SetSpec, walk: Walk) -> None:
    """The filtered queries in their order, those chosen on the map where some are. filters: as a set. walk: the link's
    set."""
    sort = value("sort").replace("best_weights", "best_low")
    chosen, on_map = drawing.picked(), drawing.opened()
    rows = asked.rows
    if chosen:
        rows = rows[asked.table["query_id"].isin(chosen).to_numpy()[rows]]
    table = ordered(asked.table.iloc[rows], sort).reset_index(drop=True)
    ids = table["query_id"].tolist()
    spec = listed_set.listed(asked.dataset, filters, walk, chosen, sort, asked.fusion, ids, "a" in asked.runs)
    listed_set.of_set(walk)
    count = counted(len(table), "query", "queries")
    with st.container(horizontal=True, vertical_alignment="center", key="title-of-list"):
        st.markdown(f"**{count}**")
        listed_set.walking(asked.dataset, spec, len(table), controls.fusion_link(asked.dataset))
        if len(table):
            files = show.list_table(_shown(table), _columns(asked))
            menu(Taken(f"{count}, as filtered and sorted", "queries", files, count), key="queries")
    if not len(table):
        st.info("No query fits all of this. Show every query, or take a filter back.", icon=":material/filter_alt_off:")
        return
    opened = row_list(
        _shown(table), _columns(asked), "query list", "Queries", "query_id", sort, lambda to: give("sort", to),
        place=f"{asked.dataset.fingerprint} {write_set(spec)}", current=last_opened(asked.dataset.fingerprint),
    )  # fmt: skip
    show.notes("Click a query to open it" + (" on the Compare page." if "a" in asked.runs else " on the Search page."))
    # On the map also one that was not chosen there.
    opened = opened or on_map
    if opened is not None:
        note_opened(asked.dataset.fingerprint, opened)
        _open(asked, spec, query_link(opened, ids if spec else ()))


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """As the table shows it: the best weights as one text, no column that is empty throughout; what a query is about
    before what was worked out of its curve."""
    shown = table
    if "best_low" in table:
        spans = [
            None if np.isnan(low) else f"{low:.2f} – {high:.2f}"
            for low, high in zip(table["best_low"], table["best_high"], strict=True)
        ]
        shown = table.assign(best_weights=pd.Series(spans, index=table.index, dtype=object))
    shown = shown.dropna(axis="columns", how="all")
    first = [name for name in _FIRST if name in shown]
    return shown[[*first, *[name for name in shown if name not in first]]]


def _columns(asked: Asked) -> dict[str, Column]:
    short = {name: name.upper() if name in ("a", "b") else title for name, title in asked.runs.items()}
    gain = "B − A" if "a" in asked.runs else "Gain"
    number = {name: Column(short[name], "number", 3, help=f"NDCG, {title}") for name, title in asked.runs.items()}
    more = {
        name: Column(name, "number") if is_number else Column(name)
        for name, is_number in extra_columns(asked.table).items()
    }
    return (
        number
        | more
        | {
            "query": Column("Query", width=210, whole=True),
            "gain": Column(gain, "number", 3, True, help="Fused less the better of text and image."),
            "gap": Column("Image − text", "number", 3, True),
            "best_weights": Column(
                "Best weights", help="The image weights with the highest NDCG of this query: in-sample.", by="best_low"
            ),
            "best": Column("Best NDCG", "number", 3, help="NDCG at the best weights: in-sample."),
            "judged": Column("Judged", "number"),
            "labels": Column("Labels"),
            "category": Column("Category"),
            "source": Column("Source"),
            "traffic": Column("Traffic", "number", 6, help="How often the query is asked: its weight in the bundle."),
            "query_id": Column("Id"),
        }
    )


def _open(asked: Asked, spec: SetSpec, query: dict[str, str]) -> None:
    """A query on the page that shows these runs, in the set that is listed. query: its parameter of the link."""
    dataset = asked.dataset
    if "a" in asked.runs:
        runs = {name: write_run(read_run(value(name), dataset)) for name in ("a", "b")}
        link = session.link_of([choice("gains", dataset.scale.gain_names)])
        st.switch_page("pages/compare.py", query_params=link | runs | set_link(spec) | query)
    st.switch_page("pages/search.py", query_params=controls.fusion_link(dataset) | set_link(spec) | query)
