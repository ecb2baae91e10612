"""Dot plots: a mean with its interval a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from ..wording import numbered
from .style import Look, framed

_ROW, _HEAD, _LONGEST = 34, 96, 34


def interval_dots(
    frame: pd.DataFrame, label: str, runs: Mapping[str, str], colours: Mapping[str, str], shown: Look, x: str
) -> go.Figure:
    """A row of dots a line of the frame, the first on top.

    frame: `label` and for each run its column (the mean) and, where it has a line, `<run> low` and `<run> high`;
    `small`, where there, makes the dots hollow; `n`, where there, is told on hovering. runs: column -> name. colours:
    column -> colour.
    """
    figure = go.Figure()
    names = [shortened(str(name)) for name in frame[label]]
    step = 0.22 if len(runs) > 1 else 0.0
    for number, (run, name) in enumerate(runs.items()):
        offset = ((len(runs) - 1) / 2 - number) * step
        places = [len(frame) - 1 - row + offset for row in range(len(frame))]
        low, high = _ends(frame, run)
        hollow = frame["small"] if "small" in frame else [False] * len(frame)
        figure.add_scatter(
            x=frame[run],
            y=places,
            name=name,
            mode="markers",
            marker={
                "color": [shown.paper if small else colours[run] for small in hollow],
                "size": 9,
                "line": {"color": colours[run], "width": 1.8},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": high - frame[run],
                "arrayminus": frame[run] - low,
                "thickness": 1.6,
                "width": 0,
                "color": colours[run],
            },
            customdata=_facts(frame, run, label),
            hovertemplate="<b>%{customdata[0]}</b><br>" + name + " %{x:.4f}<br>95 %: %{customdata[1]}%{customdata[2]}"
            "<extra></extra>",
        )
    framed(figure, shown, x, "", _HEAD + _ROW * max(len(frame), 2))
    figure.update_yaxes(
        tickvals=list(range(len(frame))), ticktext=names[::-1], showgrid=False, range=[-0.7, len(frame) - 0.3]
    )
    figure.update_xaxes(showgrid=True)
    figure.update_layout(showlegend=len(runs) > 1)
    if len(runs) == 1:
        figure.update_layout(margin={"t": 8}, height=_HEAD - 22 + _ROW * max(len(frame), 2))
    return figure


def _with_room(values: pd.DataFrame) -> list[float] | None:
    """From the lowest to the highest value, with room for a dot; None where plotly had better choose."""
    low, high = values.min().min(), values.max().max()
    return [low - 0.03 * (high - low), high + 0.03 * (high - low)] if high > low else None


def _ends(frame: pd.DataFrame, run: str) -> tuple[pd.Series, pd.Series]:
    """The interval of each line, nan where the run has none."""
    none = pd.Series(float("nan"), index=frame.index)
    return frame.get(f"{run} low", none), frame.get(f"{run} high", none)


def _facts(frame: pd.DataFrame, run: str, label: str) -> list[list[str]]:
    intervals = zip(*_ends(frame, run), strict=True)
    counts = frame["n"] if "n" in frame else [None] * len(frame)
    return [
        [
            _plain(name),
            "–" if low != low else f"{low:.4f} to {high:.4f}",
            "" if n is None else f"<br>{numbered(n, 'queries')}",
        ]
        for name, (low, high), n in zip(frame[label], intervals, counts, strict=True)
    ]


def shortened(name: str, most: int = _LONGEST) -> str:
    """A name for an axis: cut, and with nothing in it that plotly takes for markup."""
    return _plain(name if len(name) <= most else f"{name[: most - 1]}…")


def _plain(text: object) -> str:
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain_names(names: Sequence[object]) -> list[str]:
    """Names from a bundle as plotly shows them as they are."""
    return [_plain(name) for name in names]


def zero_line(figure: go.Figure, shown: Look) -> go.Figure:
    """Marks no difference."""
    figure.add_vline(x=0, line={"color": shown.muted, "width": 1, "dash": "dot"})
    return figure


def method_dots(means: pd.DataFrame, measure: str, roles: Sequence[str], shown: Look, x: str) -> go.Figure:
    """The methods of a table of means as rows of dots in their run's colour; in-sample ones are hollow."""
    figure = go.Figure()
    names = [shortened(str(name), 42) for name in means["method"]]
    low, high = means[f"{measure} low"], means[f"{measure} high"]
    colours = [shown.of(role) for role in roles]
    for row, colour in enumerate(colours):
        figure.add_scatter(
            x=[low.iloc[row], high.iloc[row]],
            y=[row, row],
            mode="lines",
            line={"color": colour, "width": 2},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=means[measure],
        y=list(range(len(means))),
        mode="markers",
        marker={
            "size": 10,
            "color": [shown.paper if hollow else c for c, hollow in zip(colours, means["in-sample"], strict=True)],
            "line": {"color": colours, "width": 2},
        },
        customdata=[
            [name, "–" if a != a else f"{a:.4f} to {b:.4f}", ", in-sample" if hollow else ""]
            for name, a, b, hollow in zip(names, low, high, means["in-sample"], strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{x:.4f}%{customdata[2]}<br>95 %: %{customdata[1]}<extra></extra>",
    )
    framed(figure, shown, x, "", 60 + 30 * max(len(means), 3))
    figure.update_xaxes(showgrid=True, range=_with_room(means[[measure, f"{measure} low", f"{measure} high"]]))
    figure.update_layout(showlegend=False, margin={"t": 8})
    figure.update_yaxes(
        tickvals=list(range(len(means))), ticktext=names, showgrid=False, range=[len(means) - 0.4, -0.6]
    )
    return figure
