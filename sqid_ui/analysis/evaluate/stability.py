"""How sure the one weight for all queries is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from sqid_core.analysis.query_weights import ChosenWeights, resampled_best_weights
from sqid_core.bundle.traffic import counted_by, worth
from sqid_core.evaluation.curves import WeightCurves
from sqid_core.evaluation.intervals import expanded_levels
from sqid_core.judging.drawn import CHOSEN
from sqid_core.types import Floats
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show


def show_stability(asked: Asked, curves: WeightCurves, chosen: ChosenWeights) -> None:
    """The best weight of the whole set, resampled. chosen: one weight for all, cross-validated."""
    if asked.fusion is None:
        return
    st.subheader("How sure is the one weight?", anchor=False)
    counted, uneven = counted_by(curves.at_zero, curves.traffic)
    known = ~np.isnan(counted)
    grid = resources.grid(asked.dataset, asked.fusion, asked.gains, curves)[known]
    traffic, effective = None if uneven is None else uneven[known], worth(counted, uneven)
    if asked.dataset.labels_chosen:
        st.caption(f"The pairs were {CHOSEN}: they do not tell how far the best weight of other queries may lie.")
        return
    if effective < 2:
        st.caption("So few queries do not tell how far the best weight of others may lie.")
        return
    what = ("resampled best weights", asked.fusion.weightless, asked.gains)
    running = jobs.job(asked.dataset, what, lambda: resampled_best_weights(grid, traffic))
    if not running.done():
        jobs.show_when_ready([running], "Resampling the queries")
        return
    from sqid_core.figures.weights import share_frame, weight_shares

    weights: Floats = running.result()
    low, high = np.quantile(weights, expanded_levels(effective))
    best = curves.mean().best.weight
    st.markdown(
        f"**The best weight of all queries is {best:.2f}**, 95 % interval {low:.2f} to {high:.2f}. Weights that were "
        "chosen on four fifths of them lie between "
        f"{show.span(float(chosen.weights.min()), float(chosen.weights.max()))}."
    )
    show.figure(
        "The best weight of resampled queries",
        weight_shares(weights, (float(low), float(high)), best, show.look()),
        show.basis(
            asked,
            curves.at_zero,
            more=f"{len(weights):,} resamples; shaded: 95 %, wider for few queries as Student’s t is. Dotted: the best "
            "weight of all queries, **in-sample**.",
        ),
        share_frame(weights),
        "best-weights",
        show.columns_of({"image_weight": "Image weight", "share": "Share"}),
    )
