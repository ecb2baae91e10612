"""The Compare page's controls: which two runs, what they are called, and the gains."""

from __future__ import annotations

import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_specs import LONGEST_NAME, mixed_signals
from sqid_core.ranking.mixes import signal_named
from sqid_core.types import MODALITIES
from sqid_ui.analysis.controls import count_control
from sqid_ui.compare.state import FUSED, RUNS, methods_of
from sqid_ui.parts.markup import plain
from sqid_ui.parts.side_panel import side_panel
from sqid_ui.settings.ends import end_control
from sqid_ui.settings.fusion_controls import fusion_controls
from sqid_ui.settings.session import draw, give, value


def run_pickers(dataset: Dataset) -> None:
    """Both runs side by side, and what goes for both of them."""
    with st.container(key="compare-runs"):
        for column, side in zip(st.columns(2, gap="small"), RUNS, strict=True):
            with column, st.container(border=True, height="stretch", key=f"compare-run-{side}", gap="small"):
                _run_picker(dataset, side)


def measure_controls(dataset: Dataset) -> None:
    """The gain table, and a button that exchanges the runs."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare-measure", gap="small"):
        draw(
            st.selectbox,
            "gains",
            "Gains",
            dataset.scale.gain_names,
            format_func=lambda name: f"Gains: {name}",
            label_visibility="collapsed",
        )
        count_control(dataset, "collapsed")
        st.button(
            "Swap A and B",
            icon=":material/swap_horiz:",
            on_click=_exchange,
            help="Losses become wins, and the other way round.",
        )


def _run_picker(dataset: Dataset, side: str) -> None:
    options = [*([FUSED] if dataset.can_fuse else []), *dataset.signals]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        title = f"Run {side.upper()}"
        run = draw(st.selectbox, side, title, options, part="run", format_func=lambda name: _title(dataset, name))
        draw(
            st.text_input,
            side,
            f"Name of run {side.upper()}",
            part="name",
            max_chars=LONGEST_NAME,
            placeholder="Name (optional)",
            label_visibility="hidden",
        )
        if run == FUSED:
            with side_panel(f"Settings {side.upper()}", f"settings-{side}"):
                _fusion_controls(dataset, side)
    if run == FUSED:
        st.caption(plain(value(side).run.label))
        draw(
            st.slider,
            side,
            f"Image weight of {side.upper()}",
            0.0,
            1.0,
            part="w",
            step=0.01,
            format="%.2f",
            help="0 is the text ranking, 1 the image ranking.",
        )
    else:
        st.caption(_about(dataset, run))


def _title(dataset: Dataset, name: str) -> str:
    return "Fused" if name == FUSED else f"{name} · {_kind(dataset, name)}"


def _kind(dataset: Dataset, name: str) -> str:
    kind = dataset.kind(name)
    return kind.said(kind.label, signal_named(dataset, name))


def _about(dataset: Dataset, name: str) -> str:
    kind = dataset.kind(name)
    return kind.said(kind.about, signal_named(dataset, name))


def _exchange() -> None:
    """A becomes B and B becomes A."""
    a, b = map(value, RUNS)
    give("a", b)
    give("b", a)


def _fusion_controls(dataset: Dataset, side: str) -> None:
    """Which signals are mixed, and how."""
    for modality in MODALITIES:
        names = [signal.name for signal in dataset.signals.values() if signal.modality == modality]
        end_control(side, f"{modality.capitalize()} from", names, modality)
    mixed = value(side).mixed
    fusion_controls(methods_of(dataset, *mixed_signals(dataset, mixed)), side)
