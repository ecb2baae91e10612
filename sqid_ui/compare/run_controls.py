"""The Compare page's controls: which two runs, what they are called, and the gains."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.evaluation.run_specs import LONGEST_NAME, one_encoder
from sqid_core.ranking.fusion import METHODS, Fusion
from sqid_core.types import Modality
from sqid_ui.compare import memory
from sqid_ui.compare.memory import FUSED, widget_key
from sqid_ui.compare.state import RUNS
from sqid_ui.parts.markup import plain
from sqid_ui.search.rankings import MODALITIES
from sqid_ui.search.state import coherent_norm
from sqid_ui.settings.fusion_controls import fusion_controls


def run_pickers(dataset: Dataset) -> None:
    """Both runs side by side, and what goes for both of them."""
    with st.container(key="compare-runs"):
        for column, side in zip(st.columns(2, gap="small"), RUNS, strict=True):
            with column, st.container(border=True, height="stretch", key=f"compare-run-{side}", gap="small"):
                _run_picker(dataset, side)


def measure_controls(dataset: Dataset) -> None:
    """The gain table, and a button that exchanges the runs."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-measure", gap="small"):
        st.selectbox(
            "Gains",
            dataset.scale.gain_names,
            key=widget_key("gains"),
            format_func=lambda name: f"Gains: {name}",
            label_visibility="collapsed",
        )
        st.button(
            "Swap A and B",
            icon=":material/swap_horiz:",
            on_click=memory.exchange,
            help="Losses become wins, and the other way round.",
        )


def _run_picker(dataset: Dataset, side: str) -> None:
    options = [*([FUSED] if dataset.can_fuse else []), *dataset.signals]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        run = st.selectbox(
            f"Run {side.upper()}", options, key=widget_key("run", side), format_func=lambda name: _title(dataset, name)
        )
        st.text_input(
            f"Name of run {side.upper()}",
            key=widget_key("name", side),
            max_chars=LONGEST_NAME,
            placeholder="Name (optional)",
            label_visibility="hidden",
        )
        if run == FUSED:
            with st.popover(f"Settings {side.upper()}", icon=":material/tune:", width="content"):
                _fusion_controls(dataset, side)
    if run == FUSED:
        st.caption(plain(memory.spec(dataset, side).label))
        st.slider(
            f"Image weight of {side.upper()}",
            0.0,
            1.0,
            step=0.01,
            format="%.2f",
            key=widget_key("weight", side),
            help="0 is the text ranking, 1 the image ranking.",
        )
    else:
        st.caption(_about(dataset, run))


def _title(dataset: Dataset, name: str) -> str:
    return "Fused" if name == FUSED else f"{name} · {_kind(dataset, name)}"


def _kind(dataset: Dataset, name: str) -> str:
    signal = dataset.signals[name]
    return f"{signal.modality} signal" if isinstance(signal, DenseSignal) else "run file"


def _about(dataset: Dataset, name: str) -> str:
    signal = dataset.signals[name]
    if isinstance(signal, DenseSignal):
        lacked = {"text": "without a text", "image": "without a picture"}[signal.modality]
        return f"Ranks by the cosine of query and {signal.modality}, nothing mixed in. Products {lacked} come last."
    return "An imported ranking, by its own scores. Products that it does not rank come last."


def _fusion_controls(dataset: Dataset, side: str) -> None:
    """Which signals are mixed, and how."""
    text, image = (_signal_control(dataset, side, modality) for modality in MODALITIES)
    methods = [m for m in METHODS if m != "embedding average" or one_encoder(dataset, text, image)]
    if st.session_state[widget_key("method", side)] not in methods:
        memory.set_widget("method", side, Fusion.method)
    method, norm = (st.session_state[widget_key(name, side)] for name in ("method", "norm"))
    memory.set_widget("norm", side, coherent_norm(method, norm))
    fusion_controls(methods, lambda name: widget_key(name, side))


def _signal_control(dataset: Dataset, side: str, modality: Modality) -> str:
    """The signal that is mixed; a choice where the bundle has several of its modality."""
    names = [signal.name for signal in dataset.signals.values() if signal.modality == modality]
    # A link leaves the first one out.
    if st.session_state[widget_key(modality, side)] not in names:
        memory.set_widget(modality, side, names[0])
    if len(names) == 1:
        return names[0]
    chosen: str = st.selectbox(f"{modality.capitalize()} from", names, key=widget_key(modality, side))
    return chosen
