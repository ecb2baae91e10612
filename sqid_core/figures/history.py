"""A measure over time, a line a method."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from .dots import plain_names
from .style import Look, framed

_DASHES = ("solid", "dash", "dot", "dashdot")
_A_DAY = 86_400_000
# Evaluations of one day differ by their hours.
_TICKS = [
    {"dtickrange": [None, _A_DAY - 1], "value": "%H:%M\n%Y-%m-%d"},
    {"dtickrange": [_A_DAY, None], "value": "%Y-%m-%d"},
]


def history_lines(frame: pd.DataFrame, shown: Look, y: str, marked: tuple[str, ...] = ()) -> go.Figure:
    """Lines of a frame of `over_time`. A line joins what was measured alike; where there are several, the later have
    other dashes. marked: the names of evaluations whose points are larger."""
    figure = go.Figure()
    for place, (method, of_method) in enumerate(frame.groupby("method", sort=False)):
        colour = shown.cycle[place % len(shown.cycle)]
        for line, joined in of_method.groupby("line"):
            [name] = plain_names([method])
            sizes = [11 if each in marked else 6 for each in joined["name"]]
            figure.add_scatter(
                x=joined["when"],
                y=joined["mean"],
                name=name,
                legendgroup=name,
                showlegend=bool(joined["line"].iloc[0] == of_method["line"].iloc[0]),
                mode="lines+markers",
                line={"color": colour, "width": 2, "dash": _DASHES[int(str(line)) % len(_DASHES)]},
                marker={"size": sizes, "symbol": place // len(shown.cycle)},
                customdata=joined.assign(
                    name=plain_names(joined["name"].tolist()), bundle=plain_names(joined["fingerprint"].tolist())
                )[["name", "n", "bundle"]],
                hovertemplate="%{fullData.name}<br>%{x|%Y-%m-%d %H:%M} UTC, %{customdata[0]}<br>%{y:.4f}, "
                "%{customdata[1]:,} queries, bundle %{customdata[2]}<extra></extra>",
            )
    framed(figure, shown, "", y, 380)
    figure.update_xaxes(type="date", tickformatstops=_TICKS)
    return figure
