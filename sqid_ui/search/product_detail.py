"""One product in a dialog: its picture, all its fields, the queries it was judged for, and what lies nearest to it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.candidates import Candidates
from sqid_core.ranking.one_product import description, judged_for, nearest
from sqid_core.types import MODALITIES
from sqid_ui.caches.bundles import product_row
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.judge.looking import label_chip
from sqid_ui.login.who import may_open, person_here
from sqid_ui.parts.cards import currency_of, facts, money
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import picture_address, place_of
from sqid_ui.parts.strip import Picture, picture_strip
from sqid_ui.search import controls, word_causes
from sqid_ui.search.state import SearchSettings
from sqid_ui.settings.session import give, value

_LARGE, _SMALL, _NEAREST = 300, 84, 6
_MOST_QUERIES = 12
_LONGEST, _LONGEST_TITLE = 4000, 160
# The columns that have a place of their own, and what the others are called.
_OWN = ("product_id", "title", "image", "description", "category_estimated")
_NEAR_BY = {"text": "Nearest by text", "image": "Nearest by picture"}


def show(dataset: Dataset, product_id: str, candidates: Candidates, settings: SearchSettings) -> None:
    """Opens the dialog; the page behind it stays as it is. candidates: what was ranked; settings: how the search
    stands."""
    row = product_row(dataset, product_id)
    title = dataset.products["title"].iloc[row]
    st.dialog(_dialog_title(title), width="large", on_dismiss=_close)(_content)(dataset, row, candidates, settings)


def _close() -> None:
    give("product", "")


def _content(dataset: Dataset, row: int, candidates: Candidates, settings: SearchSettings) -> None:
    product = dataset.products.iloc[row]
    if value("product") != product["product_id"] or not may_open(person_here(), dataset.manifest):
        st.rerun()  # A button in here asked for something else, or who looked signed out: that is for the whole page.
    left, right = st.columns([2, 3], gap="medium")
    with left:
        title = product["title"] if isinstance(product["title"], str) else ""
        address = picture_address(product["image"], place_of(dataset))
        picture_strip([Picture("large", address, title)], "large picture", _LARGE, captions=False)
        st.button(
            "Find similar",
            key="find similar",
            icon=":material/image_search:",
            width="stretch",
            on_click=controls.search_like,
            args=(str(product["product_id"]),),
        )
    with right:
        _fields(product, currency_of(dataset.manifest.about))
        _description(dataset, row)
    word_causes.show(dataset, row, candidates, settings)
    _queries(dataset, row, settings)
    for modality in MODALITIES:
        _nearest(dataset, row, modality)


def _fields(product: pd.Series, currency: str) -> None:
    """Everything the bundle knows of the product, as text."""
    found = {"Product id": product["product_id"]} | {
        str(name).capitalize(): value for name, value in product.items() if name not in _OWN
    }
    if product.get("category_estimated") and found.get("Category"):
        found["Category"] = f"{found['Category']} (estimated)"
    lines = [
        f"**{plain(name)}**  {plain(text)}" for name, value in found.items() if (text := _text(name, value, currency))
    ]
    st.markdown("  \n".join(lines))


def _text(name: str, value: Any, currency: str) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    return money(value, currency) if name == "Price" and isinstance(value, float) else str(value).strip()


def _description(dataset: Dataset, row: int) -> None:
    text = description(dataset, row)
    if text:
        with st.container(height=160 if len(text) > 500 else "content", border=False):
            st.text(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _queries(dataset: Dataset, row: int, settings: SearchSettings) -> None:
    """The other judged queries that this product was judged for."""
    ids, names = dataset.judgements.query_ids, query_names(dataset)
    found = [(str(ids[query]), label) for query, label in judged_for(dataset, row)]
    others = [(query_id, label) for query_id, label in found if query_id != settings.query_id]
    own = next((label for query_id, label in found if query_id == settings.query_id), None)
    if own is not None:
        st.caption(f"For the open query it was judged **{plain(dataset.scale.names[own])}**.")
    product = dataset.products.iloc[row]
    label_chip(
        dataset, settings.query_id, str(product["product_id"]), str(product["title"]), -1 if own is None else own
    )
    st.subheader("Judged for other queries", anchor=False)
    if not others:
        st.caption("None." if own is not None else "It was judged for no query.")
        return
    with st.container(horizontal=True, gap="small"):
        for query_id, label in others[:_MOST_QUERIES]:
            name = f"**{plain(dataset.scale.letters[label])}** {plain(names[query_id])}"
            st.button(
                name,
                key=f"open query {query_id}",
                help=plain(dataset.scale.names[label]),
                on_click=controls.open_query,
                args=(query_id,),
            )
    if len(others) > _MOST_QUERIES:
        st.caption(f"And {len(others) - _MOST_QUERIES:,} more.")


def _nearest(dataset: Dataset, row: int, modality: Any) -> None:
    signal = dataset.dense_signal(modality)
    if signal is None:
        return
    st.subheader(_NEAR_BY[modality], anchor=False)
    found = nearest(signal, row, _NEAREST)
    if not found:
        st.caption(f"This product has no {modality} vector.")
        return
    shown = facts(dataset.products.iloc[[near for near, _ in found]], place_of(dataset))
    addresses = [picture_address(dataset.products["image"].iloc[near], place_of(dataset)) for near, _ in found]
    pictures = [
        Picture(product_id, address, title, f"cosine {cosine:.3f}")
        for product_id, address, title, (_, cosine) in zip(shown["id"], addresses, shown["title"], found, strict=True)
    ]
    picture_strip(pictures, f"nearest {modality}", _SMALL, on_open=lambda other: give("product", other))


def _dialog_title(title: Any) -> str:
    text = title.strip() if isinstance(title, str) else ""
    return plain(text if len(text) <= _LONGEST_TITLE else f"{text[:_LONGEST_TITLE]}…") or "No title"
