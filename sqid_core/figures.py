"""Curves and frames as plotly figures. Pure: no theme is chosen here beyond the few colours that carry meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .weight_curve import WeightCurve

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Mid-tones that read on white and on near-black alike.
LINE, BEST, MARKER = "#6366f1", "rgba(16, 160, 110, 0.22)", "#db2777"
HEIGHT = 150
# Room for the labels of the vertical axis; a slider above leaves the same, so that its thumb stands over the marker.
RIGHT_MARGIN = 48
# The vertical axis never zooms in closer than this: a difference of .001 must not look like a cliff.
_SMALLEST_SPAN = 0.02


def weight_curve_figure(curve: WeightCurve, image_weight: float) -> go.Figure:
    """NDCG by image weight: the exact steps, the best open interval shaded, the current weight marked.

    A method that is not linear has samples, drawn as a line. The weight axis begins at the left edge, so that the
    figure can stand under a slider.
    """
    import plotly.graph_objects as go

    weights = np.append(curve.starts, 1.0)
    values = np.append(curve.values, curve.values[-1])
    here = float(curve.at(image_weight))
    shape = "hv" if curve.exact else "linear"
    figure = go.Figure()
    figure.add_scatter(
        x=weights,
        y=values,
        mode="lines",
        line={"shape": shape, "width": 2, "color": LINE},
        cliponaxis=False,
        name="NDCG",
        hovertemplate="weight %{x:.3f}<br>NDCG %{y:.4f}<extra></extra>",
    )
    best = curve.best
    figure.add_vrect(x0=best.low, x1=best.high, fillcolor=BEST, line_width=0, layer="below")
    figure.add_vline(x=image_weight, line={"color": MARKER, "width": 1.5, "dash": "dot"})
    figure.add_scatter(
        x=[image_weight],
        y=[here],
        mode="markers",
        marker={"size": 10, "color": MARKER, "line": {"color": "white", "width": 1.5}},
        name="current weight",
        hovertemplate=f"current weight {image_weight:.2f}<br>NDCG {here:.4f}<extra></extra>",
    )
    low, high = _span(curve)
    figure.update_layout(
        height=HEIGHT,
        showlegend=False,
        margin={"l": 6, "r": RIGHT_MARGIN, "t": 6, "b": 22, "autoexpand": False},
        xaxis={"range": [0, 1], "fixedrange": True, "zeroline": False, "tickformat": ".1f", "dtick": 0.2},
        yaxis={
            "range": [low, high],
            "fixedrange": True,
            "zeroline": False,
            "nticks": 4,
            "side": "right",
            "tickformat": ".3f",
        },
    )
    return figure


def _span(curve: WeightCurve) -> tuple[float, float]:
    values = np.append(curve.values, [curve.at_zero, curve.at_one])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = max((high - low) * 0.12, (_SMALLEST_SPAN - (high - low)) / 2, 0.002)
    return low - margin, high + margin
