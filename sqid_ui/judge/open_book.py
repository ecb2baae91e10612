"""The open book: its pairs in the browser's own hands, the guidelines beside them."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.books import Book
from sqid_core.judging.rules import may_lead
from sqid_core.judging.store import Judge, Store
from sqid_ui.judge import manage
from sqid_ui.judge.routes import PREFIX
from sqid_ui.parts.browser import mount_of
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import app_path
from sqid_ui.settings.session import give

_FOLDER = Path(__file__).parent / "desk"
# What Streamlit's Markdown makes more of than text: pictures from anywhere, formulas, its own signs.
_MORE_THAN_TEXT = re.compile(r"(!)(?=\[)|(\$)|(:)(?=[a-z_]+[:/\[\w-])")


def show(dataset: Dataset, store: Store, book: Book, judge: Judge) -> None:
    """Judging, and what the book says of it."""
    with st.container(key="book-head", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Books", key="all books", icon=":material/arrow_back:", type="tertiary", on_click=give, args=("book", "")
        )
        st.subheader(plain(book.name), anchor=False, width="content")
        st.caption(f"as {plain(judge.name)}", width="content")
    if book.guidelines.strip() or may_lead(judge):
        with st.container(key="judging"):
            left, right = st.columns([3, 1], gap="medium")
        with right:
            _guidelines(book)
            if may_lead(judge):
                manage.show(store, book)
        with left:
            _desk(dataset, book, judge)
    else:
        _desk(dataset, book, judge)


def _desk(dataset: Dataset, book: Book, judge: Judge) -> None:
    scale = dataset.scale
    data = {
        "address": app_path(PREFIX),
        "bundle": dataset.name,
        "fingerprint": dataset.fingerprint,
        "judge": judge.id,
        "book": {"id": book.id, "name": book.name, "tags": list(book.tags), "blind": book.blind},
        "scale": {"names": list(scale.names), "letters": list(scale.letters), "colors": list(scale.colors)},
    }
    mount_of("sqid_judging_desk", _FOLDER / "desk.js", [_FOLDER / "desk.css"])(key=f"desk {book.id}", data=data)


def _guidelines(book: Book) -> None:
    if book.guidelines.strip():
        with st.expander("Guidelines", expanded=True, icon=":material/menu_book:"), st.container(key="guidelines"):
            st.markdown(without_extras(book.guidelines))


def without_extras(markdown: str) -> str:
    """Markdown that shows texts, lists and links, and nothing that Streamlit or an address adds."""
    return _MORE_THAN_TEXT.sub(lambda found: f"\\{found[0]}", markdown)
