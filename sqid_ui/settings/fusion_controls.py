"""How two rankings are fused: controls that the Search and the Compare page share, and what each setting is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from sqid_core.ranking.fusion import FUSIONS, MISSING_IMAGE
from sqid_ui.search.state import HIGHEST_RRF_K, norms_of, uses_norm

METHOD_NAMES = {
    "weighted scores": "Weighted scores",
    "weighted ranks": "Weighted ranks",
    "rrf": "Reciprocal ranks (RRF)",
    "max": "Maximum",
    "embedding average": "Embedding average",
}
NORM_NAMES = {"none": "None", "min-max": "Min–max", "z-score": "z-score"}
MISSING_NAMES = {"zero": "Score 0", "text": "Use the text", "worst": "Worst score"}
_NORM_FORMULAS = {
    "none": "Scores as they are.",
    "min-max": "`(score − lowest) / (highest − lowest)`",
    "z-score": "`(score − mean) / standard deviation`",
}
_MISSING_FORMULAS = {
    "zero": "`image = 0` after normalisation; last, where ranks are fused.",
    "text": "`image = text` after normalisation.",
    "worst": "`image = lowest image score` after normalisation.",
}


def fusion_controls(
    methods: Sequence[str], key: Callable[[str], str], on_method: Callable[[], None] | None = None
) -> None:
    """Method, norm and missing pictures, each with a sentence of help and its formula.

    methods: on offer. key: of the widget for method, rrf_k, norm and missing; each has its value already, and the norm
    is one that goes with the method. on_method: called before the rerun of another method.
    """
    method = st.selectbox(
        "Method",
        methods,
        key=key("method"),
        format_func=METHOD_NAMES.__getitem__,
        on_change=on_method,
        help="How a product’s text and image scores become one.",
    )
    st.caption(f"{FUSIONS[method].summary}  \n`{FUSIONS[method].formula}`")
    if method == "rrf":
        st.number_input(
            "k of the formula",
            1,
            HIGHEST_RRF_K,
            step=10,
            key=key("rrf_k"),
            help="Larger values make the first ranks count less: 1 / (k + rank). 60 is usual.",
        )
    norm = norm_control(method, key)
    if uses_norm(method):
        st.caption(_NORM_FORMULAS[norm])
    missing = missing_control(method, key)
    st.caption("Ranked by their text alone." if method == "embedding average" else _MISSING_FORMULAS[missing])


def norm_control(method: str, key: Callable[[str], str]) -> str:
    """The norm, of those that go with a method; key as in `fusion_controls`."""
    chosen: str = st.selectbox(
        "Normalisation",
        norms_of(method),
        key=key("norm"),
        format_func=NORM_NAMES.__getitem__,
        disabled=not uses_norm(method),
        help="Puts both signals’ scores on one scale before they are mixed. "
        "Maximum needs one; ranks and the embedding average do without.",
    )
    return chosen


def missing_control(method: str, key: Callable[[str], str]) -> str:
    """What stands for a missing picture; key as in `fusion_controls`."""
    chosen: str = st.selectbox(
        "Products without a picture",
        MISSING_IMAGE,
        key=key("missing"),
        format_func=MISSING_NAMES.__getitem__,
        disabled=method == "embedding average",
        help="What stands for the missing image score; the image ranking alone always puts them last.",
    )
    return chosen
