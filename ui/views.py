"""The Search page below its controls: headline, numbers, weight, curve and board."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle import Dataset
from sqid_core.errors import SqidError
from ui import controls, panels, rankings, resources, states
from ui.markup import plain
from ui.state import SearchSettings


def show(dataset: Dataset, settings: SearchSettings) -> None:
    """What the settings ask for, or the sentence that says why it cannot be."""
    left, right = st.columns([5, 7], gap="medium")
    with left:
        _headline(dataset, settings)
    try:
        with left, st.spinner("Searching"):
            prepared = _prepared(dataset, settings)
    except SqidError as error:
        states.cannot_search(error)
        return
    with left:
        values = _numbers(dataset, prepared, settings)
    with right:
        if prepared.candidates.columns is not None:
            _weight(dataset, settings)
        else:
            states.one_ranking(dataset)
    panels.board(dataset, prepared, settings, values)


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


def _numbers(dataset: Dataset, prepared: rankings.Prepared, settings: SearchSettings) -> dict[str, str]:
    """The numbers of a judged query, or what to know of a typed one; returns what stands beside each list's name."""
    gains = dataset.scale.gains(settings.gains)
    if settings.text:
        states.unknown_words(dataset, settings.text)
        return {}
    if settings.searches_catalogue:
        found = rankings.catalogue_ndcg(prepared, settings.fusion, gains, settings.shown)
        panels.catalogue_numbers(found, settings)
        return {name: f"{ndcg.judged:.0%} judged" for name, ndcg in found.items()}
    quality = rankings.slate_ndcg(prepared, settings.fusion, gains)
    panels.ndcg_numbers(quality, settings)
    return {name: f"NDCG {panels.number(value)}" for name, value in quality.items()}


def _weight(dataset: Dataset, settings: SearchSettings) -> None:
    with st.container(key="weight"):
        controls.weight_slider()
        if not settings.searches_catalogue:
            curve = resources.slate_curve(dataset, settings.query_id, settings.fusion, settings.gains)
            panels.curve_panel(curve, settings)
        elif not settings.text:
            st.caption("NDCG by weight is drawn for judged products only: here most products have no label.")


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"
