"""Judging where one looks: what the browser needs so that a label chip judges, for people whom a book allows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.rules import may_judge
from sqid_core.judging.store import Store
from sqid_ui.caches.label_sets import own_words, reached
from sqid_ui.judge.routes import PREFIX
from sqid_ui.login.who import judge_here
from sqid_ui.parts.browser import mount_of
from sqid_ui.parts.picture_addresses import app_path

FOLDER = Path(__file__).parent / "chip"
STYLE = FOLDER / "choosing.css"


def labelling(dataset: Dataset, query_id: str) -> dict[str, Any] | None:
    """None for whom no book allows it, for a query that nobody judged, and where no store can be asked. Blind books are
    judged on their own page: here labels and ranks are to be seen."""
    return reached(lambda store: _labelling(dataset, store, query_id)) if query_id else None


def _labelling(dataset: Dataset, store: Store, query_id: str) -> dict[str, Any] | None:
    judge = judge_here(store)
    if judge is None:
        return None
    books = [book for book in store.books(dataset.name) if not book.blind and may_judge(judge, book)]
    if not books:
        return None
    said, number = own_words(store, dataset.name, judge.id, query_id)
    return {
        "address": app_path(PREFIX),
        "bundle": dataset.name,
        "fingerprint": dataset.manifest.fingerprint,
        "judge": judge.id,
        "number": number,
        "query_id": query_id,
        "books": [{"id": book.id, "name": book.name} for book in reversed(books)],
        "said": said,
    }


def label_chip(dataset: Dataset, query_id: str, product_id: str, title: str, label: int) -> None:
    """A product's label for a query as a chip that judges, for whom a book allows it. label: -1 where unjudged."""
    found = labelling(dataset, query_id)
    if found is None:
        return
    scale = dataset.scale
    data = {
        "labelling": found,
        "product": product_id,
        "title": title,
        "label": label,
        "scale": {"names": list(scale.names), "letters": list(scale.letters), "colors": list(scale.colors)},
    }
    with st.container(key="product-chip"):
        mount_of("sqid_label_chip", FOLDER / "chip.js", [FOLDER / "chip.css", STYLE])(key="label chip", data=data)
