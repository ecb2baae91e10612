"""The Search page below its controls: what is asked, headline and board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from sqid_core.analysis.query_sets import QuerySet
from sqid_core.bundle.load import Dataset
from sqid_core.encoders.families import reads_pictures
from sqid_core.errors import SqidError
from sqid_core.evaluation.rank_agreement import RBO_PERSISTENCE, agreement, agreement_depth
from sqid_core.ranking.candidates import Prepared
from sqid_core.ranking.mixes import preferring
from sqid_core.ranking.picture_search import Question, similar_to
from sqid_core.types import Bools
from sqid_core.wording import counted
from sqid_ui.caches.bundles import product_row
from sqid_ui.caches.maps import in_area
from sqid_ui.caches.rankings import fitting_products, queries_of_text, searched
from sqid_ui.judge.finding_bar import finding_bar
from sqid_ui.parts import notices as states
from sqid_ui.parts.cards import currency_of
from sqid_ui.parts.markup import plain
from sqid_ui.search import controls, product_detail, pulling, reranking, uploads
from sqid_ui.search import filter_controls as filters
from sqid_ui.search.board_view import board
from sqid_ui.search.headline import headline
from sqid_ui.search.state import Choices, SearchSettings
from sqid_ui.settings.session import give
from sqid_ui.shell.bundles import for_visitors
from sqid_ui.work.limits import TEXTS, refusal
from sqid_ui.work.times import timed

_MOST_ASKED, _FIRST = 6, 10
_LAST_TEXT = "last text"


def with_signals(dataset: Dataset, settings: SearchSettings) -> Dataset:
    """The data set with the chosen signals as the first of their modality, and the labels that are to be shown."""
    shown = dataset.as_judged() if settings.judged_only else dataset
    return preferring(shown, *filter(None, (settings.text_signal, settings.image_signal)))


def show(
    dataset: Dataset,
    settings: SearchSettings,
    choices: Choices,
    walked: QuerySet | None = None,
    labelling: Mapping[str, Any] | None = None,
) -> None:
    """What the settings ask for, or the sentence that says why it cannot be. dataset: with the signals of the settings
    first (`with_signals`). walked: the set of queries, None for none. labelling: what label chips judge with."""
    pulling.go_on(dataset, settings, walked)
    asked = question(dataset, settings)
    headline(dataset, settings, asked, choices)
    if settings.text and (refused := _too_many(settings.text)):
        st.warning(refused, icon=":material/hourglass_top:")
        return
    try:
        with st.spinner("Searching"), timed("search", {"query": settings.text}):
            search = searched(dataset, asked, settings.fusion, uploads.keyed(), settings.filter)
    except SqidError as error:
        states.cannot_search(for_visitors(error))
        return
    ranked = search.prepared
    states.searched_elsewhere(search.found, search.trouble)
    if settings.text:
        states.unknown_words(dataset, settings.text)
        _ask_which(dataset, settings)
    if settings.searches_catalogue:
        states.stand_ins(dataset)
    if ranked.candidates.columns is None:
        states.one_ranking(dataset, _lists_without_picture(dataset, asked))
    shown = _shown_products(dataset, settings)
    only = None if shown is None else shown[ranked.candidates.rows]
    left = len(ranked.candidates.rows) if only is None else int(only.sum())
    # What a server found is what the filters left already.
    whole = len(dataset.products) if search.found else len(ranked.candidates.rows)
    fitting = int(shown.sum()) if search.found and shown is not None else left
    filters.filter_line(settings, fitting, whole, bool(asked.labels), currency_of(dataset.manifest.about))
    if left:
        finding_bar(dataset, asked.labels)
        board(dataset, ranked, replace(settings, query_id=asked.labels), _act, only, walked, labelling)
        _agreement(ranked, only if settings.searches_catalogue else None)
        pulling.wait_for_price(dataset, settings)
        if settings.reranker:
            reranking.show(dataset, ranked.candidates, replace(settings, query_id=asked.labels), only)
    if settings.product:
        product_detail.show(dataset, settings.product, ranked.candidates, settings)


def _too_many(text: str) -> str:
    """Why a text that this visitor has not just asked is not searched for: "" or a sentence."""
    if st.session_state.get(_LAST_TEXT) == text:
        return ""
    refused = refusal(TEXTS)
    if not refused:
        st.session_state[_LAST_TEXT] = text
    return refused


def _ask_which(dataset: Dataset, settings: SearchSettings) -> None:
    """Which judged query is meant, where several have the text that was typed."""
    same = () if settings.by_picture else queries_of_text(dataset, settings.text)
    if len(same) < 2:
        return
    with st.container(key="which-query", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{len(same):,} judged queries have this text, so no labels are shown. Open one:", width="content")
        for query_id in same[:_MOST_ASKED]:
            label = f"{plain(query_id)} · {counted(_judged(dataset, query_id), 'product', 'products')}"
            st.button(label, key=f"which {query_id}", type="tertiary", on_click=controls.open_query, args=(query_id,))


def _judged(dataset: Dataset, query_id: str) -> int:
    return int(dataset.judgements.lengths[dataset.judgements.row_of(query_id)])


def _act(action: str, told: str) -> None:
    """What a card of the board asked for. told: its product's id, and more for a pull."""
    if action == "similar":
        controls.search_like(told)
    elif action == "open":
        give("product", told)
    else:
        pulling.take(action, told)


def _agreement(ranked: Prepared, only: Bools | None) -> None:
    """How alike text and image rank, without labels. only: (C,) the products that are ranked, None for all."""
    if len(ranked.scores) < 2:
        return
    count = len(ranked.candidates.rows) if only is None else int(only.sum())
    text, image = ranked.firsts(agreement_depth(_FIRST), only).values()
    biased, share = agreement(text, image, _FIRST, count=count)
    first = min(_FIRST, count)
    st.caption(
        f"Text and image share {share * first:.0f} of their first {first:,}; rank-biased overlap "
        f"RBO({RBO_PERSISTENCE:g}) {biased:.3f} over {counted(count, 'product', 'products')}, without labels."
    )


# --- what is asked, and what may be shown of the answer ---


def question(dataset: Dataset, settings: SearchSettings) -> Question:
    """What the settings ask. The share of the words matters only where there is a picture too, and labels hold for the
    judged query that is open, or for the one with the text that was typed; where several have it, for none."""
    labels = settings.query_id
    if settings.text:
        same = queries_of_text(dataset, settings.text)
        labels = same[0] if len(same) == 1 else ""
    return Question(
        text=settings.text,
        like="" if settings.upload else settings.like,
        upload=settings.upload,
        words=settings.words if settings.text and settings.by_picture else 0.0,
        query_id=settings.query_id,
        labels="" if settings.by_picture else labels,
        searches_catalogue=settings.searches_catalogue,
    )


def _shown_products(dataset: Dataset, settings: SearchSettings) -> Bools | None:
    """(N,) the products that may be shown, None for all: the filter's, less the one that is searched like."""
    mask = fitting_products(dataset, settings.filter) if settings.filter else None
    if settings.area:
        there, _ = in_area(dataset, settings.area)
        mask = there if mask is None else mask & there
    if not settings.like or settings.upload:
        return mask
    others = np.ones(len(dataset.products), dtype=bool) if mask is None else mask.copy()
    others[product_row(dataset, settings.like)] = False
    return others


def _lists_without_picture(dataset: Dataset, asked: Question) -> str:
    """The text signal whose encoder knows no pictures, where a picture alone is asked; "" where there is none."""
    signal = dataset.search_signal("text")
    if not asked.by_picture or asked.text or signal is None:
        return ""
    if asked.upload:
        read = any(reads_pictures(dataset.manifest.encoders[name]) for name in signal.encoders)
    else:
        read = bool(similar_to(dataset, product_row(dataset, asked.like)).keys() & set(signal.encoders))
    return "" if read else signal.name
