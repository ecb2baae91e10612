"""How a verdict and what it rests on are said. No Streamlit here."""

from __future__ import annotations

import numpy as np

from sqid_core.evaluation.verdicts import LEAST_QUERIES, Verdict
from sqid_core.judging.drawn import CHOSEN
from sqid_core.wording import counted
from sqid_ui.parts.show import interval, p_value

EFFECTIVE = "How many queries of equal traffic these are worth (Kish)."
_MIXING = {
    "better": "Mixing both signals helps.",
    "worse": "Mixing both signals hurts.",
    "open": "Mixing both signals makes no difference that these queries can show.",
    "same": "Mixing both signals changes NDCG on no query.",
}


def mixing_sentence(found: Verdict) -> str:
    """Whether fusing beats the best signal alone."""
    return _MIXING.get(found.kind) or why_none(found)


def no_better(found: Verdict) -> str:
    """Why a way to choose weights is not said to be better than one weight for all."""
    if found.kind == "worse":
        return "No."
    return why_none(found) or "Not that these queries can show."


def better_run(found: Verdict) -> str:
    """Whether run B is better than run A."""
    if found.sure:
        better = "B" if found.kind == "better" else "A"
        return f"**{better} is better**: the paired randomisation test says so ({p_value(found.p)})."
    if found.kind == "same":
        return "A and B have the same NDCG on every query."
    if found.kind == "open":
        return f"These queries do **not tell** which is better ({p_value(found.p)}, paired randomisation test)."
    return why_none(found)


def sureness(low: float, high: float, found: Verdict, family: int, chosen_from: str) -> str:
    """The interval and the p of a difference, or why there is none: for brackets. chosen_from: what the family is."""
    if found.kind in ("chosen", "in-sample"):
        return no_interval(found)
    what = f"95 %: {interval(low, high, signed=True)}" if not np.isnan(low) else no_interval(found)
    corrected = f" after Holm over the {family:,} {chosen_from}" if family > 1 else ""
    return f"{what}, {p_value(found.p)}{corrected}"


def no_interval(found: Verdict) -> str:
    """Why a difference has no interval."""
    if found.kind == "chosen":
        return f"pairs {CHOSEN}: no interval"
    if found.kind == "in-sample":
        return "in-sample: no interval"
    if found.worth < 2:
        return "too few queries for an interval"
    if found.worth != found.n and found.differ >= LEAST_QUERIES:
        few = f"are worth fewer than {LEAST_QUERIES} by their traffic"
        return f"no interval, as the {found.differ:,} queries that differ {few}"
    return f"no interval, as only {counted(found.differ, 'query differs', 'queries differ')} of {found.n:,}"


def why_none(found: Verdict) -> str:
    """Why there is no verdict, in a sentence; nothing where there is one."""
    if found.kind == "few queries":
        worth = "" if found.worth == found.n else f", worth {found.worth:,.1f} by their traffic"
        return f"Too few queries for a verdict: {found.n:,}{worth}, and it takes {LEAST_QUERIES}."
    if found.kind == "few differ":
        return f"Too few queries differ to tell: {found.differ:,} of {found.n:,}."
    if found.kind == "chosen":
        return f"No verdict, as the pairs were {CHOSEN}."
    if found.kind == "in-sample":
        return "No verdict, as these labels chose the weights or trained the model."
    return ""
