"""What has come of judging, on the Judge page beside the list of books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.books import Book
from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.rules import may_see_others
from sqid_core.judging.store import Judge, Store
from sqid_ui.caches.agreed import agreed
from sqid_ui.caches.label_sets import as_judged, judged
from sqid_ui.judge.overview.adjudication import show_queue
from sqid_ui.judge.overview.agreement import show_agreement
from sqid_ui.judge.overview.by_book import show_books
from sqid_ui.judge.overview.changes import methods_of, show_changes
from sqid_ui.judge.overview.found import show_findings
from sqid_ui.parts import show, taking
from sqid_ui.parts.markup import plain

VIEWS: Mapping[str, str] = {
    "books": "Books",
    "agreement": "Agreement",
    "findings": "Findings",
    "changes": "What it changes",
}


def show_view(view: str, dataset: Dataset, store: Store, books: Sequence[Book], judge: Judge | None) -> None:
    """One of `VIEWS`, but for the books."""
    show.style()
    taking.about(dataset, dataset.scale.gain_names[0])
    found = judged(dataset.name)
    if found is None:
        st.info("Nobody has judged anything of this bundle yet.", icon=":material/gavel:")
        return
    if not may_see_others(judge, books):
        st.info(
            "A blind book is open, so only a lead sees what judges said until it is closed.",
            icon=":material/visibility_off:",
        )
        return
    judges = store.judges()
    if view == "agreement":
        numbers = agreed(dataset, store, found.version, found.models)
        show_agreement(dataset, numbers, judges)
        show_queue(dataset, store, numbers.disagreements, store.acts(dataset.name, until=found.version), judge)
    elif view == "findings":
        show_findings(dataset, store.acts(dataset.name, until=found.version), judges)
    else:
        labels = LabelSet("adjudicated" if found.adjudicated else "majority").at(found.version)
        names = {each.id: each.name for each in judges.values()}
        after = as_judged(dataset, labels, found)
        st.caption(f"{plain(labels.words(names)).capitalize()}: {plain(after.sentence())}.")
        show_changes(dataset, after.dataset, labels.words(names))
        if dataset.signals:
            acts = store.acts(dataset.name, until=found.version)
            judged_in = [book for book in books if book.id in set(acts["book"])]
            show_books(dataset, found, labels, judged_in, methods_of(dataset))
