"""How evaluations that were saved one after another differ: a measure over time, and any two of them query by query."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.saved import RELEVANT
from sqid_core.evaluation.saved_means import ALIKE, over_time
from sqid_core.wording import counted, listed
from sqid_ui.analysis.history.kept import FOLDER, SavedFile, kept, upload
from sqid_ui.analysis.history.two import measure_title, show_two
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import draw, value
from sqid_ui.settings.setting import Setting, words
from sqid_ui.shell.bundles import data_root

_LISTED = 5
_FILE = {"name": st.column_config.TextColumn("File", width="medium")}
_WHEN = {"when": st.column_config.DatetimeColumn("When (UTC)", format="YYYY-MM-DD HH:mm")}


def settings() -> tuple[Setting, ...]:
    """Which two are compared ("" for the latest, and for the one before it), by what, of which method queries are
    listed, and in which order. What is on offer, the files say."""
    texts = words("later"), words("earlier"), words("history-by"), words("changed")
    return *texts, words("moved", default="difference")


def show_view(dataset: Dataset) -> None:
    """The measure over time, two evaluations side by side, all files."""
    found, faults = kept()
    those = [each for each in found if each.short.settings["bundle"] == dataset.name]
    measured = list(dict.fromkeys(measure for each in those for _, measure in each.short.means))
    if measured:
        _shown(dataset, those, measured)
    else:
        _none(dataset)
    _elsewhere(found, dataset)
    for fault in faults[:_LISTED]:
        st.caption(f":material/warning: {plain(fault)}.")
    upload()


def _shown(dataset: Dataset, those: Sequence[SavedFile], measured: Sequence[str]) -> None:
    before, now, measure = _chosen(those, measured)
    _over_time(those, measure, tuple(each.name for each in (before, now) if each is not None))
    if before is None:
        st.info("Nothing of this bundle was saved before this one, so there is nothing to compare it with.")
    else:
        show_two(dataset, before, now, measure)
    _files(those)


def _chosen(those: Sequence[SavedFile], measured: Sequence[str]) -> tuple[SavedFile | None, SavedFile, str]:
    """The two evaluations, the earlier first, and the measure; by default the latest, and the last one before it that
    was made alike. those: the latest first."""
    columns = st.columns(3, vertical_alignment="bottom", gap="medium")
    by = draw(
        columns[2].selectbox,
        "history-by",
        "Measure",
        ["", *measured[1:]],
        format_func=lambda name: measure_title(name or measured[0]),
    )
    measure = by if by in measured else measured[0]
    named = {each.name: each for each in those}
    if gone := [name for name in (value("earlier"), value("later")) if name and name not in named]:
        st.caption(f"{plain(' and '.join(gone))} of the link: not here; uploads are seen by those who sent them.")
    later = draw(
        columns[1].selectbox,
        "later",
        "Now",
        ["", *named],
        format_func=lambda name: name or f"Latest: {those[0].name}",
    )
    now = named.get(later, those[0])
    older = [each for each in those if each is not now and each.short.when <= now.short.when]
    in_order = sorted(older, key=lambda each: each.short.alike(measure) != now.short.alike(measure))
    usual = in_order[0].name if in_order else ""
    earlier = draw(
        columns[0].selectbox,
        "earlier",
        "Before",
        ["", *(name for name in named if name != now.name)],
        format_func=lambda name: name or (f"The one before: {usual}" if usual else "None"),
    )
    return named.get(earlier or usual), now, measure


def _over_time(those: Sequence[SavedFile], measure: str, marked: tuple[str, ...]) -> None:
    from sqid_core.figures.history import history_lines

    frame = over_time([each.short for each in those], measure)
    apart = (
        " Lines join what was measured alike (labels, gains, by what means count, what runs do not rank, for most "
        "measures what is relevant); other dashes were measured otherwise, and their "
        "heights cannot be compared."
        if frame["line"].nunique() > 1
        else ""
    )
    title = plain(measure_title(measure))
    show.figure(
        f"{title} over time",
        history_lines(frame, show.look(), f"mean {measure_title(measure)}", marked),
        f"A point is the mean of a saved evaluation, of rankings that were not chosen on these very queries; the two "
        f"that are compared are larger.{apart} How sure a change is, the table below says, query by query.",
        frame.drop(columns="line"),
        "history",
        show.columns_of({"mean": measure_title(measure)})
        | _FILE
        | _WHEN
        | {
            "method": st.column_config.TextColumn("Method", width="medium"),
            "n": st.column_config.NumberColumn("Queries", format="localized"),
            "fingerprint": st.column_config.TextColumn("Bundle"),
            "version": st.column_config.TextColumn("Version"),
        },
    )


def _files(those: Sequence[SavedFile]) -> None:
    rows = [
        {
            "name": each.name,
            "when": each.short.when,
            "queries": each.short.queries,
            **{name: each.short.settings[name] for name in (*ALIKE, RELEVANT)},
            "fingerprint": each.short.settings["fingerprint"][:8],
            "version": each.short.version,
        }
        for each in those
    ]
    show.table(
        "Saved evaluations",
        pd.DataFrame(rows),
        f"What `evaluate --save` keeps in the folder `{FOLDER}` beside the bundles, the latest first, and uploads of "
        "this visit, which nobody else sees.",
        "saved-evaluations",
        _FILE
        | _WHEN
        | {
            "queries": st.column_config.NumberColumn("Queries", format="localized"),
            "labels": st.column_config.TextColumn("Labels"),
            "gains": st.column_config.TextColumn("Gains"),
            "count": st.column_config.TextColumn("Means by"),
            "unranked": st.column_config.TextColumn("What a run does not rank"),
            RELEVANT: st.column_config.TextColumn("Relevant down to"),
            "fingerprint": st.column_config.TextColumn("Bundle"),
            "version": st.column_config.TextColumn("Version"),
        },
    )


def _none(dataset: Dataset) -> None:
    st.info(f"No evaluation of {plain(dataset.name)} has been saved yet.", icon=":material/history:")
    st.markdown(
        f"Save one now and then, or in CI on every change; this view reads the folder `{FOLDER}` beside the bundles:"
    )
    folder, at = dataset.folder.name, data_root().name
    st.code(
        f"python -m precompute evaluate {at}/{folder} --save {at}/{FOLDER}/{folder}-1.json",
        language=None,
        wrap_lines=True,
    )


def _elsewhere(found: Sequence[SavedFile], dataset: Dataset) -> None:
    """That there are files of other bundles."""
    others = [each.short.settings["bundle"] for each in found if each.short.settings["bundle"] != dataset.name]
    if others:
        told = plain(listed(dict.fromkeys(others), 80))
        said = counted(len(others), "more file is of another bundle", "more files are of other bundles")
        st.caption(f"{said}: {told}.")
