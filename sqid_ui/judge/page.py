"""The page's order: who somebody is, then the open book, or all books."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import SqidError
from sqid_core.judging.books import Book
from sqid_core.judging.rules import may_judge, may_lead
from sqid_core.judging.store import Judge, Store
from sqid_ui.caches.judging import judging_store
from sqid_ui.judge import book_list, lead, new_book, open_book
from sqid_ui.judge.book_sources import source_settings
from sqid_ui.judge.overview.page import VIEWS, show_view
from sqid_ui.login.configured import roles_by_claims
from sqid_ui.login.who import judge_here, keeps_cookies, take_name
from sqid_ui.parts.markup import plain
from sqid_ui.settings import session
from sqid_ui.settings.session import give, value
from sqid_ui.settings.setting import Setting, choice, of, picked, words
from sqid_ui.settings.shared import QUERY_SET
from sqid_ui.shell.bundles import for_visitors

PAGE = "judge"
_STYLE = Path(__file__).with_name("judge.css")
LONGEST_CODE = 100


def run(dataset: Dataset) -> None:
    """The whole page."""
    st.html(_STYLE)
    try:
        store = judging_store()
        books = store.books(dataset.name)
        judge = judge_here(store)
    except SqidError as error:
        session.settle(_settings(dataset, ()), dataset.fingerprint)
        st.title("Judge")
        st.error(f"**Nothing can be judged now.** {plain(for_visitors(error))}.", icon=":material/database_off:")
        st.caption("All other pages work without it.")
        session.publish()
        return
    rejected = session.settle(_settings(dataset, books), dataset.fingerprint)
    try:
        _show(dataset, store, books, judge, rejected)
    except SqidError as error:
        st.error(plain(for_visitors(error)), icon=":material/database_off:")
    session.publish()


def _settings(dataset: Dataset, books: Sequence[Book]) -> list[Setting]:
    book = picked("book", [book.id for book in books], of_bundle=True)
    own = of(PAGE, choice("view", tuple(VIEWS)), *source_settings(dataset))
    return [book, words("lead", LONGEST_CODE), *own, QUERY_SET]


def _show(dataset: Dataset, store: Store, books: Sequence[Book], judge: Judge | None, rejected: Sequence[str]) -> None:
    if "book" in rejected:
        st.warning("The link names a book that this bundle does not have.")
    book = next((each for each in books if each.id == value("book")), None)
    if judge is not None and value("lead") and not roles_by_claims():
        judge = lead.redeem(store, judge)
    if book is not None and judge is not None and may_judge(judge, book):
        open_book.show(dataset, store, book, judge)
        return
    st.title("Judge")
    if judge is None:
        _ask_name(store, book)
    elif book is not None:
        _no_entry(book)
    if book is not None:
        return
    session.draw(
        st.segmented_control,
        "view",
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        label_visibility="collapsed",
        required=True,
    )
    if value("view") != "books":
        show_view(value("view"), dataset, store, books, judge)
    else:
        book_list.show(dataset, store, books, judge)
        if may_lead(judge):
            new_book.show(dataset, store)
            lead.people(store)
        else:
            lead.offer(store, judge)


def _ask_name(store: Store, book: Book | None) -> None:
    if not keeps_cookies():
        st.warning(
            "This browser keeps no cookie of this page, so nobody who judges could be known again. Allow cookies for "
            "it, and load the page again."
        )
        return
    with st.form("name", width=480):
        what = f"**{plain(book.name)}** waits for you. " if book is not None else ""
        st.markdown(f"{what}Under which name do you judge? This browser is known again; the name proves nothing.")
        name = st.text_input("Your name", max_chars=100, key="judge name")
        if st.form_submit_button("Begin", type="primary"):
            if name.strip():
                take_name(store, name)
                st.rerun()
            st.error("Type a name: others see it beside your labels.")


def _no_entry(book: Book) -> None:
    if book.closed:
        st.info(f"The book {plain(book.name)} is closed.", icon=":material/lock:")
    else:
        st.info(
            f"The book {plain(book.name)} is for those who were made judges; a lead can make you one.",
            icon=":material/lock:",
        )
    st.button("All books", icon=":material/arrow_back:", on_click=give, args=("book", ""))
