"""How the analysis pages show things: a figure with its title, caption, table and file; numbers; notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.traffic import counted_by, worth
from sqid_ui.parts.markup import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from sqid_core.figures.style import Look
    from sqid_core.ranking.fusion import Fusion

_STYLE = Path(__file__).parent / "show.css"
# For a number or a text that is not there; a file leaves its cell empty.
NOTHING = "–"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# A number, or two: `-0.01 to +0.02`.
_NUMBERS = re.compile(r"[+-]\d[\d.]*( to [+-]\d[\d.]*)?")
_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


def look() -> Look:
    """The figures' colours on this visitor's page."""
    from sqid_core.figures.style import look as colours

    return colours(st.context.theme.type == "dark")


def style() -> None:
    """The analysis pages' own style, once a run."""
    st.html(_STYLE)


def figure(
    title: str, drawn: go.Figure, caption: str, frame: pd.DataFrame, name: str, columns: Mapping[str, Any] | None = None
) -> None:
    """A figure under its title, with a caption, and behind two small buttons the numbers it draws: as a table, as CSV.

    name: of the file, without its ending; unique on the page. columns: how the table shows them.
    """
    with st.container(key=f"figure-{name}"):
        _title(title, frame, name, columns or {})
        st.plotly_chart(drawn, key=f"plot {name}", config=_CONFIG, alt=f"{title}. The button Table shows its numbers.")
        notes(caption)


def table(
    title: str, frame: pd.DataFrame, caption: str, name: str, columns: Mapping[str, Any] | None = None, **options: Any
) -> Any:
    """A table under its title, with a caption and its CSV. options: of st.dataframe; returns what that returns."""
    with st.container(key=f"figure-{name}"):
        _title(title, frame, name, None)
        shown = frame_shown(frame, column_config=dict(columns or {}), **options)
        notes(caption)
    return shown


def frame_shown(frame: pd.DataFrame, **options: Any) -> Any:
    """A table, without formulas, a dash where nothing is known; returns what st.dataframe returns."""
    return st.dataframe(without_formulas(frame), hide_index=True, placeholder=NOTHING, **options)


@contextmanager
def listed(title: str, frame: pd.DataFrame, name: str) -> Iterator[None]:
    """Where a list of rows is drawn: under its title, with its CSV; name as in `figure`."""
    with st.container(key=f"figure-{name}"):
        _title(title, frame, name, None)
        yield


def _title(title: str, frame: pd.DataFrame, name: str, columns: Mapping[str, Any] | None) -> None:
    """columns: None where the table is in sight anyway."""
    with st.container(horizontal=True, gap="small", key=f"title-of-{name}", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        if columns is not None:
            _table_button(frame, name, columns)
        csv_button(frame, name)


def _table_button(frame: pd.DataFrame, name: str, columns: Mapping[str, Any]) -> None:
    opened = st.popover("Table", icon=":material/table_rows:", type="tertiary", key=f"table {name}", on_change="rerun")
    if opened.open:
        with opened:
            frame_shown(frame, column_config=dict(columns), width=640)


def csv_button(frame: pd.DataFrame, name: str, label: str = "CSV", kind: Any = "tertiary") -> None:
    """The frame as a file, made when it is fetched."""
    st.download_button(
        label,
        lambda: csv_of(frame),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        type=kind,
        key=f"csv {name}",
        on_click="ignore",
    )


def csv_of(frame: pd.DataFrame) -> bytes:
    """The frame as CSV. Spreadsheets run what begins like a formula: a text that does gets an apostrophe in front."""
    return without_formulas(frame).to_csv(index=False).encode()


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text and heading that a spreadsheet would run: also for what is shown,
    as the toolbar of a table has a file of its own."""
    found = frame.copy(deep=False)
    for place in range(frame.shape[1]):
        if not pd.api.types.is_numeric_dtype(frame.iloc[:, place].dtype):
            found.isetitem(place, frame.iloc[:, place].map(_no_formula).array)
    return found.rename(columns=_no_formula)


def _no_formula(cell: Any) -> Any:
    formula = isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBERS.fullmatch(cell)
    return f"'{cell}" if formula else cell


def notes(text: str) -> None:
    """A caption."""
    st.caption(text)


class Asks(Protocol):
    """What a page's controls ask for, as far as every figure's caption tells it."""

    @property
    def dataset(self) -> Dataset:
        """Read as it is asked for."""
        ...

    @property
    def gains(self) -> str:
        """The gain table."""
        ...


def basis(
    asked: Asks,
    values: Any,
    measure: str = "NDCG over all judged products",
    more: str = "",
    rows: Any = slice(None),
) -> str:
    """What a figure's numbers rest on: measure, gains, judged products, how many queries, and by what a mean counts.
    values: (..., Q), nan where undefined. rows: those of the queries that are drawn."""
    known = ~np.isnan(np.atleast_2d(values)).any(axis=0)[rows]
    undefined, idle = len(known) - int(known.sum()), 0
    if asked.dataset.traffic is not None:
        asks = asked.dataset.traffic[rows] > 0
        idle = int((known & ~asks).sum())
        known &= asks
    parts = (f"{undefined:,} more have no defined value" if undefined else "", _idle(idle))
    without = f" ({'; '.join(filter(None, parts))})" if any(parts) else ""
    sentence = f"{measure}, gains **{plain(asked.gains)}**, {int(known.sum()):,} queries{without}."
    return " ".join(filter(None, (sentence, counting(asked.dataset, values, rows), more)))


def _idle(count: int) -> str:
    return f"{count:,} more {'is' if count == 1 else 'are'} never asked" if count else ""


def counting(dataset: Dataset, values: Any, rows: Any = slice(None)) -> str:
    """By what the means of values (..., Q) count, where the queries have weights; nothing where they have none. rows:
    as in `basis`."""
    if dataset.weights is None:
        return ""
    if dataset.traffic is None:
        return "Means are **per query**."
    found, _ = counted_by(np.atleast_2d(values).sum(axis=0)[rows], dataset.traffic[rows])
    effective, n = worth(found, dataset.traffic[rows]), int((~np.isnan(found)).sum())
    return f"Means are **per unit of traffic**: effective number of queries {effective:,.1f} of {n:,}."


def as_set(fusion: Fusion | None) -> str:
    """The weight that a fused ranking has, for a caption: nobody fitted it."""
    return f"Image weight {fusion.image_weight:.2f}, as set above and not fitted here." if fusion else ""


def number(value: float, signed: bool = False) -> str:
    """Four digits, or a dash."""
    if np.isnan(value):
        return NOTHING
    return f"{value:+.4f}" if signed else f"{value:.4f}"


def span(low: float, high: float, digits: int = 2) -> str:
    """`.58 to .66`, or the one number that both are."""
    first, last = f"{low:.{digits}f}", f"{high:.{digits}f}"
    return first if first == last else f"{first} to {last}"


def p_value(p: float) -> str:
    """As it is written in a sentence."""
    if np.isnan(p):
        return "p undefined"
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".")


def interval(low: float, high: float, signed: bool = False) -> str:
    """`.81 to .83`, or a dash."""
    return NOTHING if np.isnan(low) else f"{number(low, signed)} to {number(high, signed)}"


def columns_of(names: Mapping[str, str]) -> dict[str, Any]:
    """Number columns by their heading."""
    return {column: st.column_config.NumberColumn(heading, format="%.4f") for column, heading in names.items()}


def numbers(*shown: tuple[str, str] | tuple[str, str, str], name: str = "") -> None:
    """Numbers side by side: label, value and, where there is one, a remark. name: tells several of a page apart."""
    with st.container(key=f"analysis-numbers{name}"):
        for label, value, *remark in shown:
            delta = remark[0] if remark else None
            st.metric(label, value, delta, delta_color="off", delta_arrow="off")


def no_queries() -> None:
    """A bundle without judged queries has nothing to analyse."""
    st.info("No query of this bundle has judged products, so there is nothing to measure.", icon=":material/rule:")
