"""The modality map: every query a point, its NDCG by text against its NDCG by image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..types import Floats, Positions
from .dots import plain_names
from .style import Look, framed

# Side of a bubble's cell in the density view, and its largest diameter in pixels.
_CELL, _BUBBLE = 0.05, 22
# In shares of the axes' span: within this points hide each other, so far apart they do not, and farther none is moved.
_HIDDEN, _APART, _FARTHEST = 0.005, 0.018, 0.05
_GOLDEN = float(np.pi * (3 - np.sqrt(5)))
_OTHERS = "others"
_COLOURS = 5


@dataclass(frozen=True, eq=False)
class QueryMap:
    """rows: what the points of each trace stand for, an array of the table's row numbers a point."""

    figure: go.Figure
    rows: tuple[tuple[Positions, ...], ...] = field(repr=False)

    def chosen(self, points: Sequence[tuple[int, int]]) -> Positions:
        """The table's rows behind selected points (trace, point); what the figure does not have is ignored."""
        parts = [
            self.rows[trace][point]
            for trace, point in points
            if 0 <= trace < len(self.rows) and 0 <= point < len(self.rows[trace])
        ]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def points_map(table: pd.DataFrame, x: str, y: str, colour: str, shown: Look, names: tuple[str, str]) -> QueryMap:
    """Every query of the table a point. x, y: columns of NDCG. colour: a column: of numbers (then a scale about 0) or
    of names (the five most frequent get a colour)."""
    known = np.flatnonzero((table[x].notna() & table[y].notna()).to_numpy())
    lowest = _lowest(table, x, y)
    places = fanned_out(table[[x, y]].to_numpy(dtype=np.float64), 1 - lowest)
    figure = go.Figure()
    rows: list[tuple[Positions, ...]] = []
    if pd.api.types.is_numeric_dtype(table[colour]):
        values = table[colour].to_numpy(dtype=np.float64)[known]
        most = max(float(np.nanmax(np.abs(values), initial=0.0)), 0.05)
        marker = {
            "color": np.round(values, 4),
            "cmin": -most,
            "cmax": most,
            "colorscale": _diverging(shown),
            "colorbar": {"title": {"text": "gain"}, "thickness": 10, "len": 0.75, "outlinewidth": 0},
            "size": 8,
            "line": {"width": 0.6, "color": shown.muted},
        }
        _points(figure, rows, table, places, known, (x, y), names, "queries", marker)
    else:
        labels = table[colour].fillna("not known").astype(str).to_numpy(dtype=object)
        frequent = pd.Series(labels[known]).value_counts().index[:_COLOURS].tolist()
        for number, name in enumerate([*frequent, _OTHERS]):
            # A category may have that name itself.
            rest = number == len(frequent)
            of_name = ~np.isin(labels, frequent) if rest else labels == name
            chosen = known[of_name[known]]
            if len(chosen):
                tint = shown.muted if rest else shown.cycle[number]
                marker = {"color": tint, "size": 8, "opacity": 0.75}
                _points(figure, rows, table, places, chosen, (x, y), names, plain_names([name])[0], marker)
    return QueryMap(_mapped(figure, shown, names, lowest), tuple(rows))


def fanned_out(points: Floats, span: float) -> Floats:
    """(N, 2) the points, those that would hide each other moved onto a spiral about the place that they share, the
    first left there. span: of the axes, of which a twentieth is the farthest that a point is moved; where it is 0 none
    is."""
    moved = points.copy()
    if not span > 0:
        return moved
    cells = np.round(points / (_HIDDEN * span))
    _, which, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    for cell in np.flatnonzero(counts > 1):
        rows = np.flatnonzero(which.ravel() == cell)
        # As the seeds of a sunflower: equally dense, however many.
        number = np.arange(len(rows))
        radius = np.sqrt(number) * span * min(_APART, _FARTHEST / np.sqrt(len(rows)))
        angle = number * _GOLDEN
        moved[rows] += np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return moved


def density_map(table: pd.DataFrame, x: str, y: str, shown: Look, names: tuple[str, str]) -> QueryMap:
    """The same for thousands: a bubble a cell of .05 by .05, as large as its queries are many."""
    known = np.flatnonzero((table[x].notna() & table[y].notna()).to_numpy())
    cells = np.minimum(np.floor(table[[x, y]].to_numpy(dtype=np.float64)[known] / _CELL), 1 / _CELL - 1)
    found, which = np.unique(cells, axis=0, return_inverse=True)
    groups = [known[which.ravel() == number] for number in range(len(found))]
    counts = np.array([len(group) for group in groups])
    middles = (found + 0.5) * _CELL
    figure = go.Figure()
    figure.add_scatter(
        x=middles[:, 0] if len(middles) else [],
        y=middles[:, 1] if len(middles) else [],
        mode="markers",
        name="queries",
        marker={
            "size": 3 + _BUBBLE * np.sqrt(counts / max(counts.max(initial=1), 1)),
            "color": shown.fused,
            "opacity": 0.65,
            "line": {"width": 0},
        },
        customdata=counts,
        hovertemplate=f"{names[0]} about %{{x:.2f}}, {names[1]} about %{{y:.2f}}<br>%{{customdata:,}} queries"
        "<extra></extra>",
        showlegend=False,
    )
    return QueryMap(_mapped(figure, shown, names, _lowest(table, x, y)), (tuple(groups),))


def _points(
    figure: go.Figure,
    rows: list[tuple[Positions, ...]],
    table: pd.DataFrame,
    places: Floats,
    chosen: Positions,
    columns: tuple[str, str],
    names: tuple[str, str],
    name: str,
    marker: dict[str, object],
) -> None:
    kind = go.Scattergl if len(table) > 3000 else go.Scatter
    values = table[list(columns)].to_numpy(dtype=np.float64)[chosen]
    at = places[chosen]
    figure.add_trace(
        kind(
            x=at[:, 0],
            y=at[:, 1],
            customdata=values,
            mode="markers",
            name=name,
            marker=marker,
            text=plain_names(table["query"].to_numpy()[chosen].tolist()),
            hovertemplate=f"<b>%{{text}}</b><br>{names[0]} %{{customdata[0]:.3f}} · {names[1]} %{{customdata[1]:.3f}}"
            "<extra></extra>",
        )
    )
    rows.append(tuple(chosen[i : i + 1] for i in range(len(chosen))))


def _mapped(figure: go.Figure, shown: Look, names: tuple[str, str], lowest: float) -> go.Figure:
    figure.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, line={"color": shown.muted, "width": 1, "dash": "dot"}, layer="below"
    )
    for name, place, anchor in (
        (names[1], (0.01, 0.86), "left"),
        (names[0], (0.99, 0.01), "right"),
    ):
        figure.add_annotation(
            x=place[0], y=place[1], xref="paper", yref="paper", text=f"{name} better", showarrow=False, xanchor=anchor,
            font={"color": shown.muted, "size": 12},
        )  # fmt: skip
    framed(figure, shown, f"NDCG of {names[0]}", f"NDCG of {names[1]}", 470)
    margin = 0.06 * (1 - lowest)
    span = {"range": [lowest - margin, 1 + margin], "dtick": 0.2 if lowest < 0.4 else 0.1, "tickformat": ".1f"}
    figure.update_xaxes(**span, showgrid=True)
    figure.update_yaxes(**span)
    figure.update_layout(
        dragmode="lasso",
        hovermode="closest",
        margin={"t": 34},
        legend={"y": -0.16, "yanchor": "top"},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": shown.muted, "activecolor": shown.fused},
    )
    return figure


def _lowest(table: pd.DataFrame, x: str, y: str) -> float:
    """Where the axes begin: a round value below all points."""
    values = table[[x, y]].to_numpy(dtype=np.float64)
    low = float(np.nanmin(values)) if np.isfinite(values).any() else 0.0
    return max(float(np.floor(low * 10) / 10), 0.0)


def _diverging(shown: Look) -> list[list[object]]:
    return [[0.0, "#b45309"], [0.5, shown.line], [1.0, shown.fused]]


def ndcg_histogram(values: Floats, shown: Look, name: str, role: str) -> go.Figure:
    """How the queries' NDCG of one run lies: twenty bars from 0 to 1."""
    counts, edges = np.histogram(values[~np.isnan(values)], np.linspace(0, 1, 21))
    figure = go.Figure(
        go.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=counts,
            marker={"color": shown.of(role)},
            hovertemplate="NDCG about %{x:.2f}<br>%{y:,} queries<extra></extra>",
        )
    )
    framed(figure, shown, f"NDCG of {name}", "queries", 320)
    figure.update_layout(bargap=0.06)
    return figure
