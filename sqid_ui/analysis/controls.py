"""Controls that the analysis pages share: the fusion, the gains, and the settings behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import share_a_space
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS, methods_for
from sqid_ui.parts.side_panel import side_panel
from sqid_ui.settings import session, shared
from sqid_ui.settings.fusion_controls import constant_control, method_label, missing_control, norm_control
from sqid_ui.settings.session import draw
from sqid_ui.settings.setting import Setting, choice, of

Coherent = Callable[[Mapping[str, Any]], Mapping[str, Any]]
_USUAL = Fusion()
_WEIGHT = (
    "0 ranks by the text’s scores, 1 by the image’s. Products that lack one get what stands for it in the settings; "
    "a ranking alone puts them last."
)


def fusion_methods(dataset: Dataset) -> tuple[str, ...]:
    """The methods that the bundle's first text and image signal allow."""
    return methods_for(share_a_space(*dataset.both_signals))


def fusion_settings(dataset: Dataset) -> tuple[Setting, ...]:
    """The settings of a fusion, of the gains and of what means count by; without a fusion where there is none."""
    measured = (choice("gains", dataset.scale.gain_names), *shared.count_settings(dataset))
    return (*shared.fusion_settings(fusion_methods(dataset)), *measured) if dataset.can_fuse else measured


def settle(dataset: Dataset, page: str, *own: Setting, coherent: Coherent = shared.coherent_fusion) -> tuple[str, ...]:
    """Settles a page's own settings and those of the fusion; returns the link's parameters that were nonsense."""
    settings = (*fusion_settings(dataset), *of(page, *own))
    return session.settle(settings, dataset.fingerprint, coherent=coherent)


def chosen_fusion(dataset: Dataset) -> Fusion | None:
    """The fusion that is set, without what its method does not read; None where there is nothing to fuse."""
    if not dataset.can_fuse:
        return None
    fusion = shared.fusion_of(session.values())
    norm = fusion.norm if fusion.rule.reads_norm else _USUAL.norm
    return replace(fusion, norm=norm, rrf_k=fusion.rrf_k if fusion.rule.reads_k else _USUAL.rrf_k)


def fusion_controls(dataset: Dataset, extra: Sequence[str] = (), fuses: bool = True, weighs: bool = True) -> None:
    """The weight and the method in sight, the rest in a popover. extra: further controls of the page in it: `k`,
    `relevant`. fuses, weighs: whether the view reads a fusion, and at one weight; what it does not read is not
    shown."""
    if not (dataset.can_fuse and fuses):
        left, counts, _ = st.columns([3, 3, 6], vertical_alignment="bottom")
        with left, side_panel("Settings", "settings", width="stretch"):
            _gains_and(dataset, extra)
        with counts:
            count_control(dataset)
        return
    if dataset.weights is None:
        weight, method, settings = st.columns([10, 8, 5], vertical_alignment="bottom")
    else:
        weight, method, settings, counts = st.columns([8, 7, 4, 5], vertical_alignment="bottom")
        with counts:
            count_control(dataset)
    if weighs:
        draw(weight.slider, "w", "Image weight", 0.0, 1.0, step=0.01, help=_WEIGHT)
    else:
        weight.caption("This view finds its weights itself.")
    name = draw(
        method.selectbox,
        "method",
        "Fusion",
        fusion_methods(dataset),
        format_func=method_label,
        help="  \n".join(f"**{method_label(m)}**: {METHODS[m].summary}" for m in fusion_methods(dataset)),
    )
    with settings, side_panel("Settings", "settings", width="stretch"):
        constant_control(name)
        norm_control(name)
        missing_control(name)
        _gains_and(dataset, extra)


def count_control(dataset: Dataset, label_visibility: Literal["visible", "collapsed"] = "visible") -> None:
    """Whether a mean counts each query once, or by how often it is asked; nothing where the bundle does not say."""
    if dataset.weights is not None:
        draw(
            st.selectbox,
            "count",
            "Means",
            list(shared.COUNTS),
            format_func=shared.COUNTS.__getitem__,
            label_visibility=label_visibility,
            help="Per query: each counts once. Per unit of traffic: each by the weight that the bundle has for it.",
        )


def _gains_and(dataset: Dataset, extra: Sequence[str]) -> None:
    draw(st.selectbox, "gains", "Gains", dataset.scale.gain_names, help="What each label is worth in NDCG.")
    if "k" in extra:
        draw(st.selectbox, "k", "Cut-off k", ["5", "10", "20"], help="Of NDCG@k, P@k and recall@k.")
    if "relevant" in extra:
        names = dataset.scale.names
        draw(
            st.selectbox,
            "relevant",
            "Relevant down to",
            names,
            format_func=lambda name: " · ".join(names[: names.index(name) + 1]),
            help="Which labels count as relevant, for every measure but NDCG.",
        )


def rankings(fusion: Fusion | None) -> dict[str, tuple[str, Fusion | None]]:
    """The fusion that is set, for the head of a file; nothing where there is nothing to fuse."""
    return {} if fusion is None else {"": (fusion.rule.label, fusion)}


def fusion_link(dataset: Dataset) -> dict[str, str]:
    """The parameters that give another page the same bundle, fusion and gains."""
    return session.link_of(fusion_settings(dataset))
