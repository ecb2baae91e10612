"""What is scored on every query: text, image and fused, or any two runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.run_specs import default_pair, read_run, runs_of, signal_names, write_run
from sqid_core.evaluation.significance import TIE, outcomes
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import Floats
from sqid_core.wording import numbered
from sqid_ui.analysis import controls
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.caches.groups import runs_table, signals_table
from sqid_ui.parts.ranking_names import NAMES
from sqid_ui.settings.session import draw, value
from sqid_ui.settings.setting import Setting, choice

SIGNALS, RUNS = "signals", "runs"
_CLEAR = 0.1


def run_settings(dataset: Dataset) -> list[Setting]:
    """Which runs are shown, and the two where there are two."""
    pair = default_pair(dataset)
    if pair is None:
        return []

    def read(text: str) -> str:
        try:
            return write_run(read_run(text, dataset))
        except InputError as error:
            raise ValueError(str(error)) from None

    first, second = map(write_run, pair)
    show = choice("show", (SIGNALS, RUNS), SIGNALS if dataset.can_fuse else RUNS)
    return [show, Setting("a", first, read), Setting("b", second, read)]


def two_runs(dataset: Dataset) -> bool:
    """Whether two runs are compared."""
    return default_pair(dataset) is not None and value("show") == RUNS


def run_controls(dataset: Dataset) -> None:
    """What is scored, and its settings."""
    if default_pair(dataset) is None:
        controls.fusion_controls(dataset)
        return
    if dataset.can_fuse:
        draw(
            st.segmented_control,
            "show",
            "Scores of",
            (SIGNALS, RUNS),
            required=True,
            format_func={SIGNALS: "Text, image and fused", RUNS: "Two runs, A and B"}.__getitem__,
            label_visibility="collapsed",
        )
    if not two_runs(dataset):
        controls.fusion_controls(dataset)
        return
    offered = {write_run(spec): spec.title for spec in runs_of(dataset)}
    for name in ("a", "b"):
        offered.setdefault(value(name), read_run(value(name), dataset).title)
    left, right, gains, *counts = st.columns([5, 5, 3] if dataset.weights is None else [4, 4, 2, 3], gap="medium")
    draw(left.selectbox, "a", "Run A", list(offered), format_func=offered.__getitem__)
    draw(right.selectbox, "b", "Run B", list(offered), format_func=offered.__getitem__)
    draw(gains.selectbox, "gains", "Gains", dataset.scale.gain_names)
    for column in counts:
        with column:
            controls.count_control(dataset)


def rankings(dataset: Dataset, fusion: Fusion | None) -> dict[str, tuple[str, Fusion | None]]:
    """What is scored, for the head of a file."""
    if not two_runs(dataset):
        return controls.rankings(fusion)
    specs = {name: read_run(value(name.lower()), dataset) for name in ("A", "B")}
    return {name: (spec.title, spec.fusion) for name, spec in specs.items()}


def query_frame(dataset: Dataset, fusion: Fusion | None, gains: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """A row a query, and the columns that hold runs with their names."""
    if two_runs(dataset):
        specs = {name: read_run(value(name), dataset) for name in ("a", "b")}
        runs = {name: f"{name.upper()}: {spec.title}" for name, spec in specs.items()}
        return runs_table(dataset, specs["a"], specs["b"], gains), runs
    running = None if fusion is None else resources.curves(dataset, fusion, gains)
    with_curves = running is not None and running.done()
    if running is not None and not with_curves:
        jobs.show_when_ready([running], "Working out the best weights of every query")
    table = signals_table(dataset, fusion, gains, with_curves)
    return table, {name: NAMES[name] for name in ("text", "image", "fused") if name in table}


def signals_read(dataset: Dataset) -> list[str] | None:
    """The names of the signals that the two runs read; None where text, image and fused are scored."""
    if not two_runs(dataset):
        return None
    return [name for run in ("a", "b") for name in signal_names(dataset, read_run(value(run), dataset))]


def answer(table: pd.DataFrame, runs: dict[str, str], traffic: Floats | None) -> None:
    """How often one beats the other, in a sentence. traffic: (Q,) how much each query counts."""
    first, second = ("a", "b") if "a" in runs else ("text", "image")
    if first not in table or second not in table:
        name = next(iter(runs))
        low = int((table[name] < 0.5).sum())
        share = _of_traffic(table[name] < 0.5, table[name], traffic)
        st.markdown(
            f"**{runs[name]} scores below .5 on {low:,} of "
            f"{numbered(int(table[name].notna().sum()), 'queries')}{share}.**"
        )
        return
    difference = table[second] - table[first]
    found = outcomes(difference.to_numpy())
    better, worse = (_of_traffic(each > TIE, difference, traffic) for each in (difference, -difference))
    far = int(((table[second] - table[first]).abs() >= _CLEAR).sum())
    names = {"a": "A", "b": "B", "text": "text", "image": "pictures"}
    sentence = (
        f"**{names[second].capitalize()} {'do' if second == 'image' else 'does'} better than {names[first]} on "
        f"{found.wins:,} of {numbered(found.n, 'queries')}{better}, worse on {found.losses:,}{worse}**, equally "
        f"well on "
        f"{found.ties:,}. On {far:,} they are .1 or more apart."
    )
    if "gain" in table and "fused" in table:
        hurt = int((table["gain"] < -1e-9).sum())
        sentence += f" The fused ranking is worse than the better of the two on {hurt:,}."
    st.markdown(sentence)


def _of_traffic(chosen: pd.Series, values: pd.Series, traffic: Floats | None) -> str:
    """The share of the traffic that some queries have among those with a value, in brackets."""
    if traffic is None:
        return ""
    share = defined_mean(np.where(values.notna(), chosen, np.nan), traffic)
    return "" if np.isnan(share) else f" ({share:.0%} of the traffic)"
