"""How many labels, changed, would turn the verdict between two runs around."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.reports import Run, evaluate
from ..evaluation.significance import TIE, outcomes, randomisation_p
from ..evaluation.verdicts import verdict
from ..types import Bools, Floats, Labels, Positions
from ..wording import counted, short
from .drawn import CHOSEN, Drawn, pair_frame
from .label_moves import Stakes, changed, pieces, stakes


@dataclass(frozen=True, eq=False)
class Overturned:
    """Labels that together turn the mean difference around: found greedily, so that fewer may do.

    names: of A and B. query, place: (n,) of the changed products in the slates, in the order in which they were
    changed; label, to: (n,) their labels before and after. before, after: the mean difference NDCG(B) - NDCG(A), the
    second evaluated anew under the changed labels. unsure: after how many of the changes the test tells the two no
    longer apart; 0 where it never did, None where it still does after all of them (of the other one), or where no test
    speaks, as the labels are chosen (`claims`).
    """

    names: tuple[str, str]
    query: Positions = field(repr=False)
    place: Positions = field(repr=False)
    label: Labels = field(repr=False)
    to: Labels = field(repr=False)
    before: float
    after: float
    unsure: int | None

    @property
    def sentence(self) -> str:
        """For people. The verdict that is overturned is which of the two has the higher mean."""
        now, then = (self.names[1], self.names[0]) if self.before > 0 else self.names
        found = (
            f"At most {counted(len(self.query), 'changed label', 'changed labels')} would overturn this: the mean of "
            f"{short(then)} would be above that of {short(now)}"
        )
        if self.unsure == 0:
            return f"{found}. The test does not tell the two apart as it is."
        return (
            f"{found}."
            if self.unsure is None
            else f"{found}; after {self.unsure:,} the test would not tell them apart."
        )


def overturning(
    dataset: Dataset, runs: tuple[Run, Run], gains: str | None = None, k: int | None = None
) -> Overturned | None:
    """The labels that turn NDCG(B) - NDCG(A) around, each pair once. In every step the label is changed that moves the
    mean most towards the other side. None where there is no difference, or where no labels do.

    runs: A and B. k: the cut-off.
    """
    found = stakes(dataset, runs, gains, k)
    total, weight = found.sums
    if not weight or abs(total / weight) <= TIE:
        return None
    side = float(np.sign(total))
    path = _path(found, side, pieces(dataset.judgements.groups, len(found.table)))
    if not path:
        return None
    query, place, to = (np.array([getattr(step, name) for step in path]) for name in ("query", "place", "to"))
    labels = found.labels.copy()
    labels[query, place] = to
    after = _evaluated(replace(dataset, judgements=replace(dataset.judgements, labels=labels)), runs, gains, k)
    if not side * after < 0:
        return None
    unsure = None if dataset.labels_chosen else _unsure(found.differences, path, dataset.traffic)
    old, new = found.labels[query, place], to.astype(np.int8)
    return Overturned((runs[0].name, runs[1].name), query, place, old, new, total / weight, after, unsure)


def overturning_pairs(dataset: Dataset, found: Overturned) -> Drawn:
    """The labels that would turn a verdict around, as a book, the one that moves most first."""
    names = dataset.scale.names
    why = [
        f"{counted(at, 'label', 'labels')} to change: {names[new]} instead of {names[old]}"
        for at, (old, new) in enumerate(zip(found.label.tolist(), found.to.tolist(), strict=True), 1)
    ]
    pairs = pair_frame(dataset, found.query, dataset.judgements.rows[found.query, found.place], why)
    a, b = (short(name) for name in found.names)
    return Drawn(f"{CHOSEN}: {counted(len(pairs), 'label', 'labels')} that would turn {b} against {a} around", pairs)


# What a change adds to the sum of differences times its side, below 0 where it leads to the other one; query, place,
# label.
_Change = tuple[float, int, int, int]


@dataclass(frozen=True)
class _Step:
    """A changed label, and its query's difference after that."""

    query: int
    place: int
    to: int
    difference: float


def _path(found: Stakes, side: float, parts: list[tuple[Positions, int]]) -> list[_Step]:
    """The best change again and again, until the sum is on the other side; empty where it never gets there."""
    path: list[_Step] = []
    total, weight = found.sums
    labels, free, differences = found.labels.copy(), found.labels >= 0, found.differences.copy()
    best = _best(found, side, parts)
    heapq.heapify(best)
    while best and side * total > -TIE * weight:
        _, query, place, to = heapq.heappop(best)
        labels[query, place], free[query, place] = to, False
        again, now = _of_query(found, side, labels, free, query)
        total += found.weights[query] * (np.nan_to_num(now) - np.nan_to_num(differences[query]))
        differences[query] = now
        path.append(_Step(query, place, to, now))
        if again is not None:
            heapq.heappush(best, again)
    return path if side * total <= -TIE * weight else []


def _best(found: Stakes, side: float, parts: list[tuple[Positions, int]]) -> list[_Change]:
    """The best change of each query."""
    best: list[_Change] = []
    for queries, width in parts:
        moves = _moves(found.after(queries, width), found.differences[queries], found.weights[queries], side)
        flat = moves.reshape(len(queries), -1)
        at = flat.argmin(axis=1)
        place, to = np.divmod(at, moves.shape[2])
        lowest = flat[np.arange(len(queries)), at]
        rows = zip(lowest.tolist(), queries.tolist(), place.tolist(), to.tolist(), strict=True)
        best += [change for change in rows if change[0] < 0]
    return best


def _of_query(found: Stakes, side: float, labels: Labels, free: Bools, query: int) -> tuple[_Change | None, float]:
    """The best further change of one query under the labels as they are now, and its difference now."""
    one = slice(query, query + 1)
    now = replace(found, labels=labels[one], steps=found.steps[one]).differences
    moves = _moves(changed(labels[one], found.steps[one], found.table, found.cut), now, found.weights[one], side)[0]
    moves[~free[query]] = np.inf
    place, to = (int(each) for each in np.unravel_index(int(moves.argmin()), moves.shape))
    gain = float(moves[place, to])
    return ((gain, query, place, to) if gain < 0 else None), float(now[0])


def _moves(after: Floats, before: Floats, weights: Floats, side: float) -> Floats:
    """(q, c, L) what each change adds to the sum of differences, times its side; inf at padding. Where a query loses
    its last gain it leaves the mean, and its difference the sum."""
    padding = np.isnan(after).all(axis=2, keepdims=True)
    change = np.nan_to_num(after) - np.nan_to_num(before)[:, None, None]
    return np.where(padding, np.inf, side * weights[:, None, None] * change)


def _evaluated(dataset: Dataset, runs: tuple[Run, Run], gains: str | None, k: int | None) -> float:
    name = "ndcg" if k is None else f"ndcg@{k}"
    a, b = (evaluate(dataset, run, gains, [name]).means[name] for run in runs)
    return b - a


def _unsure(differences: Floats, path: list[_Step], traffic: Floats | None) -> int | None:
    """After how many steps the test is not sure, found by halves; None if it is sure of the other side after all."""

    def sure(count: int) -> bool:
        found = differences.copy()
        for step in path[:count]:
            found[step.query] = step.difference
        counts = outcomes(found, traffic=traffic)
        return verdict(counts, float(np.nansum(found)), randomisation_p(found, traffic=traffic)).sure

    low, high = 0, len(path)
    if not sure(low):
        return 0
    if sure(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sure(middle) else (low, middle)
    return high
