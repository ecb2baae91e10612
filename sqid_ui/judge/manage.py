"""What a lead may change of a book once it is made: how the pairs were drawn stays."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from sqid_core.judging.books import Book
from sqid_core.judging.store import Store
from sqid_ui.judge.book_fields import guidelines_field, name_field, tags_field
from sqid_ui.parts.markup import plain


def show(store: Store, book: Book) -> None:
    """A form with what may change."""
    with st.expander("Change this book", icon=":material/edit:"):
        st.caption(book_words(book))
        with st.form(f"change {book.id}", border=False):
            name = name_field(book.name)
            guidelines = guidelines_field(book.guidelines)
            tags = tags_field(book.tags)
            anybody = st.toggle("Anybody with a name may judge", book.anybody)
            closed = st.toggle("Closed", book.closed)
            if st.form_submit_button("Save"):
                changed = replace(book, name=name, guidelines=guidelines, tags=tags, anybody=anybody, closed=closed)
                if changed != book:
                    store.change_book(changed)
                st.rerun()


def book_words(book: Book) -> str:
    """How a book is judged, in a line; for `st.caption`."""
    judges = f"{book.judges} judges a pair" if book.judges > 1 else "one judge a pair"
    shown = "blind" if book.blind else "published labels are shown"
    return f"{plain(book.source)} · {judges} · {shown}"
