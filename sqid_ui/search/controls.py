"""The Search page's controls: what to rank, and how the two rankings are fused."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import Fusion
from sqid_ui.parts.markup import plain
from sqid_ui.search import filter_controls as filters
from sqid_ui.search import query_picker, uploads
from sqid_ui.search.state import CATALOGUE, SCOPES, SHOWN, SLATE, Choices, coherent_norm
from sqid_ui.settings.fusion_controls import fusion_controls
from sqid_ui.settings.link import set_setting, setting, widget_key

SCOPE_NAMES = {SLATE: "Judged products", CATALOGUE: "Whole catalogue"}
_LAST_QUERY = "last judged query"
_LONGEST_TITLE = 40


def query_controls(dataset: Dataset, choices: Choices) -> None:
    """The three ways to say what to rank: a typed text, a picture, or one of the judged queries."""
    title = plain(_shortened(dataset.manifest.about.get("title") or dataset.name))
    with st.container(key="query-row"):
        free, judged = st.columns([1, 1], gap="medium")
    with free, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            f"Search {title}",
            key=widget_key("text"),
            type="search",
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
        _scope_control(has_slate=bool(setting("query_id")))
        filters.filter_controls(dataset, choices)
        with st.popover("Settings", icon=":material/tune:", key="settings"):
            _signal_controls(choices)
            if dataset.signal("text") is not None and dataset.signal("image") is not None:
                methods = choices.methods_of(setting("text_signal"), setting("image_signal"))
                fusion_controls(methods, widget_key, _method_chosen)
            _evaluation_controls(choices)


def words_control() -> None:
    """How much the words count beside a picture."""
    st.slider(
        "Share of the words",
        0.0,
        1.0,
        step=0.05,
        format="%.2f",
        key=widget_key("words"),
        help="The query is the normalised mean of both vectors, (1 − m) · picture + m · words: "
        "0 is the picture alone, 1 the words alone.",
    )


def leave_picture(choices: Choices) -> None:
    """Searches without the picture: by the words, or again for the last judged query."""
    uploads.forget()
    set_setting("like", "")
    set_setting("upload", "")
    _typed(choices)


def search_like(product_id: str) -> None:
    """Searches by a product's picture."""
    uploads.forget()
    _leave_judged_query()
    for name, value in {"upload": "", "text": "", "like": product_id, "product": ""}.items():
        set_setting(name, value)


def open_query(query_id: str) -> None:
    """Opens a judged query."""
    set_setting("query_id", query_id)
    set_setting("product", "")
    _picked()


def _scope_control(has_slate: bool) -> None:
    """What is ranked: a typed text has no slate, so there is no choice then."""
    st.segmented_control(
        "Rank",
        SCOPES,
        key=widget_key("scope") if has_slate else "only scope",
        default=None if has_slate else CATALOGUE,
        required=True,
        format_func=SCOPE_NAMES.__getitem__,
        disabled=not has_slate,
        label_visibility="collapsed",
    )


def _signal_controls(choices: Choices) -> None:
    """Which signals rank, where the bundle has several of a modality."""
    for name, label, names in (
        ("text_signal", "Text signal", choices.text_signals),
        ("image_signal", "Image signal", choices.image_signals),
    ):
        if len(names) > 1:
            st.selectbox(
                label,
                names,
                key=widget_key(name),
                on_change=_signal_chosen,
                args=(choices,),
                help="Which of the bundle’s vectors or imported runs makes this ranking.",
            )


def _evaluation_controls(choices: Choices) -> None:
    """Gains and the number of cards: what every bundle has, with one signal too."""
    gains, shown = st.columns(2)
    gains.selectbox("Gains", choices.gain_names, key=widget_key("gains"), help="What each label is worth in NDCG.")
    shown.selectbox(
        "Products per list", SHOWN, key=widget_key("shown"), help="Cards in each list; rankings and NDCG do not change."
    )


def _typed(choices: Choices) -> None:
    """A text replaces the judged query; an emptied text brings the last one back."""
    if setting("text"):
        _leave_judged_query()
    elif not (setting("query_id") or setting("like") or setting("upload")):
        last = st.session_state.get(_LAST_QUERY)
        set_setting("query_id", last if last in choices.query_ids else choices.opening_query)


def _uploaded(digest: str) -> None:
    """A picture takes the place of another one or of a judged query; words stay beside it."""
    set_setting("upload", digest)
    set_setting("like", "")
    _leave_judged_query()


def _leave_judged_query() -> None:
    st.session_state[_LAST_QUERY] = setting("query_id") or st.session_state.get(_LAST_QUERY)
    set_setting("query_id", "")


def _picked() -> None:
    if setting("query_id"):
        uploads.forget()
        for name in ("text", "like", "upload"):
            set_setting(name, "")


def _signal_chosen(choices: Choices) -> None:
    if setting("method") not in choices.methods_of(setting("text_signal"), setting("image_signal")):
        set_setting("method", Fusion().method)


def _method_chosen() -> None:
    set_setting("norm", coherent_norm(setting("method"), setting("norm")))


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
