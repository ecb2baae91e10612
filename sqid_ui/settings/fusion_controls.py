"""How two rankings are fused: controls that the Search and the Compare page share, and what each setting is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from sqid_core.ranking.fusion import FUSIONS, MISSING_IMAGE
from sqid_ui.settings.session import draw
from sqid_ui.settings.shared import HIGHEST_RRF_K, norms_of, uses_norm

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


def fusion_controls(methods: Sequence[str], run: str = "") -> None:
    """Method, norm and missing pictures, each with a sentence of help and its formula.

    methods: on offer. run: the setting that these are parts of; "" where each is a setting, and the norm is one that
    goes with the method.
    """
    method = control(
        st.selectbox,
        run,
        "method",
        "Method",
        methods,
        format_func=METHOD_NAMES.__getitem__,
        help="How a product’s text and image scores become one.",
    )
    st.caption(f"{FUSIONS[method].summary}  \n`{FUSIONS[method].formula}`")
    constant_control(method, run)
    norm = norm_control(method, run)
    if uses_norm(method):
        st.caption(_NORM_FORMULAS[norm])
    missing = missing_control(method, run)
    st.caption("Ranked by their text alone." if method == "embedding average" else _MISSING_FORMULAS[missing])


def control(widget: Callable[..., Any], run: str, name: str, label: str, *arguments: Any, **options: Any) -> Any:
    """A control of a fusion: a setting of its own, or a part of a run's."""
    where = (run, name) if run else (name, "")
    return draw(widget, where[0], label, *arguments, part=where[1], **options)


def constant_control(method: str, run: str = "") -> None:
    """The constant of reciprocal ranks, where they are fused; run as in `fusion_controls`."""
    if method == "rrf":
        control(
            st.number_input,
            run,
            "rrf_k",
            "k of the formula",
            1,
            HIGHEST_RRF_K,
            step=10,
            help="Larger values make the first ranks count less: 1 / (k + rank). 60 is usual.",
        )


def norm_control(method: str, run: str = "") -> str:
    """The norm, of those that go with a method; run as in `fusion_controls`."""
    chosen: str = control(
        st.selectbox,
        run,
        "norm",
        "Normalisation",
        norms_of(method),
        format_func=NORM_NAMES.__getitem__,
        disabled=not uses_norm(method),
        help="Puts both signals’ scores on one scale before they are mixed. "
        "Maximum needs one; ranks and the embedding average do without.",
    )
    return chosen


def missing_control(method: str, run: str = "") -> str:
    """What stands for a missing picture; run as in `fusion_controls`."""
    chosen: str = control(
        st.selectbox,
        run,
        "missing",
        "Products without a picture",
        MISSING_IMAGE,
        format_func=MISSING_NAMES.__getitem__,
        disabled=method == "embedding average",
        help="What stands for the missing image score; the image ranking alone always puts them last.",
    )
    return chosen
