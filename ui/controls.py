"""The Search page's controls: what to rank, and how the two rankings are fused."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle import Dataset
from sqid_core.fusion import FUSIONS, MISSING_IMAGE, Fusion
from ui import filters, query_picker, uploads
from ui.link import set_setting, setting, widget_key
from ui.markup import plain
from ui.state import (
    CATALOGUE,
    DEFAULT_NORM_OF_MAX,
    HIGHEST_RRF_K,
    SCOPES,
    SHOWN,
    SLATE,
    Choices,
    norms_of,
    uses_norm,
)

METHOD_NAMES = {
    "weighted scores": "Weighted scores",
    "weighted ranks": "Weighted ranks",
    "rrf": "Reciprocal ranks (RRF)",
    "max": "Maximum",
    "embedding average": "Embedding average",
}
NORM_NAMES = {"none": "None", "min-max": "Min–max", "z-score": "z-score"}
MISSING_NAMES = {"zero": "Score 0", "text": "Use the text", "worst": "Worst score"}
NORM_FORMULAS = {
    "none": "Scores as they are.",
    "min-max": "`(score − lowest) / (highest − lowest)`",
    "z-score": "`(score − mean) / standard deviation`",
}
MISSING_FORMULAS = {
    "zero": "`image = 0` after normalisation; last, where ranks are fused.",
    "text": "`image = text` after normalisation.",
    "worst": "`image = lowest image score` after normalisation.",
}
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
                _fusion_controls(choices)
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


def _fusion_controls(choices: Choices) -> None:
    """Method, norm and missing pictures, each with a sentence of help."""
    method = st.session_state[widget_key("method")]
    st.selectbox(
        "Method",
        choices.methods_of(setting("text_signal"), setting("image_signal")),
        key=widget_key("method"),
        format_func=METHOD_NAMES.__getitem__,
        on_change=_method_chosen,
        help="How a product’s text and image scores become one.",
    )
    st.caption(f"{FUSIONS[method].summary}  \n`{FUSIONS[method].formula}`")
    if method == "rrf":
        st.number_input(
            "k of the formula",
            1,
            HIGHEST_RRF_K,
            step=10,
            key=widget_key("rrf_k"),
            help="Larger values make the first ranks count less: 1 / (k + rank). 60 is usual.",
        )
    norm, missing = setting("norm"), setting("missing")
    st.selectbox(
        "Normalisation",
        norms_of(method),
        key=widget_key("norm"),
        format_func=NORM_NAMES.__getitem__,
        disabled=not uses_norm(method),
        help="Puts both signals’ scores on one scale before they are mixed. "
        "Maximum needs one; ranks and the embedding average do without.",
    )
    if uses_norm(method):
        st.caption(NORM_FORMULAS[norm])
    st.selectbox(
        "Products without a picture",
        MISSING_IMAGE,
        key=widget_key("missing"),
        format_func=MISSING_NAMES.__getitem__,
        disabled=method == "embedding average",
        help="What stands for the missing image score; the image ranking alone always puts them last.",
    )
    st.caption(MISSING_FORMULAS[missing] if method != "embedding average" else "Ranked by their text alone.")


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
    if st.session_state[widget_key("norm")] not in norms_of(st.session_state[widget_key("method")]):
        st.session_state[widget_key("norm")] = DEFAULT_NORM_OF_MAX


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
