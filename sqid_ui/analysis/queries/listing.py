"""The table of queries: a row opens its query, a button exports what is shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_table import extra_columns
from sqid_core.evaluation.run_specs import read_run, write_run
from sqid_ui.analysis import controls
from sqid_ui.analysis.queries.asked import Asked
from sqid_ui.parts import show
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.settings import session
from sqid_ui.settings.session import give, value
from sqid_ui.settings.setting import choice


def show_table(asked: Asked, chosen: npt.NDArray[np.int64] | None) -> None:
    """The filtered queries in their order, those chosen on the map where some are."""
    rows = asked.rows if chosen is None else asked.rows[np.isin(asked.rows, chosen)]
    table = asked.table.iloc[rows].reset_index(drop=True)
    count = f"{len(table):,} {'query' if len(table) == 1 else 'queries'}"
    with st.container(horizontal=True, vertical_alignment="center", key="title-of-list"):
        st.markdown(f"**{count}**")
        show.csv_button(table, "queries", f"Export {count}", "secondary")
    if not len(table):
        st.info("No query fits all of this. Show every query, or take a filter back.", icon=":material/filter_alt_off:")
        return
    opened = row_list(
        _shown(table), _columns(asked), "query list", "Queries", "query_id", value("sort"), lambda to: give("sort", to)
    )
    show.notes("Click a query to open it" + (" on the Compare page." if "a" in asked.runs else " on the Search page."))
    if opened is not None:
        _open(asked, opened)


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """As the table shows it: the best weights as one text, no column that is empty throughout."""
    shown = table.drop(columns=["best_low", "best_high", "best"], errors="ignore")
    if "best_low" in table:
        shown.insert(
            shown.columns.get_loc("judged"),  # type: ignore[arg-type]
            "best_weights",
            [
                None if np.isnan(low) else f"{low:.2f} – {high:.2f}"
                for low, high in zip(table["best_low"], table["best_high"], strict=True)
            ],
        )
        shown.insert(shown.columns.get_loc("judged"), "best", table["best"])  # type: ignore[arg-type]
    shown = shown.dropna(axis="columns", how="all")
    first = [name for name in ("query", "text", "image", "fused", "a", "b", "gain", "gap") if name in shown]
    return shown[[*first, *[name for name in shown if name not in (*first, "query_id")], "query_id"]]


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
            "query": Column("Query", width=230),
            "gain": Column(gain, "number", 3, True, help="Fused less the better of text and image."),
            "gap": Column("Image − text", "number", 3, True),
            "best_weights": Column(
                "Best weights", help="The image weights with the highest NDCG of this query: in-sample."
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


def _open(asked: Asked, query_id: str) -> None:
    """The query on the page that shows these runs."""
    dataset = asked.dataset
    if "a" in asked.runs:
        runs = {name: write_run(read_run(value(name), dataset)) for name in ("a", "b")}
        link = session.link_of([choice("gains", dataset.scale.gain_names)])
        st.switch_page("pages/compare.py", query_params=link | runs | {"query": query_id})
    link = controls.fusion_link(dataset) | {"query": query_id}
    st.switch_page("pages/search.py", query_params=link)
