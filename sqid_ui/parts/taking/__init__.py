"""What a page shows, taken along: figures as pictures made by the browser, tables as texts made when they are fetched.

Nothing is written on the server's disk. Every file says what it holds (`sqid_core.exports.heading`): a page tells that
once, with `about`, before it draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.exports.heading import NONE, Heading, bundle_line, gains_line, labels_line, ranking_lines
from sqid_core.exports.tables import KINDS, Kind, Shown, Table
from sqid_core.exports.trec_runs import run_text
from sqid_core.ranking.fusion import Fusion
from sqid_ui.parts.browser import mount_of
from sqid_ui.settings import session

_FOLDER = Path(__file__).parent
# A plain session key: what the page said of itself in this run.
_ABOUT = "what files say of this page"


@dataclass(frozen=True, eq=False)
class Taken:
    """One thing that can be taken along. name: of its files, unique on the page. table: or what makes it when a file is
    fetched. n: of what, and how many. caption: Markdown. plot: whether a figure of that name stands on the page. curve:
    what curve_picture.js draws, where it is a curve of the board's. runs: by a list's name the lines of a TREC run."""

    title: str
    name: str
    table: Table | Callable[[], Table] = field(repr=False)
    n: str
    caption: str = ""
    plot: bool = False
    curve: Mapping[str, Any] | None = field(default=None, repr=False)
    runs: Mapping[str, Callable[[], Iterator[str]]] = field(default_factory=dict, repr=False)


def about(
    dataset: Dataset,
    gains: str = "",
    rankings: Mapping[str, tuple[str, Fusion | None]] | None = None,
    whole_catalogue: bool = False,
    weighs: bool = True,
) -> None:
    """What all files of this page say of themselves. gains: the table's name, "" where nothing is measured. rankings:
    see `ranking_lines`. whole_catalogue: whether the labels are those of every product. weighs: whether the page is of
    the ranking's weight alone, and not of all."""
    found = Heading(
        "",
        bundle_line(dataset),
        gains_line(dataset.scale, gains) if gains else NONE,
        labels_line(dataset, whole_catalogue) if gains else NONE,
        **ranking_lines(rankings or {}),
    )
    st.session_state[_ABOUT] = found if weighs else replace(found, weight="all")


def menu(*taken: Taken, key: str) -> None:
    """A small button that opens the files on offer: the pictures of a figure, and each table in three forms."""
    with st.popover("Take along", icon=":material/download:", type="tertiary", key=f"take {key}"):
        for each in taken:
            heading = _heading(each)
            if len(taken) > 1:
                st.markdown(f"**{each.title}**")
            with st.container(horizontal=True, gap="small", key=f"take-{each.name}", vertical_alignment="center"):
                if each.plot or each.curve:
                    _pictures(each, heading)
                for kind, made in KINDS.items():
                    _file(each, heading, kind, made)
                for name, lines in each.runs.items():
                    _run(each, heading, name, lines)
        st.caption("Each file begins with the bundle, the settings, the date and the link to this page.")


def _heading(taken: Taken) -> Heading:
    page: Heading = st.session_state.get(_ABOUT) or Heading("", "SQID Explorer")
    today = datetime.now(UTC).date().isoformat()
    title, note = unmarked(taken.title), unmarked(taken.caption)
    return replace(page, title=title, n=taken.n, date=today, link=page_link(), note=note)


def page_link() -> str:
    """The address of the page as it stands now."""
    asked = urlencode(session.link())
    return f"{st.context.url or ''}{'?' if asked else ''}{asked}" or NONE


def _file(taken: Taken, heading: Heading, kind: str, made: Kind) -> None:
    def text() -> bytes:
        table = taken.table if isinstance(taken.table, Table) else taken.table()
        return made.write(table, heading).encode("utf-8", "replace")

    st.download_button(
        kind,
        text,
        f"{heading.file_name(taken.name)}.{made.ending}",
        made.mime,
        key=f"{made.ending} {taken.name}",
        on_click="ignore",
    )


def _run(taken: Taken, heading: Heading, name: str, lines: Callable[[], Iterator[str]]) -> None:
    st.download_button(
        f"TREC run: {name}",
        lambda: run_text(lines(), heading).encode("utf-8", "replace"),
        f"{heading.file_name(f'{taken.name}-{name}')}.run",
        "text/plain",
        key=f"run {taken.name} {name}",
        on_click="ignore",
    )


def _pictures(taken: Taken, heading: Heading) -> None:
    data = {
        # As Streamlit makes a class of a key.
        "figure": re.sub(r"[^\w-]", "-", f"st-key-figure-{taken.name}", flags=re.ASCII),
        "title": heading.title,
        "lines": [line for line in heading.lines if not line.startswith("title: ")],
        "file": heading.file_name(taken.name),
        **(taken.curve or {}),
    }
    mount_of("sqid_taking", _FOLDER / "taking.js", [_FOLDER / "taking.css"])(
        key=f"pictures {taken.name}", data=data, width="content"
    )


def unmarked(text: str) -> str:
    """A caption's words without Markdown's signs."""
    return (
        re.sub(r"\\(?=[^\w\s])|\*\*", "", re.sub(r"\\\*", "\ue000", text)).replace("\ue000", "*").replace("\u2060", "")
    )


def shown_columns(columns: Mapping[str, Any]) -> dict[str, Shown]:
    """How files show columns that Streamlit's column configurations describe."""
    found = {}
    for name, one in columns.items():
        written = (one.get("type_config") or {}).get("format") or ""
        found[name] = Shown(one.get("label") or name, written if written == "percent" or "%" in written else "")
    return found
