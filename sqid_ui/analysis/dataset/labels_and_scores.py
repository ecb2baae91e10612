"""How many pairs have each label, and how each signal scores them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_ui.caches.groups import scores_by_label
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain


def show_view(dataset: Dataset) -> None:
    """Labels, then each signal's scores by label."""
    _counts(dataset)
    columns = st.columns(2, gap="large") if len(dataset.signals) > 1 else [st.container()]
    for number, name in enumerate(dataset.signals):
        with columns[number % len(columns)]:
            _scores(dataset, name)


def _counts(dataset: Dataset) -> None:
    labels = dataset.judgements.labels[dataset.judgements.mask]
    counts = np.bincount(labels, minlength=len(dataset.scale.names))
    show.numbers(
        *(
            (plain(name), f"{count:,}", f"{count / max(len(labels), 1):.1%}")
            for name, count in zip(dataset.scale.names, counts.tolist(), strict=True)
        )
    )


def _scores(dataset: Dataset, name: str) -> None:
    from sqid_core.figures.label_shares import score_distributions

    frame = scores_by_label(dataset, name)
    if not len(frame):
        st.info(f"{plain(name)} scores no judged pair.")
        return
    pairs = int(frame.groupby("label")["pairs"].first().sum())
    # Of the scores themselves: the middles of the bins may order two close means otherwise.
    means = frame[frame["pairs"] > 0].groupby("label")["mean"].first()
    ordered = [means[label] for label in dataset.scale.names if label in means]
    falls = all(first > second for first, second in pairwise(ordered))
    show.figure(
        f"Scores of {plain(name)} by label",
        score_distributions(frame, dataset.scale, show.look()),
        f"Judged pairs that it scores: {pairs:,}; no gains are used. "
        + (
            "Mean scores fall from label to label, as they should."
            if falls
            else "Mean scores do **not** fall from label to label."
        ),
        frame,
        f"scores-{name}",
        show.columns_of({"score": "Score", "share": "Share", "mean": "Mean score"}),
    )
