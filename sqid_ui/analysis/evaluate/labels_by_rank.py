"""Which labels stand at which rank, and where the second-best label displaces the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.label_ranks import label_rank_frame, label_ranks
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.reports import Run
from sqid_core.wording import numbered
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.parts.ranking_names import NAMES

_DEEPEST = 20


def show_view(asked: Asked) -> None:
    """The displacement in a sentence and as lines, then the shares of each ranking."""
    runs = _runs(asked)
    frames = {name: _frame(asked.dataset, run) for name, run in runs.items()}
    scale = asked.dataset.scale
    if len(scale.names) > 1:
        _displaced(asked, frames)
    for column, (name, frame) in zip(st.columns(max(len(frames), 1), gap="medium"), frames.items(), strict=False):
        with column:
            _shares(asked, name, frame)


def _runs(asked: Asked) -> dict[str, Run]:
    """text, fused, image as far as they are there."""
    shown, gains, k = asked.dataset, asked.gains, asked.k
    singles = {m.name: m for m in resources.single_methods(shown, gains, k)}
    found: dict[str, Run] = {}
    for role in ("text", "fused", "image"):
        signal = shown.signal(role) if role != "fused" else None  # type: ignore[arg-type]
        if signal is not None:
            method = singles[signal.name]
        elif role == "fused" and asked.fusion is not None:
            method = resources.chosen_method(shown, asked.fusion, gains, k)
        else:
            continue
        if method.run is not None:
            found[role] = method.run
    return found


def _frame(dataset: Dataset, run: Run) -> pd.DataFrame:
    return label_rank_frame(label_ranks(dataset, run, _DEEPEST), dataset.scale.names)


def _displaced(asked: Asked, frames: dict[str, pd.DataFrame]) -> None:
    from sqid_core.figures.label_shares import displaced_labels

    best, second = (plain(name) for name in asked.dataset.scale.names[:2])
    second_rows = {name: frame[frame["label"] == asked.dataset.scale.names[1]] for name, frame in frames.items()}
    first = {NAMES[name]: float(rows["displaced"].iloc[0]) for name, rows in second_rows.items() if len(rows)}
    of = "queries" if asked.dataset.traffic is None else "the traffic"
    if first:
        st.markdown(
            f"**At rank 1, {second} stands before a product that is {best}** on "
            + ", ".join(f"{share:.1%} of {of} in the {name.lower()} ranking" for name, share in first.items())
            + "."
        )
    table = pd.concat([rows.assign(ranking=name) for name, rows in second_rows.items()], ignore_index=True)
    show.figure(
        f"Where {second} displaces {best}: queries with {second} at a rank and {best} further down",
        displaced_labels(frames, asked.dataset.scale, show.look()),
        _caption(asked, f"A query counts at a rank where its slate is at least that deep. {show.as_set(asked.fusion)}"),
        table,
        "displaced",
    )


def _shares(asked: Asked, name: str, frame: pd.DataFrame) -> None:
    from sqid_core.figures.label_shares import label_shares

    show.figure(
        f"{NAMES[name]}: labels by rank",
        label_shares(frame, asked.dataset.scale, show.look()),
        _caption(asked, show.as_set(asked.fusion) if name == "fused" else ""),
        frame,
        f"labels-{name}",
    )


def _caption(asked: Asked, more: str) -> show.Basis:
    judged = asked.dataset.judgements.lengths > 0
    counting = show.counting(asked.dataset, np.where(judged, 1.0, np.nan)).replace("Means", "Shares")
    said = f"Judged products of {numbered(int(judged.sum()), 'queries')}, up to rank {_DEEPEST}; no gains are used."
    return show.Basis(" ".join(filter(None, (said, counting, more))), int(judged.sum()))
