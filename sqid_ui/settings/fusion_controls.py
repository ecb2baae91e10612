"""How two rankings are fused: controls that the Search and the Compare page share,."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS
from sqid_ui.settings.session import draw
from sqid_ui.settings.shared import HIGHEST_RRF_K


def method_label(name: str) -> str:
    """A method's name for people."""
    return METHODS[name].label


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
        format_func=method_label,
        help="How a product’s text and image scores become one.",
    )
    rule = METHODS[method]
    st.caption(f"{rule.summary}  \n`{rule.formula}`")
    constant_control(method, run)
    norm = norm_control(method, run)
    if rule.reads_norm:
        st.caption(NORMS[norm].formula)
    missing = missing_control(method, run)
    st.caption(MISSING_IMAGE[missing].formula if rule.reads_missing else f"Ranked by {rule.without_picture}.")


def control(widget: Callable[..., Any], run: str, name: str, label: str, *arguments: Any, **options: Any) -> Any:
    """A control of a fusion: a setting of its own, or a part of a run's."""
    where = (run, name) if run else (name, "")
    return draw(widget, where[0], label, *arguments, part=where[1], **options)


def constant_control(method: str, run: str = "") -> None:
    """The constant of reciprocal ranks, where they are fused; run as in `fusion_controls`."""
    if METHODS[method].reads_k:
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
        METHODS[method].norms,
        format_func=lambda name: NORMS[name].label,
        disabled=not METHODS[method].reads_norm,
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
        tuple(MISSING_IMAGE),
        format_func=lambda name: MISSING_IMAGE[name].label,
        disabled=not METHODS[method].reads_missing,
        help="What stands for the missing image score; the image ranking alone always puts them last. Score 0 is "
        + "; ".join(f"{norm.zero} ({norm.label.lower()})" for norm in NORMS.values())
        + ". What an imported run does not rank always stands behind what it ranks.",
    )
    return chosen
