"""What stands for a missing picture, and what that choice does to NDCG."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.breakdown import breakdown
from sqid_core.analysis.groupings import Groups
from sqid_core.evaluation.cross_validation import repeated_folds, repeatedly_cross_validated
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.types import Bools
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.evaluate.with_pictures import show_conditional_gain
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show


def show_view(asked: Asked) -> None:
    """Every policy at cross-validated weights, on the queries that miss a picture and on all."""
    if asked.fusion is None:
        return
    pictured = _pictured(asked)
    lacking = (asked.dataset.judgements.mask & ~pictured).any(axis=1)
    rule = asked.fusion.rule
    if lacking.any():
        show_conditional_gain(asked, pictured)
        st.subheader("What stands for a missing picture", anchor=False)
    if not rule.reads_missing:
        st.info(
            f"The {rule.name} ranks products without a picture by {rule.without_picture}; there is nothing to choose."
        )
        return
    if not lacking.any():
        st.info("Every judged product has a picture, so this choice changes nothing here.", icon=":material/image:")
        return
    running: dict[str, Future[WeightCurves]] = {
        policy: resources.curves(asked.dataset, replace(asked.fusion, missing_image=policy), asked.gains)
        for policy in MISSING_IMAGE
    }
    if not all(each.done() for each in running.values()):
        jobs.show_when_ready(list(running.values()), "Working out the curve of each policy")
        return
    _policies(asked, lacking, {policy: each.result() for policy, each in running.items()})


def _pictured(asked: Asked) -> Bools:
    """(Q, C) which judged products have a picture."""
    signal, judgements = asked.dataset.signal("image"), asked.dataset.judgements
    return judgements.mask if signal is None else signal.knows(judgements)


def _policies(asked: Asked, lacking: Any, curves: dict[str, WeightCurves]) -> None:
    from sqid_core.figures.dots import interval_dots

    folds = repeated_folds(asked.dataset)
    values = {policy: repeatedly_cross_validated(found, folds).values for policy, found in curves.items()}
    # The same queries twice: all of them, and those that miss a picture.
    both = Groups(
        ("all queries", "queries with a missing picture"),
        np.concatenate([np.zeros(len(lacking), np.int64), np.where(lacking, 1, -1)]),
    )
    frame = breakdown(both, {policy: np.tile(each, 2) for policy, each in values.items()})
    if not frame["n"].iloc[-1]:
        st.info("No query that misses a picture has a product with a gain, so there is no NDCG to compare.")
        return
    best = max(MISSING_IMAGE.values(), key=lambda policy: frame[policy.name].iloc[-1])
    worst = min(MISSING_IMAGE.values(), key=lambda policy: frame[policy.name].iloc[-1])
    st.markdown(
        f"**{best.label}** scores highest where a picture is missing: {frame[best.name].iloc[-1]:.4f} against "
        f"{frame[worst.name].iloc[-1]:.4f} for “{worst.label.lower()}”, on {int(frame['n'].iloc[-1]):,} queries."
    )
    colours = show.look()
    show.figure(
        "NDCG by what stands for a missing picture",
        interval_dots(
            frame,
            "group",
            {name: policy.label for name, policy in MISSING_IMAGE.items()},
            # Not the colours of text and image.
            dict(zip(MISSING_IMAGE, cycle((colours.cycle[0], *colours.cycle[3:])), strict=False)),
            colours,
            "mean NDCG",
        ),
        show.basis(
            asked.gains,
            np.stack(list(values.values())),
            more="Each at weights chosen on the other folds of five, ten times over: **not in-sample**. Image alone "
            "puts such products last under every choice.",
        ),
        _table(frame),
        "missing-pictures",
    )


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="small")
