"""Making a book: what is in it, and how it is judged."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.judging.books import TAGS, Book, Order
from sqid_core.judging.store import Store
from sqid_ui.judge.book_fields import guidelines_field, name_field, tags_field
from sqid_ui.judge.book_sources import SOURCES, Make, offered_sources
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import draw, give, value
from sqid_ui.shell.bundles import for_visitors

_ORDERS: Mapping[Order, str] = {
    "random": "At random, for each judge another",
    "query": "Query by query",
    "worst": "As drawn, worst first",
}
_MOST_JUDGES = 50


def show(dataset: Dataset, store: Store) -> None:
    """Fields and a button; pressed, it draws the pairs and opens the book."""
    # Opened by what another page fills in.
    with st.expander("New book", icon=":material/add:", expanded=value("source") != offered_sources(dataset)[0]):
        make = _pairs(dataset)
        book = _how(dataset)
        if st.button("Make the book", type="primary", disabled=not book.name):
            try:
                with st.spinner("Drawing the pairs"):
                    _create(store, book, make)
            except InputError as error:
                st.error(plain(for_visitors(error)), icon=":material/error:")
                return
            give("book", book.id)
            st.rerun()


def _pairs(dataset: Dataset) -> Make:
    offered = offered_sources(dataset)
    name = draw(st.selectbox, "source", "What is in it", offered, format_func=lambda one: SOURCES[one].label)
    st.caption(SOURCES[name].help)
    return SOURCES[name].fields(dataset)


def _how(dataset: Dataset) -> Book:
    name = name_field()
    left, middle, right = st.columns(3)
    judges = left.number_input("Judges a pair", 1, _MOST_JUDGES, 1)
    order = middle.selectbox("Order", list(_ORDERS), format_func=_ORDERS.__getitem__)
    repeats = right.slider(
        "Shown twice",
        0,
        50,
        0,
        format="%d %%",
        help="A share of pairs comes again, to see whether a judge says the same.",
    )
    guidelines = guidelines_field()
    tags = tags_field(TAGS)
    with st.container(horizontal=True, gap="large"):
        blind = st.toggle(
            "Blind", True, help="Published labels, others’ labels, ranks and scores wait until a pair is done."
        )
        anybody = st.toggle("Anybody with a name may judge", True)
    return Book(
        secrets.token_hex(8),
        name,
        dataset.name,
        dataset.fingerprint,
        source="",
        judges=int(judges),
        guidelines=guidelines,
        tags=tags,
        blind=blind,
        order=order,
        repeats=repeats / 100,
        anybody=anybody,
    )


def _create(store: Store, book: Book, make: Make) -> None:
    drawn = make()
    if not len(drawn.pairs):
        raise InputError("there is no such pair in this bundle; choose otherwise")
    store.create_book(replace(book, source=drawn.source, by_chance=drawn.by_chance), drawn.pairs)
