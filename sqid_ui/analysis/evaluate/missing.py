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
from sqid_core.bundle.learned_signal import reads_labels
from sqid_core.evaluation.claims import unclaimed, without_claims
from sqid_core.evaluation.cross_validation import CrossValidated
from sqid_core.evaluation.metrics import defined_mean
from sqid_core.evaluation.significance import outcomes, randomisation_ps
from sqid_core.evaluation.verdicts import verdict
from sqid_core.judging.drawn import CHOSEN
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS
from sqid_core.types import Bools, Floats
from sqid_core.wording import counted
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.evaluate.with_pictures import show_conditional_gain
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.show import p_value


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
    running: dict[str, Future[CrossValidated]] = {
        policy: resources.cross_validation(asked.dataset, replace(asked.fusion, missing_image=policy), asked.gains)
        for policy in MISSING_IMAGE
    }
    if not all(each.done() for each in running.values()):
        jobs.show_when_ready(list(running.values()), "Choosing weights for each policy")
        return
    _policies(asked, lacking, {policy: each.result().values for policy, each in running.items()})


def _pictured(asked: Asked) -> Bools:
    """(Q, C) which judged products have a picture."""
    signal, judgements = asked.dataset.signal("image"), asked.dataset.judgements
    return judgements.mask if signal is None else signal.knows(judgements)


def _sample(asked: Asked) -> str:
    return "**in-sample**" if reads_labels(*asked.dataset.both_signals) else "**not in-sample**"


def _policies(asked: Asked, lacking: Any, values: dict[str, Floats]) -> None:
    from sqid_core.figures.dots import interval_dots

    # The same queries twice: all of them, and those that miss a picture.
    both = Groups(
        ("all queries", "queries with a missing picture"),
        np.concatenate([np.zeros(len(lacking), np.int64), np.where(lacking, 1, -1)]),
    )
    traffic = asked.dataset.traffic
    twice = None if traffic is None else np.tile(traffic, 2)
    frame = breakdown(both, {policy: np.tile(each, 2) for policy, each in values.items()}, traffic=twice)
    frame = without_claims(frame, asked.dataset.labels_chosen)
    if not frame["n"].iloc[-1]:
        st.info("No query that misses a picture has a product with a gain, so there is no NDCG to compare.")
        return
    _answer(
        asked, {policy: each[lacking] for policy, each in values.items()}, None if traffic is None else traffic[lacking]
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
            asked,
            np.stack(list(values.values())),
            more=f"Each at weights chosen on the other folds of five, ten times over: {_sample(asked)}. Image alone "
            "puts such products last under every choice.",
        ),
        _table(frame),
        "missing-pictures",
    )


def _answer(asked: Asked, values: dict[str, Any], traffic: Floats | None) -> None:
    """Which choice is best where a picture is missing, if a test of the highest against each other says so. values: a
    policy -> NDCG of each such query. traffic: how much each counts."""
    means = {policy: defined_mean(each, traffic) for policy, each in values.items()}
    best, *others = sorted(MISSING_IMAGE.values(), key=lambda policy: -means[policy.name])
    differences = np.stack([values[best.name] - values[other.name] for other in others])
    # The highest was chosen from all of them: each pair counts.
    family = len(MISSING_IMAGE) * (len(MISSING_IMAGE) - 1) // 2
    tested = unclaimed(randomisation_ps(differences, traffic=traffic), asked.dataset.labels_chosen)
    ps = np.minimum(tested * family, 1.0)
    learned = reads_labels(*asked.dataset.both_signals)
    found = [
        verdict(outcomes(row, traffic=traffic), defined_mean(row, traffic), float(p), family, learned)
        for row, p in zip(differences, ps, strict=True)
    ]
    count = outcomes(values[best.name], traffic=traffic).n
    said = f"“{best.label.lower()}” {means[best.name]:.4f}, " + ", ".join(
        f"“{other.label.lower()}” {means[other.name]:.4f}" + ("" if np.isnan(each.p) else f" ({p_value(each.p)})")
        for other, each in zip(others, found, strict=True)
    )
    over = f"on {counted(count, 'query that misses one', 'queries that miss one')}"
    if all(each.kind == "better" for each in found):
        start = f"**{best.label}** scores highest where a picture is missing, {over}"
    elif all(each.kind == "same" for each in found):
        start = f"**The choice changes no NDCG** {over}"
    elif all(each.kind == "chosen" for each in found):
        start = f"**{best.label}** scores highest where a picture is missing, {over}, whose pairs were {CHOSEN}"
    else:
        start = f"**These queries do not tell which choice is best** where a picture is missing, {over}"
    zero = ""
    if asked.fusion is not None and asked.fusion.rule.reads_norm:
        zero = f" Score 0 is {NORMS[asked.fusion.norm].zero} here."
    corrected = "" if np.isnan(ps).all() else f"; p after correcting for {family} pairs"
    st.markdown(f"{start}: {said}{corrected}.{zero}")


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="small")
