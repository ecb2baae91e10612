"""What fusing adds where there is a picture, and where there is none."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis.conditional_gain import conditional_gain
from sqid_core.evaluation.claims import without_claims
from sqid_core.evaluation.significance import Outcomes
from sqid_core.evaluation.verdicts import LEAST_QUERIES, SURE, verdict
from sqid_core.judging.drawn import CHOSEN
from sqid_core.types import Bools
from sqid_core.wording import numbered
from sqid_ui.analysis.evaluate.asked import Asked
from sqid_ui.analysis.verdict_words import EFFECTIVE
from sqid_ui.caches import jobs
from sqid_ui.caches import measuring as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

_SAID = {"better": "helps", "worse": "hurts", "same": "changes nothing", "chosen": "changes NDCG"}


def show_conditional_gain(asked: Asked, pictured: Bools) -> None:
    """By product and by query. pictured: (Q, C) which judged products have a picture."""
    text = asked.dataset.signal("text")
    if asked.fusion is None or text is None:
        return
    fusion, gains, judgements = asked.fusion, asked.gains, asked.dataset.judgements
    singles = {method.name: method for method in resources.single_methods(asked.dataset, gains, asked.k)}
    before, after = singles[text.name].run, resources.chosen_method(asked.dataset, fusion, gains, asked.k).run
    if before is None or after is None:
        return
    judged = judgements.gains(asked.dataset.scale.gains(gains))
    running = jobs.job(
        asked.dataset,
        ("conditional gain", fusion, gains),
        lambda: conditional_gain(before, after, judgements, judged, pictured, asked.dataset.traffic),
    )
    st.subheader("What fusing adds with a picture, and without", anchor=False)
    if not running.done():
        jobs.show_when_ready([running], "Comparing queries with and without pictures")
        return
    frame, apart = running.result()
    frame = without_claims(frame, asked.dataset.labels_chosen)
    st.markdown(_sentence(frame, apart, asked.dataset.labels_chosen))
    show.table(
        f"Fused against {plain(text.name)} alone, with and without a picture",
        frame,
        show.basis(
            asked,
            singles[text.name].values("ndcg"),
            more=f"{show.as_set(fusion)} Of products: the part of the difference in NDCG that comes from the ranks "
            "that they gain or lose; the two parts add up to the whole. p: paired randomisation test, Holm over the "
            "four rows.",
        ),
        "conditional-gain",
        show.columns_of({"gain": "Δ NDCG", "low": "95 % from", "high": "to", "p": "p", "p Holm": "p (Holm)"})
        | {
            "what": st.column_config.TextColumn("Where", width="medium"),
            "n": st.column_config.NumberColumn("Number", format="localized"),
            "wins": st.column_config.NumberColumn("Better", format="localized"),
            "losses": st.column_config.NumberColumn("Worse", format="localized"),
            "effective": st.column_config.NumberColumn("Effective", format="%.1f", help=EFFECTIVE),
        },
    )


def _sentence(frame: pd.DataFrame, apart: float, chosen: bool) -> str:
    whole, missing = frame.iloc[2], frame.iloc[3]
    both = f"{_told(whole, len(frame))} where all judged products have a picture"
    both += f", {_told(missing, len(frame))} where one is missing"
    if chosen:
        return f"**Fusing {both}.** The pairs were {CHOSEN}, so no test says more."
    few = min(row.get("effective", row["n"]) for row in (whole, missing)) < LEAST_QUERIES
    differ = (
        "Too few queries to tell the two groups apart"
        if few
        else f"The two groups {'differ' if apart <= SURE else 'do not differ as far as these queries show'} "
        f"({show.p_value(apart)}, queries exchanged at random)"
    )
    return f"**Fusing {both}.** {differ}."


def _told(row: pd.Series[Any], family: int) -> str:
    wins, losses, n = int(row["wins"]), int(row["losses"]), int(row["n"])
    counts = Outcomes(wins, n - wins - losses, losses, row.get("effective"))
    found = verdict(counts, float(row["gain"]), float(row["p Holm"]), family)
    said = _SAID.get(found.kind, "shows no sure effect")
    return f"{said} ({show.number(row['gain'], signed=True)}, {numbered(n, 'queries')})"
