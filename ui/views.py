"""The Search page below its controls: headline and board."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle import Dataset
from sqid_core.errors import SqidError
from ui import panels, rankings, resources, states
from ui.markup import plain
from ui.state import SearchSettings


def show(dataset: Dataset, settings: SearchSettings) -> None:
    """What the settings ask for, or the sentence that says why it cannot be."""
    _headline(dataset, settings)
    try:
        with st.spinner("Searching"):
            prepared = _prepared(dataset, settings)
    except SqidError as error:
        states.cannot_search(error)
        return
    if settings.text:
        states.unknown_words(dataset, settings.text)
    if prepared.candidates.columns is None:
        states.one_ranking(dataset)
    panels.board(dataset, prepared, settings)


def _prepared(dataset: Dataset, settings: SearchSettings) -> rankings.Prepared:
    if settings.searches_catalogue:
        return resources.prepared_catalogue(dataset, settings.text, settings.query_id, settings.fusion)
    return resources.prepared_slate(dataset, settings.query_id, settings.fusion)


def _headline(dataset: Dataset, settings: SearchSettings) -> None:
    names = resources.query_names(dataset.fingerprint, dataset)
    with st.container(key="headline", gap=None):
        st.header(f"“{plain(_short(settings.text or names[settings.query_id]))}”", anchor=False)
        st.caption(_what_is_ranked(dataset, settings))


def _what_is_ranked(dataset: Dataset, settings: SearchSettings) -> str:
    products = f"{len(dataset.products):,} products"
    if settings.text:
        return f"Typed query. Searching the whole catalogue: {products}, not judged for this query."
    judged = int(dataset.judgements.lengths[rankings.query_row(dataset, settings.query_id)])
    if settings.searches_catalogue:
        return f"Judged query. Searching the whole catalogue: {products}, {judged:,} of them judged."
    return f"Judged query. Re-ranking its {judged:,} judged products."


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"
