"""The Search page's controls: what to rank, and how the two rankings are fused."""

from __future__ import annotations

from typing import Any

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion
from sqid_ui.parts.markup import plain
from sqid_ui.parts.side_panel import side_panel
from sqid_ui.search import filter_controls as filters
from sqid_ui.search import query_picker, uploads
from sqid_ui.search.state import CATALOGUE, SCOPES, SHOWN, SLATE, Choices
from sqid_ui.settings.ends import end_control
from sqid_ui.settings.fusion_controls import fusion_controls
from sqid_ui.settings.session import draw, give, value
from sqid_ui.settings.setting import LONGEST_TYPED

SCOPE_NAMES = {SLATE: "Judged products", CATALOGUE: "Whole catalogue"}
_LAST_QUERY = "last judged query"
_LONGEST_TITLE = 40


def query_controls(dataset: Dataset, choices: Choices) -> None:
    """The three ways to say what to rank: a typed text, a picture, or one of the judged queries."""
    title = plain(_shortened(dataset.manifest.about.get("title") or dataset.name))
    with st.container(key="query-row"):
        free, judged = st.columns([1, 1], gap="medium")
    with free, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        draw(
            st.text_input,
            "text",
            f"Search {title}",
            type="search",
            max_chars=LONGEST_TYPED,
            placeholder="Type what you look for, then press Enter",
            icon=":material/search:",
            on_change=_typed,
            args=(choices,),
        )
        with st.popover("Picture", icon=":material/image_search:", key="picture search"):
            uploads.picker(_uploaded)
            st.caption("Or open a product and look for similar ones. Words typed beside a picture are mixed with it.")
    with judged, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        query_picker.judged_query(dataset, choices, _picked)


def view_controls(dataset: Dataset, choices: Choices) -> None:
    """What is ranked and how: the scope, the filters, the settings."""
    with st.container(
        key="view-row", horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", gap="small"
    ):
        _scope_control(has_slate=bool(value("query_id")))
        filters.filter_controls(dataset, choices)
        with side_panel("Settings", "settings"):
            _signal_controls(choices)
            if dataset.signal("text") is not None and dataset.signal("image") is not None:
                methods = choices.methods_of(value("text_signal"), value("image_signal"))
                fusion_controls(methods)
            _evaluation_controls(choices)
            if choices.rerankers:
                draw(
                    st.selectbox,
                    "reranker",
                    "Re-rank the shown products",
                    choices.rerankers,
                    placeholder="No",
                    help="A cross-encoder or a learned ranker reads the query with each of the products that the list "
                    "shows and orders them anew, below the lists. A cross-encoder takes seconds.",
                )
            if dataset.known_labels is not None and (value("scope") == CATALOGUE or not value("query_id")):
                draw(
                    st.checkbox,
                    "judged_only",
                    "Only labels that were judged",
                    help="This bundle knows a label for every product, whether judged or not. Without them the whole "
                    "catalogue looks as it does in real collections: mostly unjudged.",
                )


def words_control() -> None:
    """How much the words count beside a picture."""
    draw(
        st.slider,
        "words",
        "Share of the words",
        0.0,
        1.0,
        step=0.05,
        format="%.2f",
        help="The query is the normalised mean of both vectors, (1 − m) · picture + m · words: "
        "0 is the picture alone, 1 the words alone.",
    )


def leave_picture(choices: Choices) -> None:
    """Searches without the picture: by the words, or again for the last judged query."""
    uploads.forget()
    give("like", "")
    give("upload", "")
    _typed(choices)


def search_like(product_id: str) -> None:
    """Searches by a product's picture."""
    uploads.forget()
    _leave_judged_query()
    for name, found in {"upload": "", "text": "", "like": product_id, "product": ""}.items():
        give(name, found)


def open_example(query_id: str) -> None:
    """Opens a judged query at the usual weight: what it is an example of is seen from there."""
    give("w", Fusion().image_weight)
    open_query(query_id)


def open_query(query_id: str, **notes: Any) -> None:
    """Opens a judged query. notes: remembered in the same moment."""
    uploads.forget()
    for name in ("text", "like", "upload", "product"):
        give(name, "")
    give("query_id", query_id, **notes)


def _scope_control(has_slate: bool) -> None:
    """What is ranked: a typed text has no slate, so there is no choice then."""
    looks: dict[str, Any] = {
        "required": True,
        "format_func": SCOPE_NAMES.__getitem__,
        "label_visibility": "collapsed",
    }
    if has_slate:
        draw(st.segmented_control, "scope", "Rank", SCOPES, **looks)
    else:
        st.segmented_control("Rank", SCOPES, key="only scope", default=CATALOGUE, disabled=True, **looks)


def _signal_controls(choices: Choices) -> None:
    """Which signals rank, where the bundle has several of a modality."""
    end_control("text_signal", "Text signal", choices.text_signals)
    end_control("image_signal", "Image signal", choices.image_signals)


def _evaluation_controls(choices: Choices) -> None:
    """Gains and the number of cards: what every bundle has, with one signal too."""
    gains, shown = st.columns(2)
    draw(gains.selectbox, "gains", "Gains", choices.gain_names, help="What each label is worth in NDCG.")
    draw(
        shown.selectbox,
        "shown",
        "Products per list",
        SHOWN,
        help="Cards in each list. In the whole catalogue this is the k of NDCG@k and the judged share, too; rankings "
        "do not change.",
    )


def _typed(choices: Choices) -> None:
    """A text replaces the judged query; an emptied text brings the last one back."""
    if value("text"):
        _leave_judged_query()
    elif not (value("query_id") or value("like") or value("upload")):
        last = st.session_state.get(_LAST_QUERY)
        give("query_id", last if last in choices.query_ids else choices.opening_query)


def _uploaded(digest: str) -> None:
    """A picture takes the place of another one or of a judged query; words stay beside it."""
    give("upload", digest)
    give("like", "")
    _leave_judged_query()


def _leave_products() -> None:
    """What was marked and pulled among the products of one query is not of the next."""
    give("pull", None)
    give("mark", "")


def _leave_judged_query() -> None:
    _leave_products()
    st.session_state[_LAST_QUERY] = value("query_id") or st.session_state.get(_LAST_QUERY)
    give("query_id", "")


def _picked() -> None:
    _leave_products()
    if value("query_id"):
        uploads.forget()
        for name in ("text", "like", "upload"):
            give(name, "")


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
