"""What the judges' labels change: each method's NDCG under both sets, the methods' order, the queries behind it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.judging.drawn import CHOSEN
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_ui.caches.agreed import changes
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.rows import Column, row_list
from sqid_ui.settings import shared

_QUERIES = {
    "query": Column("Query", whole=True, width=320),
    "labels": Column("Labels changed", "number", 0),
    "most": Column("Largest change", "number", 4, help="Of any method’s NDCG, without its sign."),
}


def show_changes(before: Dataset, after: Dataset, words: str) -> None:
    """before: with the published labels. words: what the other set is called."""
    if not before.signals:
        st.info("This bundle has no signals, so no ranking can change.")
        return
    gains = before.scale.gain_names[0]
    found = changes(before, after, methods_of(before), gains)
    tau = "undefined" if np.isnan(found.tau) else f"{found.tau:.2f}"
    columns = {
        "method": st.column_config.Column("Method"),
        **show.columns_of(
            {"before": "Published", "after": "This set", "change": "Change", "low": "From", "high": "To"}
        ),
        "n": st.column_config.NumberColumn("Queries"),
        "changed": st.column_config.NumberColumn("Of these changed"),
        "lost": st.column_config.NumberColumn("No value any more"),
        "won": st.column_config.NumberColumn("A value now"),
    }
    chosen = after.labels_chosen
    shown = found.methods.drop(columns=["low", "high"]) if chosen else found.methods
    sure = f"without an interval: its pairs were {CHOSEN}, or by a list" if chosen else "with its interval of 95 %"
    caption = (
        f"NDCG, gains **{plain(gains)}**: the published labels against {plain(words)}. The change is paired, over "
        f"queries that have a value under both, {sure}. Kendall’s tau of the methods’ order: **{tau}**."
    )
    show.table("Each method under both sets", shown, caption, "label-changes", columns)
    with show.listed("Queries that change most", found.queries, "changed-queries", _QUERIES):
        opened = row_list(
            found.queries,
            _QUERIES,
            "changed-list",
            "Queries that change most",
            "query_id",
            "",
            lambda _: None,
            height=360,
        )
    if opened:
        st.switch_page("pages/search.py", query_params={"query": opened})


def methods_of(dataset: Dataset) -> tuple[RunSpec, ...]:
    """Each signal alone and each way to fuse, at the weight of the other pages."""
    alone = tuple(RunSpec(signal=name) for name in dataset.signals)
    if not dataset.can_fuse:
        return alone
    kept = shared.kept_fusion()
    fused = [Fusion(method, kept.image_weight, METHODS[method].coherent_norm(kept.norm)) for method in METHODS]
    return (*alone, *(RunSpec(fusion=fusion) for fusion in fused))
