"""A report as one HTML file: opens offline, asks nobody for anything, prints; and its table as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from ..evaluation.metrics import measure_label
from ..exports.heading import NONE
from ..exports.tables import Best, Shown, Table, latex_of
from ..figures.style import LIGHT
from .gathering import Report, Worst
from .pictures import picture_of
from .sentences import best_weights, finding, how_measured

_CSS = Path(__file__).with_name("report.css")
_DASH = "–"
# Nothing is fetched, whatever a catalogue's words say; plotly's own script stands in the file.
_POLICY = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_MEANS = {"method": "Method", "ndcg": "NDCG", "ndcg low": "95 % from", "ndcg high": "to", "validation": "Chosen by"}
_DIFFERENCES = {
    "method": "Method",
    "difference": "Difference",
    "low": "95 % from",
    "high": "to",
    "p": "p",
    "p Holm": "p (Holm)",
    "wins": "Better",
    "ties": "Equal",
    "losses": "Worse",
}
# Columns of differences and the ends of their intervals.
_SIGNED = ("difference", "low", "high", "lift", "lift low", "lift high")


def html_of(report: Report) -> str:
    """The whole file, in UTF-8."""
    title = f"{report.heading.title}"
    parts = [
        f"<h1>{_text(title)}</h1>",
        f"<p>{_text(finding(report.compared))}</p>",
        *(f"<p>{_text(said)}</p>" for said in (best_weights(report), *report.cautions) if said),
        _about(report),
        _methods(report),
        _curve(report),
        _groups(report),
        _worst(report),
        "<h2>Checks of the data</h2><ul>",
        *(f"<li><b>{_text(check.name)}</b>: {_text(check.text)}</li>" for check in report.checks),
        "</ul>",
        f"<h2>How it was measured</h2><p>{_text(how_measured(report))}</p>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_CSS.read_text(encoding='utf-8')}</style></head>"
        f"<body><main>\n{chr(10).join(filter(None, parts))}\n</main></body></html>\n"
    )


def latex_table(report: Report) -> str:
    """The table of methods for a paper: means with intervals, the best that was not chosen in-sample in bold."""
    frame = report.means[[name for name in _MEANS if name in report.means]]
    columns = {name: Shown(title) for name, title in _MEANS.items()}
    best = Best(("ndcg",), tuple(not method.in_sample and method.run is not None for method in report.methods))
    return latex_of(Table(frame, columns, best), replace(report.heading, title="Mean NDCG by method"))


def _about(report: Report) -> str:
    rows = [line.partition(": ") for line in report.heading.lines]
    told = [(name, value) for name, _, value in rows if name != "title" and value != NONE]
    return "<dl>" + "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in told) + "</dl>"


def _methods(report: Report) -> str:
    differences = report.differences[report.differences["method"] != report.names[0]]
    return (
        "<h2>Methods</h2>"
        + _table(report.means, _MEANS | _measures(report.means), "Means over the judged queries.")
        + _table(differences, _DIFFERENCES, f"NDCG less that of {report.names[0]}, query by query.")
    )


def _measures(means: pd.DataFrame) -> dict[str, str]:
    """The other measures under their own names."""
    others = [str(name) for name in means if pd.api.types.is_float_dtype(means[name])]
    return {name: measure_label(name) for name in others if name not in _MEANS and name != "image weight"}


def _curve(report: Report) -> str:
    if report.curve is None or not report.curve.mean.n or report.fusion is None:
        return ""
    from ..figures.weights import weight_curve_figure

    curve = report.curve
    chosen = report.fusion.image_weight, curve.here
    figure = weight_curve_figure(curve.mean, curve.frame, chosen, LIGHT, alone=curve.alone)
    figure.update_layout(paper_bgcolor=LIGHT.paper, plot_bgcolor=LIGHT.paper, font_color=LIGHT.ink)
    drawn = figure.to_html(
        full_html=False,
        include_plotlyjs="inline",
        config={"responsive": True, "displayModeBar": False},
    )
    note = "Shaded: within .002 of the best, in-sample. Band: 95 % interval of the mean at each weight."
    return f"<h2>NDCG at every image weight</h2><figure>{drawn}</figure><p class=muted>{note}</p>"


def _groups(report: Report) -> str:
    groups = report.groups
    if groups is None or not len(groups):
        return ""
    a, b = report.names
    shown = {"group": "Category", "n": "Queries", a: a, b: b, "lift": "Difference", "low": "95 % from", "high": "to"}
    ends = {"lift low": "95 % from", "lift high": "to", "p Holm": "p (Holm)"}
    columns = {name: title for name, title in (shown | ends).items() if name in groups}
    return "<h2>By category</h2>" + _table(groups, columns, f"Mean NDCG of {a} and of {b}, and the difference.")


def _worst(report: Report) -> str:
    if not report.worst:
        return ""
    a, b = report.names
    return f"<h2>Where {_text(b)} loses most against {_text(a)}</h2>" + "".join(
        _query(report, each) for each in report.worst
    )


def _query(report: Report, worst: Worst) -> str:
    lists = "".join(
        f"<p class=muted>{_text(name)}</p><div class=cards>"
        + "".join(_card(report, int(row), int(label)) for row, label in zip(rows, worst.labels[name], strict=True))
        + "</div>"
        for name, rows in worst.lists.items()
    )
    change = f"NDCG {worst.before:.4f} to {worst.after:.4f}"
    return f"<section class=query><h3>{_text(worst.text)} <small class=muted>{change}</small></h3>{lists}</section>"


def _card(report: Report, row: int, label: int) -> str:
    dataset = report.dataset
    title = dataset.products["title"].iloc[row]
    picture = picture_of(dataset, row)
    image = f'<img alt="" src="{picture}">' if picture else "<span class=none>no picture</span>"
    colour, name = dataset.scale.colors[label], dataset.scale.names[label]
    chip = f'<span class=label style="background:{escape(colour)}">{_text(name)}</span>'
    return f"<div class=card>{image}<br>{chip}<br>{_text(title if isinstance(title, str) else '')}</div>"


def _table(frame: pd.DataFrame, columns: Mapping[str, str], caption: str) -> str:
    names = [name for name in columns if name in frame]
    head = "".join(f"<th scope=col>{_text(columns[name])}</th>" for name in names)
    lines = frame[names].to_dict("records")
    body = "".join(f"<tr>{''.join(_cell(name, line[name]) for name in names)}</tr>" for line in lines)
    return (
        f"<div class=wide><table><caption>{_text(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(column: str, value: Any) -> str:
    if isinstance(value, str):
        return f"<td>{_text(value)}</td>"
    if value is None or pd.isna(value):
        return f"<td>{_DASH}</td>"
    if not isinstance(value, float):
        return f"<td>{value:,}</td>"
    return f"<td>{value:+.4f}</td>" if column in _SIGNED else f"<td>{value:.4f}</td>"


def _text(text: str) -> str:
    """Text as HTML, without the marks that pages have for bold and code."""
    return escape(re.sub(r"\*\*|`", "", text))
