"""How the analysis pages show things: a figure with its title, caption, table and file; numbers; notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from ui.markup import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from sqid_core.figures.style import Look

_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


def look() -> Look:
    """The figures' colours on this visitor's page."""
    from sqid_core.figures.style import look as colours

    return colours(st.context.theme.type == "dark")


def figure(
    title: str, drawn: go.Figure, caption: str, table: pd.DataFrame, name: str, columns: Mapping[str, Any] | None = None
) -> None:
    """A figure under its title, with a caption, and behind two small buttons the numbers it draws: as a table, as CSV.

    name: of the file, without its ending; unique on the page. columns: how the table shows them.
    """
    with st.container(key=f"figure-{name}", gap="small"):
        st.markdown(f"**{title}**")
        st.plotly_chart(drawn, key=f"plot {name}", config=_CONFIG, alt=f"{title}. The table below holds its numbers.")
        notes(caption)
        numbers_behind(table, name, columns)


def numbers_behind(table: pd.DataFrame, name: str, columns: Mapping[str, Any] | None = None) -> None:
    """Two small buttons: the table of a figure, made when it is opened, and its CSV, made when it is fetched."""
    with st.container(horizontal=True, gap="small", key=f"numbers-of-{name}"):
        opened = st.popover(
            "Table", icon=":material/table_rows:", type="tertiary", key=f"table {name}", on_change="rerun"
        )
        if opened.open:
            with opened:
                st.dataframe(table, hide_index=True, column_config=dict(columns or {}), width=640)
        st.download_button(
            "CSV",
            lambda: table.to_csv(index=False).encode(),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            key=f"csv {name}",
            on_click="ignore",
        )


def notes(text: str) -> None:
    """A caption."""
    st.caption(text)


def basis(gains: str, values: Any, measure: str = "NDCG over all judged products", more: str = "") -> str:
    """What a figure's numbers rest on: measure, gains, judged products, how many queries. values: (..., Q), nan where
    undefined."""
    known = ~np.isnan(np.atleast_2d(values)).any(axis=0)
    undefined = len(known) - int(known.sum())
    without = f" ({undefined:,} more have no defined value)" if undefined else ""
    sentence = f"{measure}, gains **{plain(gains)}**, {int(known.sum()):,} queries{without}."
    return f"{sentence} {more}".strip()


def number(value: float, signed: bool = False) -> str:
    """Four digits, or a dash."""
    if np.isnan(value):
        return "–"
    return f"{value:+.4f}" if signed else f"{value:.4f}"


def p_value(p: float) -> str:
    """As it is written in a sentence."""
    if np.isnan(p):
        return "p undefined"
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".")


def interval(low: float, high: float, signed: bool = False) -> str:
    """`.81 to .83`, or a dash."""
    return "–" if np.isnan(low) else f"{number(low, signed)} to {number(high, signed)}"


def columns_of(names: Mapping[str, str], digits: int = 4) -> dict[str, Any]:
    """Number columns by their heading."""
    return {column: st.column_config.NumberColumn(heading, format=f"%.{digits}f") for column, heading in names.items()}


def no_queries() -> None:
    """A bundle without judged queries has nothing to analyse."""
    st.info("No query of this bundle has judged products, so there is nothing to measure.", icon=":material/rule:")
