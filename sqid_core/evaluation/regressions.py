"""Whether a ranking has become worse than it was: two evaluations on the queries that both have, a method at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import InputError
from ..types import Floats, Positions
from .claims import unclaimed
from .intervals import difference_interval
from .metrics import defined_mean, reads_relevance
from .saved import RELEVANT, SavedEvaluation
from .significance import Outcomes, holm, outcomes, randomisation_ps

# Settings under which values can be subtracted; the bundle and its fingerprint may have changed.
_ALIKE = {"gains": "gains", "labels": "labels", "count": "--count", "unranked": "--unranked"}


@dataclass(frozen=True, eq=False)
class MethodChange:
    """A method now less before, over the queries that have a value in both.

    difference: the mean. interval: of it, 95 %, paired; nan where too few queries differ or the labels are chosen by
    rankers. outcomes: better, equal and worse now. p: of the paired randomisation test, nan where the labels are
    chosen; p_holm: after Holm over all methods. queries: a row for each query of both, by how much it changed, losses
    first: `query_id`, `query`, `before`, `now` and `difference`, nan last.
    """

    name: str
    before: float
    now: float
    interval: tuple[float, float]
    outcomes: Outcomes
    p: float
    p_holm: float
    queries: pd.DataFrame = field(repr=False)

    @property
    def n(self) -> int:
        """How many queries have a value in both."""
        return self.outcomes.n

    @property
    def difference(self) -> float:
        """Now less before."""
        return self.now - self.before

    def is_worse(self, most: float) -> bool:
        """Whether it lost more than so much beyond doubt: the interval lies below -most."""
        return self.interval[1] < -most

    def lost_most(self, count: int = 5) -> list[tuple[str, str, float]]:
        """Ids, texts and differences of the queries that lost most, the most first."""
        lost = self.queries[self.queries["difference"] < 0].head(count)
        return list(zip(lost["query_id"], lost["query"], lost["difference"].astype(float), strict=True))


def why_not_alike(before: SavedEvaluation, now: SavedEvaluation, measure: str) -> str:
    """Why the values of two evaluations cannot be subtracted, in a sentence; "" where they can."""
    for setting, words in _ALIKE.items():
        was, is_now = before.settings[setting], now.settings[setting]
        if was != is_now:
            return (
                f"{before.where} has {words} {was or 'none'} and {now.where} has {is_now or 'none'}: values under "
                "different ones cannot be subtracted; evaluate both alike"
            )
    if reads_relevance(measure):
        was, is_now = before.settings[RELEVANT], now.settings[RELEVANT]
        for each in (before, now):
            if not each.settings[RELEVANT]:
                return f"{each.where} does not say which labels {measure} took for relevant; save it again"
        if was != is_now:
            return (
                f"{before.where} takes {was} and better for relevant, {now.where} {is_now} and better: values of "
                f"{measure} cannot be subtracted; evaluate both with one --relevant"
            )
    if not set(before.queries) & set(now.queries):
        return f"{before.where} and {now.where} have no query in common; queries are known by their ids"
    return ""


def changes(before: SavedEvaluation, now: SavedEvaluation, measure: str) -> list[MethodChange]:
    """Of every method that both have and of which a test means something. Queries count by their traffic now. Raises
    InputError where the two cannot be compared."""
    if why := why_not_alike(before, now, measure):
        raise InputError(why)
    old, new = _in_both(before, now)
    names = [name for name, each in now.methods.items() if each.tested and name in before.methods]
    if not names:
        had, has = (", ".join(each.methods) or "none" for each in (before, now))
        raise InputError(f"no method to compare is in both: {before.where} has {had}; {now.where} has {has}")
    was = np.stack([_values(before, name, measure)[old] for name in names])
    now_is = np.stack([_values(now, name, measure)[new] for name in names])
    traffic = None if now.traffic is None else now.traffic[new]
    chosen = before.chosen or now.chosen
    ps = unclaimed(randomisation_ps(now_is - was, traffic=traffic), chosen)
    queries = pd.DataFrame({"query_id": np.array(now.queries, dtype=object)[new]})
    queries["query"] = np.array(now.texts, dtype=object)[new]
    return [
        _change(name, one, other, traffic, chosen, (float(p), float(corrected)), queries)
        for name, one, other, p, corrected in zip(names, was, now_is, ps, holm(ps), strict=True)
    ]


def shared_measures(before: SavedEvaluation, now: SavedEvaluation) -> list[str]:
    """The measures that both have of every method that both have, in the order of the later one."""
    names = [name for name, each in now.methods.items() if each.tested and name in before.methods]
    measured = [each.methods[name].values for each in (now, before) for name in names]
    return [name for name in measured[0] if all(name in values for values in measured)] if measured else []


def _in_both(before: SavedEvaluation, now: SavedEvaluation) -> tuple[Positions, Positions]:
    rows = {query: row for row, query in enumerate(before.queries)}
    both = [(rows[query], row) for row, query in enumerate(now.queries) if query in rows]
    old, new = (np.array(each) for each in zip(*both, strict=True))
    return old, new


def _values(evaluation: SavedEvaluation, name: str, measure: str) -> Floats:
    measured = evaluation.methods[name].values
    if measure not in measured:
        raise InputError(f"{evaluation.where} has no {measure} of {name}; it has: {', '.join(measured)}")
    return measured[measure]


def _change(
    name: str,
    before: Floats,
    after: Floats,
    traffic: Floats | None,
    chosen: bool,
    ps: tuple[float, float],
    queries: pd.DataFrame,
) -> MethodChange:
    differences = after - before
    known = ~np.isnan(differences)
    low, high = unclaimed(np.array(difference_interval(differences, traffic)), chosen)
    listed = queries.assign(before=before, now=after, difference=differences)
    was, is_now = (defined_mean(np.where(known, values, np.nan), traffic) for values in (before, after))
    return MethodChange(
        name,
        was,
        is_now,
        (float(low), float(high)),
        outcomes(differences, traffic=traffic),
        *ps,
        listed.sort_values("difference", kind="stable", ignore_index=True),
    )
