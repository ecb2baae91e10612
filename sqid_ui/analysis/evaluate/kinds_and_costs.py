"""Every ranker with how it was validated, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.methods import Method
from sqid_core.bundle.costs import read_costs
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.query_costs import seconds_a_query
from sqid_core.evaluation.validation import ABOUT, IN_SAMPLE, of_other_folds
from sqid_ui.analysis.evaluate import mixing
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.parts import show

NOT_MEASURED = "not measured"
COST = (
    "Seconds a query: what scoring its judged products took for each of many queries when a signal was made, on the "
    "machine that made it, with all that the ranker reads; not counted are cosines, sums and sorting. "
    f"“{NOT_MEASURED.capitalize()}”: made elsewhere, or before times were kept."
)


def show_validations(asked: Asked, methods: Sequence[Method]) -> None:
    """A line a ranker. methods: those of the page, random order first."""
    rows = [*_listed(asked, methods), *_mixes(asked.dataset)]
    frame = pd.DataFrame(rows, columns=["ranker", "kind", "validation", "seconds"])
    known = frame["seconds"].to_numpy(dtype=np.float64)
    frame["seconds"] = [said_seconds(each) for each in known]
    kinds = [f"**{name}**: {text}" for name, text in ABOUT.items() if name in set(frame["validation"])]
    values = methods[-1].values("ndcg")
    show.table(
        "How each ranker was validated, and what it costs",
        frame,
        show.Basis(f"{'; '.join(kinds)}. {COST}", show.defined(values)),
        "validations",
        {
            "ranker": st.column_config.TextColumn("Ranker", width="medium"),
            "kind": st.column_config.TextColumn("What it is", width="medium"),
            "validation": st.column_config.TextColumn("Validation"),
            "seconds": st.column_config.TextColumn("Seconds a query"),
        },
    )


def said_seconds(seconds: float) -> str:
    """Two digits that count, or that nobody measured."""
    if np.isnan(seconds):
        return NOT_MEASURED
    return f"{seconds:.2g}" if seconds >= 1e-4 else "< .0001"


def _listed(asked: Asked, methods: Sequence[Method]) -> Iterator[tuple[str, str, str, float]]:
    dataset = asked.dataset
    costs = read_costs(dataset.folder, dataset.manifest)
    fused = [signal.name for signal in dataset.both_signals] if dataset.can_fuse else []
    for method in methods:
        if method.run is None:
            continue
        if method.name in dataset.signals:
            kind = dataset.kind(method.name)
            what, names = kind.said(kind.label, dataset.signals[method.name]), [method.name]
        else:
            what, names = f"fusion of {' and '.join(fused)}", fused
        yield method.name, what, method.validation, seconds_a_query(dataset, names, costs)


def _mixes(dataset: Dataset) -> Iterator[tuple[str, str, str, float]]:
    """The mix that the view of several signals seeks; none where there are two signals or fewer."""
    if len(dataset.signals) <= 2:
        return
    names = mixing.chosen(dataset)
    if len(names) < 2:
        return
    costs = read_costs(dataset.folder, dataset.manifest)
    seconds, what = seconds_a_query(dataset, names, costs), f"mix of {', '.join(names)}"
    kinds = {"best weights": IN_SAMPLE, "weights of other folds": of_other_folds(*(dataset.signals[n] for n in names))}
    for how, kind in kinds.items():
        yield f"mix of {len(names)} ({mixing.NORM}), {how}", what, kind, seconds
