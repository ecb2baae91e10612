"""Where one ranking is better than another, in a sentence."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.analysis.groupings import SMALL
from sqid_core.evaluation.significance import Outcomes
from sqid_core.evaluation.verdicts import Verdict, verdict
from sqid_core.judging.drawn import CHOSEN
from sqid_ui.analysis.breakdown.lift import Asked
from sqid_ui.parts.markup import plain
from sqid_ui.parts.ranking_names import NAMES
from sqid_ui.parts.show import NOTHING


def show_answer(asked: Asked, table: pd.DataFrame) -> None:
    """Where it helps most and least, and where it surely hurts."""
    compare = asked.compare
    large = table[~table["small"].astype(bool)]
    if not len(large):
        st.markdown(f"**Every group has {few_queries(table)}**: too few to say where one ranking is better.")
        return
    if compare is None:
        name = next(iter(asked.runs))
        share = f"{name} above chance"
        best, worst = (large.sort_values(share).iloc[place] for place in (-1, 0))
        sentence = f"**{NAMES[name]} ranks best on {plain(best['group'])}**: {_of_what_is_left(best, name)}"
        if len(large) > 1:
            sentence += f", and worst on {plain(worst['group'])}: {_of_what_is_left(worst, name)}"
        st.markdown(f"{sentence}. {_left_out(table, name)}")
        return
    title = {"fused": "Fusing", "image": "The picture"}[compare[1]]
    top, bottom = (large.sort_values("lift").iloc[place] for place in (-1, 0))
    found = [_verdict(row, len(table)).kind for row in table.to_dict("records")]
    helps, hurts = found.count("better"), found.count("worse")
    sentence = most_and_least(title, compare[0], top, bottom)
    if asked.dataset.labels_chosen:
        st.markdown(f"{sentence}. {_left_out(table, 'lift')}The pairs were {CHOSEN}, so no test says more.")
        return
    st.markdown(
        f"{sentence}. {_left_out(table, 'lift')}Of all {len(table):,} groups, Holm’s correction leaves {helps:,} in "
        f"which it is surely better, {hurts:,} in which it is surely worse.{_cannot_tell(found)}"
    )


def most_and_least(title: str, other: str, top: pd.Series[Any], bottom: pd.Series[Any]) -> str:
    """For which groups a ranking does most and least; where it helps, or hurts, none of them, that is what is said."""
    best, worst = (f"{plain(row['group'])} ({row['lift']:+.4f})" for row in (top, bottom))
    if top["lift"] > 0:
        sentence = f"**{title} does most for {best[:-1]} against {other})**"
        if top["group"] == bottom["group"]:
            return sentence
        return f"{sentence} and {'least for' if bottom['lift'] >= 0 else 'costs most for'} {worst}"
    sentence = f"**{title} gains nothing against {other} in any group**"
    if top["group"] == bottom["group"]:
        return f"{sentence}: {best}"
    return f"{sentence}: it costs least for {best} and most for {worst}"


def _of_what_is_left(row: pd.Series[Any], name: str) -> str:
    share = row[f"{name} above chance"]
    reached = NOTHING if share != share else f"{share:.0%}"
    return f"{row[name]:.3f}, {reached} of what a random order ({row['random']:.3f}) leaves"


def _verdict(row: dict[Hashable, Any], family: int) -> Verdict:
    n, differ = int(row["n"]), int(row["differ"])
    counts = Outcomes(differ, n - differ, 0, row.get("effective"))
    return verdict(counts, float(row["lift"]), float(row["p Holm"]), family)


def _cannot_tell(found: Sequence[str]) -> str:
    """In how many groups too few queries differ for any verdict."""
    count = found.count("few differ") + found.count("few queries") + found.count("same")
    return f" In {count:,} too few queries differ to tell." if count else ""


def _left_out(table: pd.DataFrame, column: str) -> str:
    """Which groups the sentence before does not speak of, as they have few queries; nothing where there are none."""
    small = table[table["small"].astype(bool)]
    if not len(small):
        return ""
    known = small[column].dropna()
    span = ""
    if len(known):
        low, high = (f"{end:+.4f}" if column == "lift" else f"{end:.3f}" for end in (known.min(), known.max()))
        span = f" ({low})" if low == high else f" ({low} to {high})"
    groups = "group" if len(small) == 1 else "groups"
    return f"That leaves out {len(small):,} {groups} of {few_queries(table)}{span}. "


def few_queries(table: pd.DataFrame) -> str:
    """What makes a group small: few queries, or few effective ones by their traffic."""
    return f"fewer than {SMALL} {'effective ' if 'effective' in table else ''}queries"
