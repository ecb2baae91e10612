"""The Search page below its controls: headline and board."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import SqidError
from sqid_ui.parts import notices as states
from sqid_ui.search import asking, controls, panels, product_detail
from sqid_ui.search import filter_controls as filters
from sqid_ui.search.headline import headline
from sqid_ui.search.state import Choices, SearchSettings
from sqid_ui.settings.session import give


def show(dataset: Dataset, settings: SearchSettings, choices: Choices) -> None:
    """What the settings ask for, or the sentence that says why it cannot be."""
    dataset = asking.with_signals(dataset, settings)
    headline(dataset, settings, choices)
    try:
        with st.spinner("Searching"):
            prepared = asking.prepared(dataset, settings)
    except SqidError as error:
        states.cannot_search(error)
        return
    if settings.text:
        states.unknown_words(dataset, settings.text)
    if settings.searches_catalogue:
        states.stand_ins(dataset)
    if prepared.candidates.columns is None:
        states.one_ranking(dataset, asking.lists_without_picture(dataset, settings))
    shown = asking.shown_products(dataset, settings)
    only = None if shown is None else shown[prepared.candidates.rows]
    left = len(prepared.candidates.rows) if only is None else int(only.sum())
    judged = replace(settings, query_id=asking.labelled_query(dataset, settings))
    filters.filter_line(settings, left, len(prepared.candidates.rows), bool(judged.query_id))
    if left:
        panels.board(dataset, prepared, judged, _act, only)
    if settings.product:
        product_detail.show(dataset, settings.product, settings)


def _act(action: str, product_id: str) -> None:
    """What a card of the board asked for."""
    if action == "similar":
        controls.search_like(product_id)
    elif action == "open":
        give("product", product_id)
