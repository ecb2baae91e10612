"""A table as the text of a file: CSV and JSON with every digit, LaTeX (booktabs) and Markdown as the page shows it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .heading import Heading, one_line

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# A number, or two: `-0.01 to +0.02`.
_NUMBERS = re.compile(r"[+-]\d[\d.]*( to [+-]\d[\d.]*)?")
# Where a spreadsheet may begin a new cell in a line of the head.
_NEXT_CELL = re.compile(r"([,;|\"']\s*)(?=[=+\-@])")


@dataclass(frozen=True)
class Shown:
    """How a column is shown. written: a number's format as `%.4f`, `percent`, or "" for four digits after the point
    where it is no whole number."""

    heading: str
    written: str = ""


@dataclass(frozen=True)
class Best:
    """Which cells are set in bold: the highest of each column, as it is written. columns: their names. among: (rows,)
    which rows may be the best; a weight that was chosen on the queries it is scored on may not."""

    columns: tuple[str, ...]
    among: tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Table:
    """What a file holds. columns: how those that are named in it are shown, all others as they are."""

    frame: pd.DataFrame = field(repr=False)
    columns: Mapping[str, Shown] = field(default_factory=dict)
    best: Best | None = None


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with an apostrophe before every text and heading that a spreadsheet would run: also for what is shown,
    as the toolbar of a table has a file of its own."""
    found = frame.copy(deep=False)
    for place in range(frame.shape[1]):
        if not pd.api.types.is_numeric_dtype(frame.iloc[:, place].dtype):
            found.isetitem(place, frame.iloc[:, place].map(_no_formula).array)
    return found.rename(columns=_no_formula)


def _no_formula(cell: Any) -> Any:
    formula = isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBERS.fullmatch(cell)
    return f"'{cell}" if formula else cell


def csv_of(table: Table, heading: Heading) -> str:
    """The table with all digits, under its own names of columns, below the heading in lines that begin with `# `.

    Spreadsheets run what begins like a formula: such a text gets an apostrophe in front. Texts are quoted, so that
    `pandas.read_csv(path, comment="#")` and R's `comment.char` read it back.
    """
    head = "".join(f"# {_NEXT_CELL.sub(_apostrophe, line)}\n" for line in heading.lines)
    return head + without_formulas(table.frame).to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")


def _apostrophe(found: re.Match[str]) -> str:
    return f"{found[1]}'"


def markdown_of(table: Table, heading: Heading) -> str:
    """A table of GitHub's Markdown, numbers to the right, below the heading as a comment."""
    head = "\n".join(line.replace(">", "&gt;") for line in heading.lines)
    headings, rows, numbers = _texts(table)
    bold = _bold(table, rows)
    lines = [[_markdown(text) for text in headings], ["---:" if number else "---" for number in numbers]]
    for row, marks in zip(rows, bold, strict=True):
        lines.append([f"**{_markdown(t)}**" if mark else _markdown(t) for t, mark in zip(row, marks, strict=True)])
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"<!--\n{head}\n-->\n\n{body}\n"


def latex_of(table: Table, heading: Heading) -> str:
    """A table environment with booktabs, numbers to the right, below the heading as comments."""
    headings, rows, numbers = _texts(table)
    bold = _bold(table, rows)
    body = [
        " & ".join(rf"\textbf{{{_latex(t)}}}" if mark else _latex(t) for t, mark in zip(row, marks, strict=True))
        for row, marks in zip(rows, bold, strict=True)
    ]
    lines = [
        *(f"% {line}" for line in heading.lines),
        r"% needs: \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_latex(one_line(heading.title))}}}",
        rf"\begin{{tabular}}{{{''.join('r' if number else 'l' for number in numbers)}}}",
        r"\toprule",
        rf"{' & '.join(map(_latex, headings))} \\",
        r"\midrule",
        *(rf"{line} \\" for line in body),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def json_of(table: Table, heading: Heading) -> str:
    """An object: `about`, the lines of the heading by name, and `rows`, each with all digits; null for what is not
    known."""
    about = dict(line.partition(": ")[::2] for line in heading.lines)
    rows = [{str(name): _plain(cell) for name, cell in row.items()} for row in table.frame.to_dict("records")]
    return json.dumps({"about": about, "rows": rows}, ensure_ascii=False, indent=1) + "\n"


def _plain(cell: Any) -> Any:
    """A cell as JSON has it."""
    if isinstance(cell, np.generic):
        cell = cell.item()
    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)) or cell in (np.inf, -np.inf):
        return None
    return cell if isinstance(cell, str | bool | int | float) else str(cell)


@dataclass(frozen=True)
class Kind:
    """A kind of file. ending: of its name, without the dot. mime: its type. write: its text."""

    ending: str
    mime: str
    write: Callable[[Table, Heading], str]


KINDS = {
    "CSV": Kind("csv", "text/csv", csv_of),
    "JSON": Kind("json", "application/json", json_of),
    "LaTeX": Kind("tex", "text/x-tex", latex_of),
    "Markdown": Kind("md", "text/markdown", markdown_of),
}


# --- cells ---


def _texts(table: Table) -> tuple[list[str], list[list[str]], list[bool]]:
    """Headings, rows of cells and which columns hold numbers, as the page shows them; a dash for what is not known."""
    frame = table.frame
    shown = [table.columns.get(str(name), Shown(str(name))) for name in frame.columns]
    cells = [[_cell(value, one.written) for value in frame.iloc[:, place]] for place, one in enumerate(shown)]
    rows = [list(row) for row in zip(*cells, strict=True)]
    return [one_line(one.heading) for one in shown], rows, [_is_number(frame, place) for place in range(len(shown))]


def _is_number(frame: pd.DataFrame, place: int) -> bool:
    kind = frame.iloc[:, place].dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _cell(value: Any, written: str) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "–"
    if isinstance(value, str) or pd.api.types.is_bool(value) or not pd.api.types.is_number(value):
        return one_line(str(value))
    if written == "percent":
        return f"{value:.0%}"
    if written:
        return written % value
    return str(value) if pd.api.types.is_integer(value) else f"{value:.4f}"


def _bold(table: Table, rows: list[list[str]]) -> list[list[bool]]:
    """Which cells are set in bold: those that are written like the highest of their column."""
    frame, best = table.frame, table.best
    marks = [[False] * frame.shape[1] for _ in rows]
    for place, name in enumerate(frame.columns):
        if best is None or str(name) not in best.columns:
            continue
        values = frame.iloc[:, place].to_numpy(dtype=float, na_value=float("nan"))
        offered = [row for row, fair in enumerate(best.among) if fair and not np.isnan(values[row])]
        if offered:
            highest = rows[max(offered, key=lambda row: float(values[row]))][place]
            for row in offered:
                marks[row][place] = rows[row][place] == highest
    return marks


# --- what has a meaning of its own ---

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~$:&^=@]")
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': "''",
    # Behind the end of a row both would be read as its options.
    "[": "{[}",
    "*": "{*}",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "·": r"\textperiodcentered{}",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "Δ": r"$\Delta$",
    "τ": r"$\tau$",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "…": r"\ldots{}",
} | {sign: f"\\{sign}" for sign in "&%$#_{}"}


def _markdown(text: str) -> str:
    """Signs with a meaning are escaped where they may have it: a number stays as it reads."""
    if re.fullmatch(r"[+-]?[\d.,]+ ?%?", text):
        return text.replace("+", r"\+").replace("-", r"\-") if not text[:1].isdigit() else text
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", text)


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
