"""What approximate search (HNSW) costs in NDCG, and what it saves in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.index_loss import EFS, QUERIES, index_loss, sampled_queries
from sqid_core.bundle.load import Dataset, load_index
from sqid_core.bundle.signals import DenseSignal
from sqid_core.errors import SqidError
from sqid_core.indexes.hnsw import GRAPH, hnswlib_installed
from sqid_core.wording import numbered
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.settings.session import draw
from sqid_ui.shell.bundles import for_visitors


def show_view(asked: Asked) -> None:
    """A slider of ef over what was measured once; the index itself is let go afterwards."""
    if not hnswlib_installed():
        st.info("hnswlib is not installed here, so searches are exact and there is nothing to lose.")
        return
    indexed = graphs(asked.dataset)
    left, right = st.columns(2, gap="medium")
    name = draw(left.selectbox, "index", "Signal", indexed)
    ef = int(draw(right.select_slider, "ef", "ef: how many candidates a search keeps", [str(number) for number in EFS]))
    running = jobs.job(asked.dataset, ("index loss", name, asked.gains), _measure(asked.dataset, name, asked.gains))
    if not running.done():
        jobs.show_when_ready([running], f"Measuring the index of {name}")
        return
    try:
        frame: pd.DataFrame = running.result()
    except SqidError as error:
        st.error(plain(for_visitors(error)))
        return
    _loss(asked, name, frame, ef)


def graphs(dataset: Dataset) -> list[str]:
    """The signals whose graph lies in the bundle."""
    return [name for name, spec in dataset.manifest.signals.items() if spec.index_kind == GRAPH]


def _measure(dataset: Dataset, name: str, gains: str) -> Any:
    def work() -> pd.DataFrame:
        index, signal = load_index(dataset, name), dataset.signals[name]
        if index is None or not isinstance(signal, DenseSignal):
            raise ValueError(f"{name} has no index")
        return index_loss(dataset, signal, index, gains)

    return work


def _loss(asked: Asked, name: str, frame: pd.DataFrame, ef: int) -> None:
    from sqid_core.figures.grids import loss_by_speed

    row, exact = frame[frame["ef"] == ef].iloc[0], frame.iloc[-1]
    show.numbers(
        ("NDCG@10 lost", show.number(row["loss"])),
        ("Found of the exact ten", f"{row['recall@10']:.1%}"),
        ("Queries a second", f"{row['queries a second']:,.0f}", f"exact: {exact['queries a second']:,.0f}"),
    )
    show.figure(
        f"NDCG@10 that the index of {plain(name)} loses against exact search, by its speed",
        loss_by_speed(frame, ef, show.look()),
        show.Basis(
            f"Searches the **whole catalogue** of {numbered(len(asked.dataset.products), 'products')}, most of "
            f"them unjudged and "
            f"then worth nothing: NDCG@10 is low for that reason, and only the difference matters. Gains "
            f"**{plain(asked.gains)}**, {numbered(int(row['queries']), 'queries')} (at most {QUERIES}), measured "
            f"on this machine. "
            f"{_counting(asked.dataset)}".strip(),
            int(row["queries"]),
        ),
        frame,
        "approximate-search",
    )


def _counting(dataset: Dataset) -> str:
    rows = sampled_queries(dataset)
    return show.counting(dataset, np.ones(len(dataset.judgements)), rows)
