"""All books of a bundle: what each is about, how far somebody is, and how long the rest takes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.acts import WORDS, standing
from sqid_core.judging.books import Book
from sqid_core.judging.store import Judge, Store
from sqid_ui.caches.judging import pair_count
from sqid_ui.judge.known import DONE
from sqid_ui.judge.rhythm import duration
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.settings.session import give

_COLUMNS = {
    "name": Column("Book", whole=True, width=220),
    "done": Column("You have done", "number", 0),
    "pairs": Column("Pairs", "number", 0),
    "left": Column("Left for you", help="At your pace, or that of all who judge in the book."),
    "judges": Column("Judges a pair", "number", 0),
    "labels": Column("Labels so far", "number", 0, help="By people, of all pairs."),
    "state": Column("State"),
    "source": Column("What is in it", whole=True, width=320),
}


def show(dataset: Dataset, store: Store, books: Sequence[Book], judge: Judge | None) -> None:
    """The list; a row opens its book."""
    if not books:
        st.info("This bundle has no books yet. A book is a list of pairs that people judge.", icon=":material/book_2:")
        return
    frame = _frame(dataset, store, books, judge)
    opened = row_list(frame, _COLUMNS, "book list", "Books", "id", "", lambda _: None, height=460)
    if opened:
        give("book", opened)
        st.rerun()


def _frame(dataset: Dataset, store: Store, books: Sequence[Book], judge: Judge | None) -> pd.DataFrame:
    words = standing(store.acts(dataset.name, columns=(*WORDS, "book")))
    done = words[words["kind"].isin(DONE)]
    rows = []
    for book in books:
        said = done[done["book"] == book.id]
        own = said[said["judge"] == (judge.id if judge else "")]
        count = pair_count(store, book.id)
        looks = (own if len(own) else said)["seconds"].dropna().tail(200)
        left = max(count - len(own), 0)
        rows.append(
            {
                "id": book.id,
                "name": book.name,
                "done": len(own),
                "pairs": count,
                "left": _left(left, float(looks.median()) if len(looks) else None),
                "judges": book.judges,
                "labels": len(said),
                "state": " · ".join(filter(None, ("closed" if book.closed else "", "blind" if book.blind else ""))),
                "source": book.source,
            }
        )
    return pd.DataFrame(rows)


def _left(pairs: int, seconds: float | None) -> str:
    if not pairs:
        return "nothing"
    return f"{pairs:,}" if seconds is None else f"{pairs:,}, about {duration(pairs * seconds)}"
