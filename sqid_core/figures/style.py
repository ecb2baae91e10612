"""What all figures share: the colours of the runs, light and dark, and the frame around a plot."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True)
class Look:
    """Colours of a page, light or dark. cycle: for groups that have no colour of their own."""

    dark: bool
    text: str
    image: str
    fused: str
    ink: str
    muted: str
    line: str
    paper: str
    cycle: tuple[str, ...]

    def of(self, run: str) -> str:
        """The colour of a run by its role: text, image, fused; grey for any other."""
        return {"text": self.text, "image": self.image, "fused": self.fused}.get(run, self.muted)


LIGHT = Look(
    dark=False,
    text="#0e7490",
    image="#be185d",
    fused="#4f46e5",
    ink="#171a21",
    muted="#6b7280",
    line="#dfe2ea",
    paper="#fcfcfd",
    cycle=("#4f46e5", "#0e7490", "#be185d", "#047857", "#b45309", "#7c3aed", "#6b7280"),
)
DARK = Look(
    dark=True,
    text="#22b8d6",
    image="#f472b6",
    fused="#8b87ff",
    ink="#eceef4",
    muted="#9ca3af",
    line="#2c313d",
    paper="#0f1117",
    cycle=("#8b87ff", "#22b8d6", "#f472b6", "#34d399", "#fbbf24", "#c4b5fd", "#9ca3af"),
)
_LIGHTER = 0.35


def look(dark: bool) -> Look:
    """The colours of a light or a dark page."""
    return DARK if dark else LIGHT


def label_colour(colour: str, shown: Look) -> str:
    """A label's colour as a figure shows it: on a dark page mixed with white, as it was chosen for white text on it."""
    lighter = _LIGHTER if shown.dark else 0.0
    return "#" + "".join(f"{round(part + (255 - part) * lighter):02x}" for part in _channels(colour))


def faded(colour: str, opacity: float) -> str:
    """A hex colour with an opacity."""
    red, green, blue = _channels(colour)
    return f"rgba({red}, {green}, {blue}, {opacity})"


def _channels(colour: str) -> list[int]:
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    try:
        return [int(digits[i : i + 2], 16) for i in (0, 2, 4)]
    except ValueError:
        return [107, 114, 128]


def framed(figure: go.Figure, shown: Look, x: str, y: str, height: int = 340) -> go.Figure:
    """The figure with axis titles (with units), room for its labels, and its legend above the plot."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 30, "b": 4},
        font={"size": 13, "color": shown.ink},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"align": "left"},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "title": {"text": ""},
            "font": {"size": 12},
            "traceorder": "normal",
        },
        dragmode=False,
    )
    axis = {
        "gridcolor": shown.line,
        "zeroline": False,
        "automargin": True,
        "title": {"font": {"size": 12, "color": shown.muted}, "standoff": 8},
        "tickfont": {"size": 12},
        # No 300µ for .0003.
        "exponentformat": "none",
    }
    figure.update_xaxes(**axis, title_text=x)
    figure.update_yaxes(**axis, title_text=y)
    # Numbers are wider than they are high: a title needs more room beside them than under them.
    figure.update_yaxes(title_standoff=14)
    return figure
