"""NDCG by image weight, drawn under the weight's slider.

A component of its own rather than a plotly figure: plotly is 4.6 MB of script, and reading it holds up the first view
by a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from sqid_core.weight_curve import WeightCurve

_FOLDER = Path(__file__).parent
_DECIMALS = 6
# The vertical axis never zooms in closer than this: a difference of .001 must not look like a cliff.
_SMALLEST_SPAN = 0.02
_MARGIN = 0.12
_TICK_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST_TICKS = 4


@cache
def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def weight_curve(curve: WeightCurve, image_weight: float, sentence: str, key: str) -> None:
    """Draws the exact steps, the best open interval shaded, the current weight marked.

    sentence: what a screen reader says instead.
    """
    mount = st.components.v2.component(
        "sqid_weight_curve", html='<div class="curve"></div>', css=_source("curve.css"), js=_source("curve.js")
    )
    mount(key=key, data=curve_data(curve, image_weight, sentence))


def curve_data(curve: WeightCurve, image_weight: float, sentence: str) -> Mapping[str, Any]:
    """What the curve's JavaScript gets. The curve must be defined."""
    values = np.append(curve.values, [curve.at_zero, curve.at_one])
    low, high = axis(float(values.min()), float(values.max()))
    return {
        "starts": np.round(curve.starts, _DECIMALS).tolist(),
        "values": np.round(curve.values, _DECIMALS).tolist(),
        "best": [round(curve.best.low, _DECIMALS), round(curve.best.high, _DECIMALS)],
        "weight": image_weight,
        "here": round(float(curve.at(image_weight)), _DECIMALS),
        "low": low,
        "high": high,
        "ticks": ticks(low, high),
        "sentence": sentence,
    }


def axis(lowest: float, highest: float) -> tuple[float, float]:
    """The ends of the vertical axis: a margin around the values, and never closer than .02."""
    span = highest - lowest
    margin = max(span * _MARGIN, (_SMALLEST_SPAN - span) / 2)
    return round(lowest - margin, _DECIMALS), round(highest + margin, _DECIMALS)


def ticks(low: float, high: float) -> list[float]:
    """Round values between the ends, at most four."""
    for step in _TICK_STEPS:
        found = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        if len(found) <= _MOST_TICKS:
            return [round(float(value), 3) for value in found]
    return []
