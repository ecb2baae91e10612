"""How the analysis pages show things: a figure with its title, caption, table and file; numbers; notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.traffic import counted_by, worth
from sqid_core.exports.tables import Best, Shown, Table, without_formulas
from sqid_core.judging.drawn import CHOSEN
from sqid_core.wording import counted, numbered
from sqid_ui.parts.markup import plain
from sqid_ui.parts.rows import Column
from sqid_ui.parts.taking import Taken, menu, shown_columns

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from sqid_core.figures.style import Look
    from sqid_core.ranking.fusion import Fusion

_STYLE = Path(__file__).parent / "show.css"
# For a number or a text that is not there; a file leaves its cell empty.
NOTHING = "–"
# The modebar is not seen: its camera is what the menu's buttons press (taking.js).
_CONFIG = {
    "displayModeBar": True,
    "modeBarButtons": [["toImage"]],
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
}


@dataclass(frozen=True)
class Basis:
    """A caption that says what numbers rest on, and over how many queries they are."""

    text: str
    queries: int

    def __str__(self) -> str:
        return self.text


Caption = str | Basis


def look() -> Look:
    """The figures' colours on this visitor's page."""
    from sqid_core.figures.style import look as colours

    return colours(st.context.theme.type == "dark")


def style() -> None:
    """The analysis pages' own style, once a run."""
    st.html(_STYLE)


def figure(
    title: str,
    drawn: go.Figure,
    caption: Caption,
    frame: pd.DataFrame,
    name: str,
    columns: Mapping[str, Any] | None = None,
    best: Best | None = None,
) -> None:
    """A figure under its title, with a caption, and behind two small buttons the numbers it draws and its files.

    name: of the files; unique on the page. columns: how the table shows them. best: see `Table`.
    """
    held = Table(frame, shown_columns(columns or {}), best)
    with st.container(key=f"figure-{name}"):
        with _head(title, name):
            _table_button(frame, name, columns or {})
            menu(Taken(title, name, held, _n(caption, frame), str(caption), plot=True), key=name)
        st.plotly_chart(drawn, key=f"plot {name}", config=_CONFIG, alt=f"{title}. The button Table shows its numbers.")
        notes(caption)


@contextmanager
def framed(
    title: str, name: str, frame: pd.DataFrame, caption: Caption, columns: Mapping[str, Shown]
) -> Iterator[None]:
    """Where a page draws a figure of its own: under its title, with its files; else as in `figure`."""
    with st.container(key=f"figure-{name}"):
        with _head(title, name):
            menu(Taken(title, name, Table(frame, columns), _n(caption, frame), str(caption), plot=True), key=name)
        yield


def table(
    title: str,
    frame: pd.DataFrame,
    caption: Caption,
    name: str,
    columns: Mapping[str, Any] | None = None,
    best: Best | None = None,
    **options: Any,
) -> Any:
    """A table under its title, with a caption and its files. options: of st.dataframe; returns what that returns."""
    typed = {each: one.get("type_config") or {} for each, one in (columns or {}).items()}
    pictures = [each for each, one in typed.items() if one.get("type") == "image"]
    held = Table(frame.drop(columns=pictures, errors="ignore"), shown_columns(columns or {}), best)
    with st.container(key=f"figure-{name}"):
        with _head(title, name):
            menu(Taken(title, name, held, _n(caption, frame), str(caption)), key=name)
        shown = _frame_shown(frame, column_config=dict(columns or {}), **options)
        if str(caption):
            notes(caption)
    return shown


def _frame_shown(frame: pd.DataFrame, **options: Any) -> Any:
    """A table, without formulas, a dash where nothing is known; returns what st.dataframe returns."""
    return st.dataframe(without_formulas(frame), hide_index=True, placeholder=NOTHING, **options)


@contextmanager
def listed(
    title: str,
    frame: pd.DataFrame,
    name: str,
    columns: Mapping[str, Column],
    caption: Caption = "",
) -> Iterator[None]:
    """Where a list of rows is drawn: under its title, with its files and, below it, its caption; name as in `figure`.
    columns: of the list; pictures are in no file."""
    with st.container(key=f"figure-{name}"):
        with _head(title, name):
            menu(Taken(title, name, list_table(frame, columns), _n(caption, frame), str(caption)), key=name)
        yield
        notes(caption)


def list_table(frame: pd.DataFrame, columns: Mapping[str, Column]) -> Table:
    """What files hold of a list of rows: all but its pictures."""
    pictures = [name for name, one in columns.items() if one.kind == "picture"]
    kept = frame.drop(columns=pictures, errors="ignore")
    return Table(kept, {each: Shown(one.title or each, _written(one)) for each, one in columns.items()})


def _written(column: Column) -> str:
    if column.kind != "number" or column.digits is None:
        return ""
    return f"%{'+' if column.signed else ''}.{column.digits}f"


def _n(caption: Caption, frame: pd.DataFrame) -> str:
    """Of what, and how many, the numbers are."""
    if isinstance(caption, Basis):
        return counted(caption.queries, "query", "queries")
    return counted(len(frame), "row", "rows")


@contextmanager
def _head(title: str, name: str) -> Iterator[None]:
    """The title and, beside it, small buttons."""
    with st.container(horizontal=True, gap="small", key=f"title-of-{name}", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        yield


def _table_button(frame: pd.DataFrame, name: str, columns: Mapping[str, Any]) -> None:
    opened = st.popover("Table", icon=":material/table_rows:", type="tertiary", key=f"table {name}", on_change="rerun")
    if opened.open:
        with opened:
            _frame_shown(frame, column_config=dict(columns), width=640)


def notes(text: Caption) -> None:
    """A caption."""
    st.caption(str(text))


def defined(values: Any) -> int:
    """Over how many queries a mean of values (..., Q) is."""
    return int((~np.isnan(np.atleast_2d(values)).any(axis=0)).sum())


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
) -> Basis:
    """What a figure's numbers rest on: measure, gains, judged products, how many queries, and by what a mean counts.
    values: (..., Q), nan where undefined. rows: those of the queries that are drawn."""
    known = ~np.isnan(np.atleast_2d(values)).any(axis=0)[rows]
    undefined, idle = len(known) - int(known.sum()), 0
    if asked.dataset.traffic is not None:
        asks = asked.dataset.traffic[rows] > 0
        idle = int((known & ~asks).sum())
        known &= asks
    parts = (f"{counted(undefined, 'more has', 'more have')} no defined value" if undefined else "", _idle(idle))
    without = f" ({'; '.join(filter(None, parts))})" if any(parts) else ""
    sentence = f"{measure}, gains **{plain(asked.gains)}**, {numbered(int(known.sum()), 'queries')}{without}."
    told = " ".join(filter(None, (sentence, counting(asked.dataset, values, rows), reach(asked.dataset), more)))
    return Basis(told, int(known.sum()))


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


def reach(dataset: Dataset) -> str:
    """Why nothing is claimed beyond these queries, where nothing is."""
    return f"Pairs **{CHOSEN}**: no interval, p or verdict." if dataset.labels_chosen else ""


def with_intervals(dataset: Dataset) -> str:
    """For the end of a title: what its numbers have beside them, or why not."""
    return f", pairs {CHOSEN}" if dataset.labels_chosen else ", with 95 % intervals"


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
