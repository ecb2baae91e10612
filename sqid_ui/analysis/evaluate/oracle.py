"""What the best weight of each query would gain, beside what it would gain where one weight fits all."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.breakdown import breakdown
from sqid_core.analysis.groupings import Groups
from sqid_core.analysis.shared_weight import DRAWS, excess, shared_headrooms
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.claims import without_claims
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.verdicts import SURE
from sqid_core.types import Floats
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.caches.groups import groups_of, offered_groupings
from sqid_ui.caches.slates import first_scores
from sqid_ui.parts import show
from sqid_ui.settings.session import draw


def shared_gains(asked: Asked) -> Future[Floats]:
    """(D, Q) what the oracle gains in each draw where one weight fits all."""
    dataset, fusion, gains = asked.dataset, asked.fusion, asked.gains
    if fusion is None:
        raise ValueError("there is nothing to weigh")
    plain, scores = fusion.weightless, first_scores(dataset, fusion)

    def gained() -> Floats:
        return np.stack([each.gain for each in shared_headrooms(dataset, plain, gains, scores)])

    return jobs.job(dataset, ("shared weight", plain, gains), gained)


def oracle_sentence(gain: Floats, shared: Floats | None, dataset: Dataset) -> str:
    """What the oracle gains, and whether that is more than it gains anyway."""
    traffic = dataset.traffic
    sentence = f"Knowing each query’s labels, an oracle would gain {defined_mean(gain, traffic):+.4f}"
    if shared is None:
        return f"{sentence}."
    found = excess(gain, shared, traffic)
    if dataset.labels_chosen:
        return f"{sentence}, and {found.shared:+.4f} if one weight were right for every query."
    sure = "more than" if found.p <= SURE else "no more, as far as these queries show, than"
    return (
        f"{sentence}: {sure} the {found.shared:+.4f} that it would gain if one weight were right for every query "
        f"({found.more:+.4f}, {show.p_value(found.p)})."
    )


def show_oracle(asked: Asked, gain: Floats, shared: Future[Floats]) -> None:
    """Both, over all queries or by group."""
    from sqid_core.figures.dots import interval_dots

    st.subheader("How much could there be to gain?", anchor=False)
    if not shared.done():
        jobs.show_when_ready([shared], f"Drawing queries that one weight fits, {DRAWS} times")
        return
    offered = offered_groupings(asked.dataset)
    by = draw(st.selectbox, "oracle", "By", ["all queries", *offered], width=260)
    frame = _by_group(asked, gain, shared.result(), "" if by == "all queries" else by)
    colours = show.look()
    show.figure(
        "Oracle headroom: the best weight of each query against one for all",
        interval_dots(
            frame,
            "group",
            {"real": "these queries", "shared": f"if one weight fitted all (mean of {DRAWS} draws)"},
            {"real": colours.fused, "shared": colours.muted},
            colours,
            "headroom in NDCG",
        ),
        show.basis(
            asked,
            gain,
            more="Both weights were chosen on these very queries: **in-sample, an oracle**. The grey dots are what "
            "such an oracle finds where one weight is right for every query: each product got what the text and "
            "picture scores of another with its label hold beside it, out of all queries, so that the picture says as "
            "much as before. Only what exceeds them is worth looking for.",
        ),
        frame,
        "oracle-headroom",
        show.columns_of(
            {"real": "These queries", "shared": "One weight fits all", "real low": "95 % from", "real high": "to"}
        ),
    )


def _by_group(asked: Asked, real: Floats, shared: Floats, grouping: str) -> pd.DataFrame:
    everyone = Groups(("all queries",), np.zeros(len(real), np.int64))
    groups = groups_of(asked.dataset, grouping) if grouping else everyone
    table = breakdown(groups, {"real": real, "shared": shared.mean(axis=0)}, traffic=asked.dataset.traffic)
    return without_claims(table, asked.dataset.labels_chosen)
