"""What an oracle that knows the best signal of each query would gain, beside what it gains where one fits all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.best_ranker import BestRanker
from sqid_core.analysis.ladder import PRESENCE, step_of
from sqid_core.analysis.shared_weight import DRAWS, excess
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.verdicts import SURE
from sqid_core.judging.drawn import CHOSEN
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs, ladder
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain


def show_oracle(asked: Asked) -> None:
    """A sentence, and on which share of the queries each signal is the best; nothing with one signal."""
    names = [name for name, signal in asked.dataset.signals.items() if step_of(signal) != PRESENCE]
    if len(names) < 2:
        return
    st.subheader("Should the ranker depend on the query?", anchor=False)
    running = ladder.oracle(asked.dataset, names, asked.gains)
    if not running.done():
        jobs.show_when_ready([running], f"Drawing queries that one ranker fits, {DRAWS} times")
        return
    found = running.result()
    st.markdown(oracle_sentence(found, asked.dataset))
    frame = pd.DataFrame(
        {"signal": found.names, "share": found.shares(), "ndcg": [_mean(found, row) for row in range(len(names))]}
    )
    show.table(
        "On which share of the queries each signal ranks best",
        frame,
        show.basis(
            asked,
            found.values,
            more="Of the queries on which not all signals are equally good; those that share a first place share the "
            "query. Which is best was read off the very labels: **in-sample, an oracle**. What it gains where one "
            f"signal is right for every query is the mean of {DRAWS} draws: each product got what all signals’ scores "
            "hold beside its label from another product with that label, out of all queries, so that each signal says "
            "as much as before, they agree as much, and queries are as easy or hard.",
        ),
        "best-ranker",
        {
            "signal": st.column_config.TextColumn("Signal", width="medium"),
            "share": st.column_config.NumberColumn("Best on", format="percent"),
        }
        | show.columns_of({"ndcg": "NDCG"}),
    )


def oracle_sentence(found: BestRanker, dataset: Dataset) -> str:
    """What the oracle reaches, and whether that is more than where one ranker is right for all."""
    one = excess(found.gain, found.draws, found.traffic)
    best = f"always {plain(found.one)}"
    sentence = (
        f"Knowing each query’s labels, an oracle that takes the best of {len(found.names):,} signals would reach "
        f"{show.number(found.best_mean)}, {one.gain:+.4f} over {best}"
    )
    if dataset.labels_chosen:
        return f"{sentence}, and gain {one.shared:+.4f} if one were right for every query. Pairs {CHOSEN}: no verdict."
    if np.isnan(one.p):
        return f"{sentence}, and gain {one.shared:+.4f} if one were right for every query."
    sure = "**more than**" if one.p <= SURE else "no more, as far as these queries show, than"
    return (
        f"{sentence}: {sure} the {one.shared:+.4f} that it would gain if one were right for every query "
        f"({one.more:+.4f}, {show.p_value(one.p)})."
    )


def _mean(found: BestRanker, row: int) -> float:
    return defined_mean(found.values[row], found.traffic)
