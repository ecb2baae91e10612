"""What one book says of the rest: corrected means where its pairs were drawn by chance, else of its own pairs alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.judging.book_samples import LEAST_CHANGED, LEAST_UNITS
from sqid_core.judging.books import Book
from sqid_core.judging.corrected import Corrected
from sqid_core.judging.label_sets import LabelSet
from sqid_core.wording import short
from sqid_ui.caches.agreed import book_says
from sqid_ui.caches.label_sets import Judged
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

_ENDS = {"low": "From", "high": "To"}
_CLAIMS = ["low", "high", "change low", "change high", "verdict"]


def show_books(
    published: Dataset, found: Judged, labels: LabelSet, books: Sequence[Book], runs: tuple[RunSpec, ...]
) -> None:
    """A choice of the books that hold judgements, those that were drawn by chance first, and what the chosen one says.

    labels: whose word counts, with a version.
    """
    if not books:
        return
    st.subheader("What a book says of the rest", anchor=False)
    newest = [*reversed(books)]
    ordered = sorted(newest, key=lambda book: not book.by_chance)
    book = st.selectbox("Book", ordered, format_func=lambda book: short(book.name, 60), key="book that says", width=420)
    gains = published.scale.gain_names[0]
    said = book_says(published, found.store, labels, found.models, book, runs, gains)
    _means(said.means, gains, book.by_chance)
    _wrong(said.wrong, book.by_chance)


def _means(found: Corrected, gains: str, by_chance: bool) -> None:
    columns = {
        "what": st.column_config.Column("Method", width=240),
        **show.columns_of({"published": "Published", "corrected": "Corrected", **_ENDS}),
        **show.columns_of({"change": "Change", "change low": "Change from", "change high": "Change to"}),
        "n": st.column_config.NumberColumn("Judged units", help="Queries judged whole; pairs, where these were drawn."),
        "verdict": st.column_config.Column("Verdict", help="Of a difference, where whole queries were drawn."),
    }
    title = "Each method under the judges’ labels, estimated" if by_chance else "Each method on these pairs"
    sure = f" Ratio estimates, intervals of 95 %: from {LEAST_UNITS} judged units on, of which {LEAST_CHANGED} must "
    sure = f"{sure}change a mean for the interval of a change." if by_chance else ""
    caption = f"{plain(found.caption)}. Gains **{plain(gains)}**.{sure}"
    show.table(title, _told(found.table, by_chance), caption, "corrected-means", columns)


def _wrong(found: Corrected, by_chance: bool) -> None:
    columns = {
        "label": st.column_config.Column("Published label"),
        "judged": st.column_config.NumberColumn("Judged"),
        "wrong": st.column_config.NumberColumn("Changed", format="percent"),
        **{name: st.column_config.NumberColumn(title, format="percent") for name, title in _ENDS.items()},
    }
    table = found.table.assign(label=found.table["label"].replace("", "all"))
    show.table(
        "Published labels that the judges changed",
        _told(table, by_chance),
        f"{plain(found.caption)}.",
        "wrong-labels",
        columns,
    )


def _told(table: pd.DataFrame, by_chance: bool) -> pd.DataFrame:
    claims = [name for name in _CLAIMS if name in table]
    unsaid = [name for name in claims if table[name].replace("", np.nan).isna().all()]
    return table.drop(columns=unsaid if by_chance else claims)
