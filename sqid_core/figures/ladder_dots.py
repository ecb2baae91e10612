"""The ladder of rankers: a mean with its interval a row, and from where the step to it was taken."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from ..analysis.ladder import MIX, PRESENCE, RANDOM, SIGNAL, WEIGHT
from .dots import method_dots
from .style import Look


def ladder_dots(table: pd.DataFrame, measure: str, roles: list[str], shown: Look, x: str) -> go.Figure:
    """table: as of `ladder_table`, the lowest rung first. A dotted line leads to each dot from the mean that its step
    is measured against."""
    figure = method_dots(
        table.rename(columns={"method": "name"}).assign(method=_names(table)), measure, roles, shown, x
    )
    means = dict(zip(table["method"], table[measure], strict=True))
    for row, (under, mean) in enumerate(zip(table["against"], table[measure], strict=True)):
        if under in means:
            figure.add_scatter(
                x=[means[under], mean],
                y=[row, row],
                mode="lines+markers",
                line={"color": shown.muted, "width": 1.2, "dash": "dot"},
                marker={"symbol": "line-ns", "size": [11, 0], "line": {"color": shown.muted, "width": 1.6}},
                hoverinfo="skip",
            )
    # The dots are drawn last.
    figure.data = tuple(sorted(figure.data, key=lambda trace: trace.mode == "markers"))
    return figure


def _names(table: pd.DataFrame) -> list[str]:
    """Short names: a fusion by its step, a signal by its own name and, where it is more than that, its step."""
    found = []
    for step, name in zip(table["step"], table["method"], strict=True):
        if step in (SIGNAL, RANDOM, PRESENCE):
            found.append(name)
        else:
            found.append(step if step in (WEIGHT, MIX) else f"{name}, {step}")
    return found
