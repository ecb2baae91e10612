"""How each judge works, how far a judge says the same twice, and what a lead has to settle."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from ..bundle.labels import LabelScale
from ..types import Positions
from .acts import RATINGS, adjudicated, live, standing
from .agreement import UNRATEABLE, ratings
from .label_sets import in_scale

_PAIR = ["query_id", "product_id"]
_JUDGES = ("judge", "labels", "unrateable", "later", "seconds", "timed", "twice", "same")
_QUEUE = (*_PAIR, "judges", "answers", "steps", "tied")


def judge_table(acts: pd.DataFrame, scale: LabelScale) -> pd.DataFrame:
    """One row a judge, by id: labels, unrateable and later (of how many pairs that is the last word), seconds (the
    median time that a pair took; nan where nobody measured) and timed (how many answers that is of), twice (pairs that
    were answered when they were shown again) and same (the share of these with the same answer both times)."""
    said = live(in_scale(acts, scale))
    said = said[said["kind"].isin(RATINGS)]
    last = standing(acts).groupby(["judge", "kind"]).size().unstack(fill_value=0).reindex(columns=RATINGS, fill_value=0)
    measured = said[np.isfinite(said["seconds"]) & (said["seconds"] >= 0)].groupby("judge")["seconds"]
    again = _again(said).groupby("judge")["same"]
    frame = pd.DataFrame({"labels": last["label"], "unrateable": last["unrateable"], "later": last["later"]})
    frame["seconds"] = measured.median().reindex(frame.index)
    frame["timed"] = measured.size().reindex(frame.index, fill_value=0)
    frame["twice"] = again.size().reindex(frame.index, fill_value=0)
    frame["same"] = again.mean().reindex(frame.index)
    return frame.rename_axis("judge").reset_index()[list(_JUDGES)]


def _again(said: pd.DataFrame) -> pd.DataFrame:
    """judge, query_id, product_id, same: whether the last answers of the first and of the second showing are one."""
    answers = said[said["kind"] != "later"].sort_values(["number", "seq"], kind="stable")
    last = answers.drop_duplicates(["judge", *_PAIR, "showing"], keep="last")
    first, second = (last[last["showing"] == showing] for showing in (1, 2))
    both = first.merge(second, on=["judge", *_PAIR], suffixes=("_first", "_second"))
    same = (both["kind_first"] == both["kind_second"]) & (
        (both["value_first"] == both["value_second"]) | (both["kind_first"] == "unrateable")
    )
    return both[["judge", *_PAIR]].assign(same=same)


def disagreements(acts: pd.DataFrame, scale: LabelScale, models: Collection[str] = ()) -> pd.DataFrame:
    """The pairs on which people's answers differ and no lead has spoken: query_id, product_id, judges (how many
    answered), answers (`Exact 2, Irrelevant 1`, best label first), steps (how far apart in the scale the best and the
    worst of the labels are) and tied (no answer has most voices).

    Tied pairs come first, then those that are widest apart. models: ids of judges whose answers do not count.
    """
    rated = ratings(acts, scale)
    rated = rated[~rated["judge"].isin(list(models))]
    settled = pd.MultiIndex.from_frame(adjudicated(acts)[_PAIR])
    rated = rated[~pd.MultiIndex.from_frame(rated[_PAIR]).isin(settled)]
    rated = rated[rated.groupby(_PAIR)["code"].transform("nunique") > 1]
    rows = [(*pair, *_answers(codes.to_numpy(), scale)) for pair, codes in rated.groupby(_PAIR)["code"]]
    found = pd.DataFrame(rows, columns=_QUEUE)
    return found.sort_values(["tied", "steps", "judges"], ascending=False, kind="stable", ignore_index=True)


def _answers(codes: Positions, scale: LabelScale) -> tuple[int, str, int, bool]:
    """judges, answers, steps and tied of one pair's answers."""
    places, counts = np.unique(np.where(codes < 0, len(scale.names), codes), return_counts=True)
    names = [*scale.names, UNRATEABLE]
    told = ", ".join(f"{names[place]} {count}" for place, count in zip(places, counts, strict=True))
    labels = codes[codes >= 0]
    return len(codes), told, int(np.ptp(labels)) if len(labels) else 0, int((counts == counts.max()).sum()) > 1
