"""Heat maps of two groupings, the loss of approximate search, and nearest cosines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..types import Floats, Positions
from .dots import plain_names, shortened
from .style import Look, framed


def heat_map(
    cells: pd.DataFrame,
    rows: Sequence[str],
    columns: Sequence[str],
    small: int,
    diverging: bool,
    shown: Look,
    what: str,
    titles: tuple[str, str] = ("", ""),
) -> go.Figure:
    """A cell a pair of groups, its mean written in it. cells: first, second, n, mean, as `crossed` gives them. Cells of
    fewer than `small` queries are written in brackets. diverging: colours about 0, for differences. titles: of the rows
    and of the columns."""
    means, counts = _gridded(cells, rows, columns)
    written = [
        ["" if not n else f"({mean:.2f})" if n < small else f"{mean:.2f}" for n, mean in zip(ns, values, strict=True)]
        for ns, values in zip(counts, means, strict=True)
    ]
    most = max(float(np.nanmax(np.abs(means), initial=0.0)), 0.02) if np.isfinite(means).any() else 1.0
    scale = (
        {"colorscale": [[0, "#b45309"], [0.5, shown.paper], [1, shown.fused]], "zmin": -most, "zmax": most}
        if diverging
        else {"colorscale": [[0, shown.paper], [1, shown.fused]]}
    )
    figure = go.Figure(
        go.Heatmap(
            z=means,
            # Numbers, as two names that begin alike would be one place.
            x=list(range(len(columns))),
            y=list(range(len(rows))),
            text=written,
            texttemplate="%{text}",
            customdata=[
                [[n, *plain_names([row, column])] for column, n in zip(columns, ns, strict=True)]
                for row, ns in zip(rows, counts.tolist(), strict=True)
            ],
            hovertemplate=f"%{{customdata[1]}} · %{{customdata[2]}}<br>{what} %{{z:.4f}}<br>"
            "%{customdata[0]:,} queries<extra></extra>",
            xgap=2,
            ygap=2,
            colorbar={"thickness": 10, "outlinewidth": 0, "len": 0.8},
            hoverongaps=False,
            **scale,
        )
    )
    # One title for both axes: beside long names there is no room for the rows' own.
    across = f"across: {titles[1]}, down: {titles[0]}" if any(titles) else ""
    framed(figure, shown, across, "", 110 + 34 * max(len(rows), 3))
    figure.update_xaxes(showgrid=False, tickangle=-30, **_places(columns))
    figure.update_yaxes(showgrid=False, autorange="reversed", **_places(rows))
    return figure


def _gridded(cells: pd.DataFrame, rows: Sequence[str], columns: Sequence[str]) -> tuple[Floats, Positions]:
    """The mean (nan where there is no cell) and the number of queries of each pair of groups, (rows, columns)."""
    shape = len(rows), len(columns)
    means, counts = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    for first, second, n, mean in cells[["first", "second", "n", "mean"]].itertuples(index=False):
        if first in rows and second in columns:
            place = list(rows).index(first), list(columns).index(second)
            means[place], counts[place] = mean, n
    return means, counts


def _places(names: Sequence[str]) -> dict[str, object]:
    return {"tickvals": list(range(len(names))), "ticktext": [shortened(name, 24) for name in names]}


def loss_by_speed(frame: pd.DataFrame, ef: int, shown: Look) -> go.Figure:
    """NDCG lost against exact search, by queries a second: a point an ef, the chosen one filled (of `index_loss`)."""
    graph = frame[frame["ef"].notna()]
    figure = go.Figure(
        go.Scatter(
            x=graph["queries a second"],
            y=graph["loss"],
            mode="lines+markers+text",
            text=[f"ef {value:.0f}" for value in graph["ef"]],
            textposition="top center",
            cliponaxis=False,
            line={"color": shown.fused, "width": 1.5, "dash": "dot"},
            marker={
                "size": 11,
                "color": [shown.fused if value == ef else shown.paper for value in graph["ef"]],
                "line": {"color": shown.fused, "width": 2},
            },
            customdata=graph["recall@10"],
            hovertemplate="%{text}<br>%{x:,.0f} queries a second<br>NDCG@10 lost %{y:.4f}<br>"
            "recall@10 %{customdata:.1%}<extra></extra>",
        )
    )
    framed(figure, shown, "queries a second, one at a time", "NDCG@10 lost against exact search", 330)
    # In whole numbers: plotly's own marks of a logarithmic axis are single digits.
    places = [step * 10**power for power in range(7) for step in (1, 2, 5)]
    figure.update_xaxes(type="log", tickvals=places, ticktext=[f"{place:,}" for place in places])
    return figure


def nearest_histogram(cosines: Floats, least: float, shown: Look) -> go.Figure:
    """How close each product's nearest other one is; what is at `least` or closer stands out."""
    # All may be 1, and bins need a width.
    low = float(np.floor(min(cosines.min(initial=1.0), 0.95) * 20) / 20)
    counts, edges = np.histogram(np.clip(cosines, low, 1.0), np.linspace(low, 1.0, 41))
    middles = (edges[1:] + edges[:-1]) / 2
    figure = go.Figure(
        go.Bar(
            x=middles,
            y=counts,
            marker={"color": [shown.image if edge >= least - 1e-9 else shown.muted for edge in edges[:-1]]},
            hovertemplate="cosine about %{x:.3f}<br>%{y:,} products<extra></extra>",
        )
    )
    framed(figure, shown, "cosine with the nearest other product", "products", 280)
    figure.update_layout(bargap=0.05)
    return figure
