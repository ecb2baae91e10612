"""The modality map and what is chosen on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.query_sets import LONGEST_SET, read_rows, write_rows
from sqid_core.bundle.load import Dataset
from sqid_core.exports.tables import Shown
from sqid_ui.analysis.queries.asked import Asked
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.parts import show
from sqid_ui.parts.clicks import point_clicks
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import NONSENSE, Setting, some

if TYPE_CHECKING:
    from sqid_core.figures.query_map import QueryMap

POINTS, DENSITY = "points", "density"
KINDS = (POINTS, DENSITY)
# More queries than this hide each other as points.
_MANY = 2_000
# More than these are written by their rows.
_NAMED = 100
_MAP, _NUMBER, _OPENED = "map as drawn", "number of the map", "query opened on the map"


def default_kind(dataset: Dataset) -> str:
    """Points, or the density where they are thousands."""
    return DENSITY if int((dataset.judgements.lengths > 0).sum()) > _MANY else POINTS


def pick_setting(dataset: Dataset) -> Setting:
    """The queries chosen on the map: by their ids where they are few, else by their rows."""
    named = some("pick", query_names(dataset), most=_NAMED, of_bundle=True)
    ids = dataset.judgements.query_ids

    def read(text: str) -> tuple[str, ...]:
        try:
            found: tuple[str, ...] = named.read(text)
            return found
        except NONSENSE:
            return tuple(map(str, ids[read_rows(text, dataset.fingerprint, len(ids))]))

    def write(chosen: tuple[str, ...]) -> str:
        if len(chosen) <= _NAMED:
            return named.write(chosen)
        return write_rows(np.flatnonzero(np.isin(ids.astype(str), chosen)).tolist(), dataset.fingerprint)

    return replace(named, read=read, write=write, longest=2 * LONGEST_SET)


def picked() -> tuple[str, ...]:
    """The ids of the queries chosen on the map; none where none are."""
    found: tuple[str, ...] = value("pick")
    return found


def show_map(asked: Asked) -> None:
    """Every filtered query by its two scores; where there is one run, how its scores lie."""
    columns = [name for name in asked.runs if name != "fused"]
    if len(columns) < 2:
        _one_run(asked, columns[0] if columns else next(iter(asked.runs)))
        return
    x, y = columns[:2]
    kind, colour = _controls(asked)
    from sqid_core.figures.query_map import density_map, points_map

    table = asked.table.iloc[np.sort(asked.rows)].reset_index(drop=True)
    names = asked.runs[x], asked.runs[y]
    axes = {"text": "text", "image": "image", "a": "A", "b": "B"}
    drawn = (
        density_map(table, x, y, show.look(), (axes[x], axes[y]))
        if kind == DENSITY
        else points_map(table, x, y, colour, show.look(), (axes[x], axes[y]))
    )
    _draw(
        drawn,
        table,
        f"{plain(names[1])} against {plain(names[0])} · "
        + ("a bubble’s size is its number of queries" if kind == DENSITY else "each point is a query"),
        asked,
        (x, y),
    )


def _controls(asked: Asked) -> tuple[str, str]:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kind = draw(st.segmented_control, "map",
            "Map", KINDS, required=True, format_func=str.capitalize,
            help="Density: a bubble for the queries of each .05 by .05.",
        )  # fmt: skip
        named = asked.table["category"].notna().any()
        options = [
            name
            for name in ("category", "gain")
            if (named or name == "gain") and (name != "gain" or name in asked.table)
        ]
        if value("colour") not in options:
            give("colour", options[0])
        gain = "B − A" if "a" in asked.runs else "Gain of fusing"
        colour = draw(st.segmented_control, "colour",
            "Colour", options, required=True, disabled=kind == DENSITY,
            format_func={"category": "Category", "gain": gain}.__getitem__,
            help="Gain: fused less the better of text and image." if "fused" in asked.runs else None,
        )  # fmt: skip
    return str(kind), str(colour)


def _draw(drawn: QueryMap, table: pd.DataFrame, title: str, asked: Asked, columns: tuple[str, str]) -> None:
    st.session_state[_MAP] = (drawn, table["query_id"].tolist())
    basis = show.basis(
        asked,
        asked.table[list(columns)].to_numpy().T,
        more="Above the dotted line the vertical one is better. Draw around some points to choose them; a "
        "click opens one. Points at one place are fanned out; their own numbers show above them. "
        + (show.as_set(asked.fusion) if "fused" in asked.runs else ""),
        rows=asked.rows,
    )
    kept = table[[name for name in ("query_id", "query", *columns, "category", "gain") if name in table]]
    with show.framed(title, "map", kept, basis, {name: Shown(asked.runs[name]) for name in columns}):
        st.plotly_chart(
            drawn.figure,
            key=_chart_key(),
            on_select=_on_select,
            selection_mode=("lasso", "box"),
            config={
                "displayModeBar": True,
                "modeBarButtonsToRemove": ["zoomIn2d", "zoomOut2d"],
                "displaylogo": False,
            },
            alt=f"{title}. The table beside it holds the same queries.",
        )
        point_clicks("figure-map", "map clicks", _on_click)
        show.notes(basis)
        chosen = picked()
        if chosen:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":material/lasso_select: {len(chosen):,} chosen on the map")
                st.button("Clear", key="clear map", on_click=_clear, type="tertiary", icon=":material/close:")


def _chart_key() -> str:
    return f"query map {st.session_state.get(_NUMBER, 0)}"


def _on_select() -> None:
    """Remembers whose points were chosen."""
    state: Any = st.session_state[_chart_key()]
    drawn, ids = st.session_state[_MAP]
    points = [(point["curve_number"], point["point_index"]) for point in state.selection.points]
    give("pick", tuple(ids[row] for row in drawn.chosen(points)))


def _on_click(trace: int, point: int) -> None:
    """A query is opened; a bubble of several chooses them."""
    drawn, ids = st.session_state[_MAP]
    found = tuple(ids[row] for row in drawn.chosen([(trace, point)]))
    if len(found) == 1:
        st.session_state[_OPENED] = found[0]
    elif found:
        give("pick", found)


def opened() -> str | None:
    """The query whose point was clicked, told once; None for none."""
    found: str | None = st.session_state.pop(_OPENED, None)
    return found


def _clear() -> None:
    give("pick", ())
    # Under another key the chart forgets what was chosen on it.
    st.session_state[_NUMBER] = st.session_state.get(_NUMBER, 0) + 1


def _one_run(asked: Asked, name: str) -> None:
    from sqid_core.figures.query_map import ndcg_histogram

    values = asked.table[name].to_numpy()
    counted = asked.table.iloc[asked.rows][["query_id", name]]
    show.figure(
        f"{plain(asked.runs[name])}: how NDCG lies over the queries",
        ndcg_histogram(values[asked.rows], show.look(), asked.runs[name], name),
        show.basis(asked, values, rows=asked.rows),
        counted,
        "ndcg-histogram",
        show.columns_of({name: plain(asked.runs[name])}),
    )
