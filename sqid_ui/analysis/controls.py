"""Controls that the analysis pages share: the fusion, the gains, and the settings behind them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.ranking.fusion import FUSIONS, MISSING_IMAGE, NORMS, Fusion
from sqid_ui.caches import measuring as resources
from sqid_ui.search.state import coherent_norm
from sqid_ui.settings import analysis_memory as memory
from sqid_ui.settings.analysis_memory import Setting, choice, key, number, value
from sqid_ui.settings.fusion_controls import METHOD_NAMES, missing_control, norm_control

_DEFAULT = Fusion()


def fusion_settings(dataset: Dataset) -> list[Setting]:
    """The settings of a fusion and of the gains; of the gains alone where there is nothing to fuse."""
    gains = choice("gains", dataset.scale.gain_names)
    if not dataset.can_fuse:
        return [gains]
    return [
        number("w", 0.0, 1.0, _DEFAULT.image_weight),
        choice("method", resources.fusion_methods(dataset)),
        choice("norm", NORMS),
        choice("missing", MISSING_IMAGE),
        gains,
    ]


def chosen_fusion(dataset: Dataset) -> Fusion | None:
    """The fusion that the widgets name, without a norm that its method does not read; None where there is nothing to
    fuse."""
    if not dataset.can_fuse:
        return None
    method = value("method")
    norm = coherent_norm(method, value("norm")) if FUSIONS[method].uses_norm else _DEFAULT.norm
    return Fusion(method, value("w"), norm, value("missing"))


def fusion_controls(dataset: Dataset, extra: Sequence[str] = ()) -> None:
    """The weight and the method in sight, the rest in a popover. extra: further controls of the page in it: `k`."""
    if not dataset.can_fuse:
        left, _ = st.columns([3, 9], vertical_alignment="bottom")
        with left, st.popover("Settings", icon=":material/tune:", width="stretch"):
            _gains_and(dataset, extra)
        return
    weight, method, settings = st.columns([10, 8, 5], vertical_alignment="bottom")
    weight.slider("Image weight", 0.0, 1.0, step=0.01, key=key("w"), help="0 ranks by text alone, 1 by image alone.")
    name = method.selectbox(
        "Fusion",
        resources.fusion_methods(dataset),
        key=key("method"),
        format_func=METHOD_NAMES.__getitem__,
        on_change=_method_chosen,
        help="  \n".join(f"**{METHOD_NAMES[m]}**: {FUSIONS[m].summary}" for m in resources.fusion_methods(dataset)),
    )
    with settings, st.popover("Settings", icon=":material/tune:", width="stretch"):
        norm_control(name, key)
        missing_control(name, key)
        _gains_and(dataset, extra)


def _gains_and(dataset: Dataset, extra: Sequence[str]) -> None:
    st.selectbox("Gains", dataset.scale.gain_names, key=key("gains"), help="What each label is worth in NDCG.")
    if "k" in extra:
        st.selectbox("Cut-off k", ["5", "10", "20"], key=key("k"), help="Of NDCG@k, P@k and recall@k.")


def _method_chosen() -> None:
    memory.set_value("norm", coherent_norm(value("method"), value("norm")))


def coherent(dataset: Dataset) -> None:
    """Called between settling and drawing: maximum cannot do without a norm."""
    if dataset.can_fuse:
        _method_chosen()


def fusion_link(dataset: Dataset) -> dict[str, str]:
    """The parameters that give another page the same fusion and gains."""
    settings = fusion_settings(dataset)
    found = {setting.name: memory.value(setting.name) for setting in settings}
    return {s.name: s.write(found[s.name]) for s in settings if found[s.name] != s.default}
