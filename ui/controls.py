"""The Search page's controls: what to rank, and how the two rankings are fused."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle import Dataset
from sqid_core.fusion import FUSIONS, MISSING_IMAGE
from ui import resources
from ui.link import widget_key
from ui.markup import plain
from ui.state import CATALOGUE, DEFAULT_NORM_OF_MAX, SCOPES, SHOWN, SLATE, Choices, norms_of, uses_norm

METHOD_NAMES = {
    "weighted scores": "Weighted scores",
    "weighted ranks": "Weighted ranks",
    "rrf": "Reciprocal ranks (RRF)",
    "max": "Maximum",
    "embedding average": "Embedding average",
}
NORM_NAMES = {"none": "None", "min-max": "Min–max", "z-score": "z-score"}
MISSING_NAMES = {"zero": "Score 0", "text": "Use the text", "worst": "Worst score"}
SCOPE_NAMES = {SLATE: "Judged products", CATALOGUE: "Whole catalogue"}
_LAST_QUERY = "last judged query"
_LONGEST_TITLE = 40


def query_controls(dataset: Dataset, choices: Choices) -> None:
    """The two ways to say what to rank: a typed text, or one of the judged queries."""
    names = resources.query_names(dataset.fingerprint, dataset)
    title = plain(_shortened(dataset.manifest.about.get("title") or dataset.name))
    with st.container(key="query-row"):
        typed, judged, scope, settings = st.columns([5, 5, 4, 3], vertical_alignment="bottom")
    typed.text_input(
        f"Search {title}",
        key=widget_key("text"),
        type="search",
        placeholder="Type what you look for, then press Enter",
        icon=":material/search:",
        on_change=_typed,
        args=(choices,),
    )
    judged.selectbox(
        "or open a judged query",
        list(names),
        key=widget_key("query_id"),
        format_func=lambda query_id: names.get(query_id, query_id),
        index=None,
        placeholder=f"Pick one of {len(names):,}" if names else "This bundle has none",
        disabled=not names,
        on_change=_picked,
    )
    with scope:
        _scope_control(has_slate=bool(st.session_state.get(widget_key("query_id"))))
    with settings, st.popover("Settings", icon=":material/tune:", width="stretch"):
        if dataset.signal("text") is not None and dataset.signal("image") is not None:
            _fusion_controls(choices)
        _evaluation_controls(choices)


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
        width="stretch",
    )


def _fusion_controls(choices: Choices) -> None:
    """Method, norm and missing pictures, each with a sentence of help."""
    method = st.session_state[widget_key("method")]
    st.selectbox(
        "Method",
        choices.methods,
        key=widget_key("method"),
        format_func=METHOD_NAMES.__getitem__,
        on_change=_method_chosen,
        help="How a product’s text and image scores become one.",
    )
    st.caption(f"{FUSIONS[method].summary}  \n`{FUSIONS[method].formula}`")
    st.selectbox(
        "Normalisation",
        norms_of(method),
        key=widget_key("norm"),
        format_func=NORM_NAMES.__getitem__,
        disabled=not uses_norm(method),
        help="Puts both signals’ scores on one scale before they are mixed. "
        "Maximum needs one; ranks and the embedding average do without.",
    )
    st.selectbox(
        "Products without a picture",
        MISSING_IMAGE,
        key=widget_key("missing"),
        format_func=MISSING_NAMES.__getitem__,
        disabled=method == "embedding average",
        help="What stands for the missing image score; the image ranking alone always puts them last.",
    )


def _evaluation_controls(choices: Choices) -> None:
    """Gains and the number of cards: what every bundle has, with one signal too."""
    st.selectbox("Gains", choices.gain_names, key=widget_key("gains"), help="What each label is worth in NDCG.")
    st.selectbox(
        "Products per list", SHOWN, key=widget_key("shown"), help="Cards in each list; rankings and NDCG do not change."
    )


def _typed(choices: Choices) -> None:
    """A text replaces the judged query; an emptied text brings the last one back."""
    query_key = widget_key("query_id")
    if st.session_state[widget_key("text")].strip():
        st.session_state[_LAST_QUERY] = st.session_state.get(query_key) or st.session_state.get(_LAST_QUERY)
        st.session_state[query_key] = None
    elif not st.session_state.get(query_key):
        last = st.session_state.get(_LAST_QUERY)
        st.session_state[query_key] = (last if last in choices.query_ids else choices.opening_query) or None


def _picked() -> None:
    if st.session_state[widget_key("query_id")]:
        st.session_state[widget_key("text")] = ""


def _method_chosen() -> None:
    if st.session_state[widget_key("norm")] not in norms_of(st.session_state[widget_key("method")]):
        st.session_state[widget_key("norm")] = DEFAULT_NORM_OF_MAX


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
