"""How often a test finds a difference, by how large it is."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .style import Look, framed


def power_figure(frame: pd.DataFrame, family: int, shown: Look, x: str) -> go.Figure:
    """Lines of a frame of `power_table`, with 80 % marked. family: how many comparisons the second is corrected for."""
    figure = go.Figure()
    names = {"alone": ("one comparison", shown.fused, "solid")}
    if family > 1:
        names["corrected"] = (f"one of {family:,}, after Holm", shown.muted, "dash")
    for column, (name, colour, dash) in names.items():
        figure.add_scatter(
            x=frame["difference"],
            y=frame[column],
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.2, "dash": dash},
            hovertemplate=name + "<br>true difference %{x:.4f}<br>found in %{y:.0%}<extra></extra>",
        )
    figure.add_hline(y=0.8, line={"color": shown.muted, "width": 1, "dash": "dot"})
    framed(figure, shown, x, "found in", 280)
    figure.update_yaxes(range=[-0.02, 1.02], tickformat=".0%")
    return figure
