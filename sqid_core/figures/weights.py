"""NDCG by image weight, with its best interval and band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from ..analysis.query_weights import WEIGHTS, inside
from ..evaluation.curves import WeightCurve
from ..evaluation.plateau import plateau
from ..types import Floats
from .style import Look, faded, framed

# More steps than this cannot be seen: the curve is then drawn through its values at so many weights.
_STEPS = 2_000


@dataclass(frozen=True)
class Point:
    """A published figure: where it stands and whose it is."""

    image_weight: float
    ndcg: float
    source: str


def curve_frame(curve: WeightCurve, low: Floats, high: Floats) -> pd.DataFrame:
    """What the figure draws, at 101 weights: image_weight, ndcg (at 0 and 1 exactly there), low, high."""
    return pd.DataFrame({"image_weight": WEIGHTS, "ndcg": curve.at(WEIGHTS), "low": low, "high": high})


def weight_curve_figure(
    curve: WeightCurve,
    frame: pd.DataFrame,
    chosen: tuple[float, float],
    shown: Look,
    points: Sequence[Point] = (),
    alone: tuple[float, float] | None = None,
) -> go.Figure:
    """The exact curve, its 95 % band (frame of `curve_frame`), the best's plateau shaded, the chosen weight marked.

    chosen: a weight and its NDCG, which at a crossing, as ranks have at .5, is on neither side of it. alone: NDCG of
    the text and of the image ranking by itself, which the fusion at 0 and 1 is not where products lack one of the two.
    """
    figure = go.Figure()
    _add_band(figure, frame, shown)
    x, y = _steps(curve)
    figure.add_scatter(
        x=x,
        y=y,
        name="mean NDCG" if curve.exact else "mean NDCG, sampled",
        line={"color": shown.fused, "width": 2.2, "shape": "hv"},
        mode="lines",
        hovertemplate="image weight %{x:.3f}<br>NDCG %{y:.4f}<extra></extra>",
    )
    _add_best_and_chosen(figure, curve, chosen, shown)
    for name, place, anchor in (("text", 0.0, "left"), ("image", 1.0, "right")):
        figure.add_annotation(
            x=place, y=1.0, yref="paper", text=name, showarrow=False, xanchor=anchor, yanchor="bottom",
            font={"color": shown.of(name), "size": 12}, yshift=-18,
        )  # fmt: skip
    if alone is not None:
        _add_alone(figure, alone, shown)
    if points:
        _add_published(figure, points, shown)
    framed(figure, shown, "image weight (0: text counts, 1: image counts)", "mean NDCG", 380)
    figure.update_xaxes(range=[-0.015, 1.015], dtick=0.1, tickformat=".1f")
    return figure


def weight_shares(weights: Floats, interval: tuple[float, float], best: float, shown: Look) -> go.Figure:
    """How often each weight was best, in steps of .02, with the interval shaded and the best of all queries marked.
    weights: (R,) the best of each resample."""
    frame = share_frame(weights)
    figure = go.Figure()
    figure.add_bar(
        x=frame["image_weight"],
        y=frame["share"],
        marker={"color": faded(shown.fused, 0.75)},
        hovertemplate="image weight %{x:.2f}<br>best in %{y:.1%}<extra></extra>",
    )
    figure.add_vrect(x0=interval[0], x1=interval[1], fillcolor=faded(shown.fused, 0.14), line_width=0, layer="below")
    figure.add_vline(x=best, line={"color": shown.fused, "width": 2, "dash": "dot"})
    framed(figure, shown, "image weight", "share of resamples", 260)
    figure.update_xaxes(range=[-0.015, 1.015], dtick=0.1, tickformat=".1f")
    figure.update_yaxes(tickformat=".0%")
    figure.update_layout(showlegend=False)
    return figure


def share_frame(weights: Floats) -> pd.DataFrame:
    """image_weight, in steps of .02, and the share of some weights (R,) next to each."""
    counts = np.bincount(np.round(weights * 50).astype(np.int64), minlength=51)
    return pd.DataFrame({"image_weight": np.arange(51) / 50, "share": counts / max(len(weights), 1)})


def _add_band(figure: go.Figure, frame: pd.DataFrame, shown: Look) -> None:
    figure.add_scatter(
        x=[*frame["image_weight"], *frame["image_weight"][::-1]],
        y=[*frame["high"], *frame["low"][::-1]],
        fill="toself",
        fillcolor=faded(shown.fused, 0.14),
        line={"width": 0},
        name="95 % of the mean",
        hoverinfo="skip",
    )


def _add_best_and_chosen(figure: go.Figure, curve: WeightCurve, chosen: tuple[float, float], shown: Look) -> None:
    best, (low, high) = curve.best, plateau(curve)
    figure.add_vrect(x0=low, x1=max(high, low + 0.002), fillcolor=faded(shown.fused, 0.3), line_width=0, layer="below")
    figure.add_scatter(
        x=[best.weight, chosen[0]],
        y=[best.value, chosen[1]],
        mode="markers",
        name="best, chosen",
        showlegend=False,
        marker={
            "size": [11, 11],
            "symbol": ["star", "circle"],
            "color": [shown.fused, shown.paper],
            "line": {"color": shown.fused, "width": 2},
        },
        customdata=["best, in-sample", "chosen"],
        hovertemplate="%{customdata}<br>image weight %{x:.3f}<br>NDCG %{y:.4f}<extra></extra>",
    )


def _add_alone(figure: go.Figure, alone: tuple[float, float], shown: Look) -> None:
    figure.add_scatter(
        x=[0.0, 1.0],
        y=list(alone),
        mode="markers",
        name="text alone, image alone",
        marker={"symbol": "line-ew-open", "size": 14, "line": {"width": 3}, "color": [shown.text, shown.image]},
        customdata=["text alone", "image alone"],
        hovertemplate="%{customdata}<br>NDCG %{y:.4f}<extra></extra>",
        cliponaxis=False,
    )


def _add_published(figure: go.Figure, points: Sequence[Point], shown: Look) -> None:
    figure.add_scatter(
        x=[point.image_weight for point in points],
        y=[point.ndcg for point in points],
        mode="markers",
        name="published",
        marker={"symbol": "diamond-open", "size": 9, "color": shown.ink, "line": {"width": 1.6}},
        customdata=[point.source for point in points],
        hovertemplate="%{customdata}<br>image weight %{x:.2f}<br>NDCG %{y:.4f}<extra></extra>",
    )


def _steps(curve: WeightCurve) -> tuple[Floats, Floats]:
    if len(curve.starts) > _STEPS:
        weights = np.linspace(0, 1, _STEPS)
        return weights, curve.at(inside(weights))
    return np.append(curve.starts, 1.0), np.append(curve.values, curve.values[-1])
