"""The line above the board: what is asked, what is ranked for it, and the controls of the view."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.load import Dataset
from sqid_core.ranking.picture_search import Question
from sqid_core.types import MODALITIES
from sqid_core.wording import counted
from sqid_ui.caches.bundles import product_row
from sqid_ui.caches.judged_queries import query_names
from sqid_ui.parts.asked import asked_line
from sqid_ui.parts.markup import plain
from sqid_ui.parts.picture_addresses import picture_address, place_of
from sqid_ui.parts.strip import Picture, picture_strip
from sqid_ui.search import controls, uploads, welcome
from sqid_ui.search.state import LONGEST_LINKED_TEXT, Choices, SearchSettings

_LONGEST, _LONGEST_TITLE = 120, 60
_THUMB = 56


def headline(dataset: Dataset, settings: SearchSettings, question: Question, choices: Choices) -> None:
    """What is asked on the left, the view's controls on the right."""
    asked, view = st.columns([11, 10], vertical_alignment="bottom", gap="medium")
    with view:
        controls.view_controls(dataset, choices)
    with asked, st.container(key="headline", gap=None):
        if settings.by_picture:
            _picture(dataset, settings, question, choices)
        else:
            st.header(plain(_name(dataset, settings)), anchor=False)
            st.caption(_what_is_ranked(dataset, settings, question.labels) + _not_in_the_link(settings))
    asked_line(_name(dataset, settings))


def _picture(dataset: Dataset, settings: SearchSettings, question: Question, choices: Choices) -> None:
    """The picture that is searched by, with a way to leave it and the share of the words."""
    with st.container(key="asked-picture", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        _thumb(dataset, settings)
        with st.container(key="asked-like", gap=None):
            st.header(plain(_name(dataset, settings)), anchor=False)
            st.caption(_what_is_ranked(dataset, settings, question.labels) + _not_in_the_link(settings))
        st.button(
            "Remove",
            key="leave picture",
            icon=":material/close:",
            type="tertiary",
            help="Searches without the picture.",
            on_click=controls.leave_picture,
            args=(choices,),
        )
    if settings.text:
        controls.words_control()


def _thumb(dataset: Dataset, settings: SearchSettings) -> None:
    upload = uploads.kept()
    if settings.upload and upload is not None:
        st.image(upload.image.resize(_fitting(upload.image.size)), alt="Your picture")
        return
    row = product_row(dataset, settings.like)
    address = picture_address(dataset.products["image"].iloc[row], place_of(dataset))
    with st.container(width=_THUMB):
        picture_strip([Picture(settings.like, address, "The product’s picture")], "asked thumb", _THUMB, captions=False)


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    longest = max(size)
    width, height = (max(1, round(side * _THUMB / longest)) for side in size)
    return width, height


def _name(dataset: Dataset, settings: SearchSettings) -> str:
    if not settings.by_picture:
        return f"“{_short(settings.text or query_names(dataset)[settings.query_id], _LONGEST)}”"
    if settings.upload:
        name = "Like your picture"
    else:
        title = dataset.products["title"].iloc[product_row(dataset, settings.like)]
        name = f"Like “{_short(title if isinstance(title, str) and title else settings.like, _LONGEST_TITLE)}”"
    return f"{name} and “{_short(settings.text, _LONGEST_TITLE)}”" if settings.text else name


def _what_is_ranked(dataset: Dataset, settings: SearchSettings, query_id: str) -> str:
    """query_id: of the judged query whose labels hold, "" for none."""
    products = counted(len(dataset.products), "product", "products")
    judged = int(dataset.judgements.lengths[dataset.judgements.row_of(query_id)]) if query_id else 0
    if settings.by_picture:
        return f"Searching the whole catalogue by {_asked_by(dataset, settings)}: {products}, not judged for it."
    if not settings.searches_catalogue:
        slate = counted(judged, "judged product", "judged products")
        picked = welcome.PICKED.get(welcome.shows(dataset, query_id), "")
        notes = _not_ranked(dataset, query_id), _without_best(dataset, query_id), f" {picked}" if picked else ""
        return f"Judged query. Re-ranking its {slate}.{''.join(notes)}"
    known = f"{judged:,} of them judged"
    if dataset.known_labels is not None:
        known += ", and labels for all: those of the others are used here only"
    if settings.text and query_id:
        return f"Typed, and equal to a judged query: its labels hold. Searching {products}, {known}."
    if settings.text:
        return f"Typed query. Searching the whole catalogue: {products}, not judged for this query."
    return f"Judged query. Searching the whole catalogue: {products}, {known}."


def _not_in_the_link(settings: SearchSettings) -> str:
    """What a copied link would lose."""
    if settings.upload:
        return " An uploaded picture cannot be part of the link."
    return " So long a text cannot be part of the link." if len(settings.text) > LONGEST_LINKED_TEXT else ""


def _asked_by(dataset: Dataset, settings: SearchSettings) -> str:
    """What stands for the picture: a product that has none is searched by its text."""
    image = dataset.dense_signal("image")
    if settings.upload or (image is not None and image.present[product_row(dataset, settings.like)]):
        return "a picture"
    return "the product’s text, as it has no picture" if image is not None else "the product’s text"


def _not_ranked(dataset: Dataset, query_id: str) -> str:
    """How many of them the imported runs that are shown rank, where that is not all."""
    row = dataset.judgements.row_of(query_id)
    judged, said = int(dataset.judgements.lengths[row]), []
    for signal in map(dataset.signal, MODALITIES):
        ranked = judged
        if signal is not None and signal.is_run:
            ranked = int((~np.isnan(signal.query_scores(dataset.judgements, row))).sum())
        if signal is not None and ranked < judged:
            said.append(f" {plain(signal.name)} ranks {ranked:,} of them; the others follow behind.")
    return "".join(said)


def _without_best(dataset: Dataset, query_id: str) -> str:
    """What to know of a slate that holds no product with the best label."""
    row = dataset.judgements.row_of(query_id)
    labels = dataset.judgements.labels[row][dataset.judgements.mask[row]]
    return "" if (labels == 0).any() else f" None of them is {_best(dataset.scale)}."


def _best(scale: LabelScale) -> str:
    return plain(scale.names[0])


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
