"""NDCG over all weights of three signals: a triangle with a signal at each corner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..types import Floats
from .dots import plain_names
from .style import Look

# Where the three corners stand: below left, below right, above.
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])


def triangle_frame(names: Sequence[str], weights: Floats, ndcg: Floats) -> pd.DataFrame:
    """A row a point: the weight of each signal (G, 3), and the mean NDCG (G,)."""
    return pd.DataFrame(weights, columns=list(names)).assign(ndcg=ndcg)


def triangle_figure(frame: pd.DataFrame, best: Floats, chosen: Floats | None, honest: Floats, shown: Look) -> go.Figure:
    """The points of a `triangle_frame`, coloured by NDCG. best: (3,) the best weights on these queries, in-sample.
    chosen: (3,) a point that somebody picked. honest: (F, 3) the weights that folds chose for each other."""
    names = plain_names(list(frame.columns[:3]))
    weights = frame.iloc[:, :3].to_numpy()
    bar = {"title": "mean NDCG", "thickness": 12, "tickformat": ".3f", "outlinewidth": 0}
    figure = go.Figure()
    figure.add_scatter(
        **_at(weights),
        mode="markers",
        name="mean NDCG",
        showlegend=False,
        customdata=np.column_stack([weights, frame["ndcg"]]),
        marker={"symbol": "hexagon", "size": 19, "color": frame["ndcg"], "colorscale": _scale(shown), "colorbar": bar},
        hovertemplate="<br>".join(f"{name} %{{customdata[{i}]:.2f}}" for i, name in enumerate(names))
        + "<br>NDCG %{customdata[3]:.4f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        **_at(honest), mode="markers", name="chosen by other folds", hoverinfo="skip",
        marker={"symbol": "circle-open", "size": 9, "color": shown.ink, "line": {"width": 1.5}},
    )  # fmt: skip
    marks = [("best, in-sample", "star", best), ("picked", "x", chosen)]
    for name, symbol, where in marks:
        if where is not None:
            figure.add_scatter(
                **_at(where[None]), mode="markers", name=name, hoverinfo="skip",
                marker={"symbol": symbol, "size": 14, "color": shown.ink, "line": {"width": 1.5, "color": shown.paper}},
            )  # fmt: skip
    for name, corner, place in zip(names, _CORNERS, ("bottom left", "bottom right", "top"), strict=True):
        figure.add_annotation(
            x=corner[0], y=corner[1], text=name, showarrow=False, font={"size": 12, "color": shown.ink},
            xanchor={"bottom left": "left", "bottom right": "right", "top": "center"}[place],
            yshift=22 if place == "top" else -22,
        )  # fmt: skip
    figure.update_xaxes(visible=False, range=[-0.12, 1.12])
    figure.update_yaxes(visible=False, range=[-0.12, 0.98], scaleanchor="x", scaleratio=1)
    figure.update_layout(
        height=440,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": shown.ink},
        legend={"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom"},
    )
    return figure


def _at(weights: Floats) -> dict[str, Floats]:
    """Where points of weights (n, 3) stand."""
    places = weights @ _CORNERS
    return {"x": places[:, 0], "y": places[:, 1]}


def _scale(shown: Look) -> list[list[object]]:
    """From the colour of the page's lines to that of a fusion: more is stronger."""
    return [[0.0, shown.line], [1.0, shown.fused]]
