"""Whether a ranking has become worse than it was: two evaluations on the queries that both have, a method at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from ..types import Floats, Positions
from .claims import unclaimed
from .intervals import difference_interval
from .metrics import defined_mean
from .saved import SavedEvaluation

# Settings under which values can be subtracted; the bundle and its fingerprint may have changed.
_ALIKE = {"gains": "gains", "labels": "labels", "count": "--count", "unranked": "--unranked"}


@dataclass(frozen=True, eq=False)
class MethodChange:
    """A method now less before, over the queries that have a value in both.

    difference: the mean. interval: of it, 95 %, paired; nan where too few queries differ or the labels are chosen by
    rankers. n: how many queries. worst: ids, texts and differences of the queries that lost most, the most first.
    """

    name: str
    before: float
    now: float
    interval: tuple[float, float]
    n: int
    worst: tuple[tuple[str, str, float], ...] = field(repr=False)

    @property
    def difference(self) -> float:
        """Now less before."""
        return self.now - self.before

    def is_worse(self, most: float) -> bool:
        """Whether it lost more than so much beyond doubt: the interval lies below -most."""
        return self.interval[1] < -most


def changes(
    before: SavedEvaluation,
    now: SavedEvaluation,
    measure: str,
    traffic: Floats | None = None,
    chosen: bool = False,
    worst: int = 5,
) -> list[MethodChange]:
    """Of every method that both have and of which a test means something. traffic: (Q,) how much each query counts now.
    chosen: whether the labels are (`claims`). Raises InputError where the two cannot be compared."""
    for setting, words in _ALIKE.items():
        was, is_now = before.settings[setting], now.settings[setting]
        if was != is_now:
            raise InputError(
                f"{before.where} has {words} {was or 'none'} and {now.where} has {is_now or 'none'}: values under "
                "different ones cannot be subtracted; evaluate both alike"
            )
    rows = {query: row for row, query in enumerate(before.queries)}
    both = [(rows[query], row) for row, query in enumerate(now.queries) if query in rows]
    if not both:
        raise InputError(f"{before.where} and {now.where} have no query in common; queries are known by their ids")
    old, new = (np.array(each) for each in zip(*both, strict=True))
    names = [name for name, each in now.methods.items() if each.tested and name in before.methods]
    if not names:
        had, has = (", ".join(each.methods) or "none" for each in (before, now))
        raise InputError(f"no method to compare is in both: {before.where} has {had}; {now.where} has {has}")
    found = []
    for name in names:
        values = []
        for evaluation, place in ((before, old), (now, new)):
            measured = evaluation.methods[name].values
            if measure not in measured:
                known = ", ".join(measured)
                raise InputError(f"{evaluation.where} has no {measure} of {name}; it has: {known}")
            values.append(measured[measure][place])
        counts = None if traffic is None else traffic[new]
        found.append(_change(name, values[0], values[1], new, now, counts, chosen, worst))
    return found


def _change(
    name: str,
    before: Floats,
    after: Floats,
    rows: Positions,
    now: SavedEvaluation,
    traffic: Floats | None,
    chosen: bool,
    worst: int,
) -> MethodChange:
    differences = after - before
    known = ~np.isnan(differences)
    ends = unclaimed(np.array(difference_interval(differences, traffic)), chosen)
    lost = [at for at in np.argsort(differences, kind="stable")[:worst] if differences[at] < 0]
    shown = tuple((now.queries[rows[at]], now.texts[rows[at]], float(differences[at])) for at in lost)
    was, is_now = (defined_mean(np.where(known, values, np.nan), traffic) for values in (before, after))
    return MethodChange(name, was, is_now, (float(ends[0]), float(ends[1])), int(known.sum()), shown)
