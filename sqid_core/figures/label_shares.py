"""Labels by rank, and a signal's scores by label."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from ..bundle.labels import LabelScale
from .dots import plain_names
from .style import Look, framed, label_colour


def label_shares(frame: pd.DataFrame, scale: LabelScale, shown: Look) -> go.Figure:
    """Bars: the share of each label at each rank, the best at the bottom. frame: of `label_rank_frame`."""
    figure = go.Figure()
    for name, colour in zip(scale.names, scale.colors, strict=True):
        rows = frame[frame["label"] == name]
        figure.add_bar(
            x=rows["rank"],
            y=rows["share"],
            name=plain_names([name])[0],
            marker={"color": label_colour(colour, shown), "line": {"width": 0}},
            customdata=rows["queries"],
            hovertemplate="rank %{x}: %{y:.1%}<br>of %{customdata:,} queries<extra>%{fullData.name}</extra>",
        )
    framed(figure, shown, "rank", "share of the queries’ products", 330)
    figure.update_layout(barmode="stack", bargap=0.08, legend={"entrywidth": 84})
    figure.update_yaxes(range=[0, 1], tickformat=".0%", dtick=0.25)
    return figure


def displaced_labels(frames: dict[str, pd.DataFrame], scale: LabelScale, shown: Look) -> go.Figure:
    """Lines: how often the second label stands at a rank while a product with the best label comes later.

    frames: run's role (text, image, fused) or name -> frame of `label_rank_frame`.
    """
    figure = go.Figure()
    second = scale.names[min(1, len(scale.names) - 1)]
    for run, frame in frames.items():
        rows = frame[frame["label"] == second]
        figure.add_scatter(
            x=rows["rank"],
            y=rows["displaced"],
            name=plain_names([run])[0],
            mode="lines+markers",
            marker={"size": 5},
            line={"color": shown.of(run), "width": 2},
            hovertemplate="rank %{x}: %{y:.1%}<extra>%{fullData.name}</extra>",
        )
    framed(figure, shown, "rank", "share of queries", 300)
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def score_distributions(frame: pd.DataFrame, scale: LabelScale, shown: Look) -> go.Figure:
    """Lines: how a signal's scores lie for each label. frame: of `label_scores`."""
    figure = go.Figure()
    for name, colour in zip(scale.names, scale.colors, strict=True):
        rows = frame[frame["label"] == name]
        if not len(rows) or not rows["pairs"].iloc[0]:
            continue
        figure.add_scatter(
            x=rows["score"],
            y=rows["share"],
            name=f"{plain_names([name])[0]} ({rows['pairs'].iloc[0]:,})",
            mode="lines",
            line={"color": label_colour(colour, shown), "width": 2, "shape": "hvh"},
            hovertemplate="score %{x:.3f}: %{y:.1%}<extra>%{fullData.name}</extra>",
        )
    framed(figure, shown, "score (cosine, or the run’s own)", "share of the label’s pairs", 300)
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure
