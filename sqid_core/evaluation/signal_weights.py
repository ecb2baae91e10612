"""The best weights of any number of signals, by coordinate ascent whose line search is the exact curve.

A sum of signals is linear in its weights, so along any straight line through them NDCG is the step function of
`curves`: no step size. The ascent goes from a point along the lines to each signal alone, takes the best open interval
of each, and ends where none is better. That is a local optimum; several starts make it a good one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np

from ..bundle.judgements import length_groups
from ..bundle.load import Dataset
from ..bundle.signals import Signal
from ..errors import InputError
from ..ranking.fusion import Columns, Fusion
from ..ranking.missing import MISSING_IMAGE
from ..ranking.mixes import MixedSignal, signal_named
from ..ranking.norms import NORMS
from ..ranking.ranks import ordered
from ..types import Bools, Floats, Positions, Rows
from .curves import WeightCurves, weight_curves
from .metrics import dcg, defined_mean, ideal_dcg

# Steps of a triangle's side: 231 points for three signals.
STEPS = 20
# What a round must add to go on: far below what any interval can tell apart.
_WORTHWHILE = 1e-6
_ROUNDS = 20
# How far an ascent looks along a line to either side: one step of a triangle. What it ends at is held to whole lines.
_REACH = 0.05
# No grid has more points than a triangle's.
_POINTS = comb(STEPS + 2, 2)
_LINE = Fusion()


@dataclass(frozen=True, eq=False)
class SignalColumns:
    """Signals on judged slates, each normed and filled by itself, ready to be summed with any weights.

    names: (S,). columns: (S, Q, C) finite, 0 at padding. mask: (Q, C). gains: (Q, C), 0 at padding. traffic: (Q,) how
    much each query counts, all alike if None. reference: the signal that fills in for a missing picture, "" for none.
    """

    names: tuple[str, ...]
    columns: Floats = field(repr=False)
    mask: Bools = field(repr=False)
    gains: Floats = field(repr=False)
    traffic: Floats | None = field(default=None, repr=False)
    reference: str = ""

    def take(self, queries: Rows) -> SignalColumns:
        """Those of some queries (row numbers)."""
        traffic = None if self.traffic is None else self.traffic[queries]
        columns, mask, gains = self.columns[:, queries], self.mask[queries], self.gains[queries]
        return replace(self, columns=columns, mask=mask, gains=gains, traffic=traffic)

    def fused(self, weights: Floats) -> Floats:
        """(Q, C) the sum with weights (S,)."""
        return np.asarray(np.tensordot(weights, self.columns, 1))

    def line(self, start: Floats, end: Floats) -> WeightCurves:
        """NDCG of every query along the straight line from some weights (S,), at 0, to others, at 1."""
        columns = Columns(self.fused(start), self.fused(end), self.mask)
        return replace(weight_curves(columns, self.gains, _LINE), traffic=self.traffic)

    def through(self, weights: Floats, signal: int) -> tuple[Floats, Floats]:
        """The whole line through some weights (S,) to a signal alone: from the others among themselves, at 0, to that
        signal, at 1; the weights are where its own weight is."""
        alone = np.eye(len(weights))[signal]
        others = np.where(alone > 0, 0.0, weights)
        return (others / others.sum() if others.any() else (1 - alone) / (len(weights) - 1)), alone

    def ndcg(self, weights: Floats) -> Floats:
        """(Q,) NDCG at some weights (S,), nan where a slate has no gain."""
        values = np.full(len(self.gains), np.nan)
        for rows, columns, mask, gains, ideal in self._groups:
            scores = np.where(mask, np.tensordot(weights, columns, 1), -np.inf)
            values[rows] = dcg(ordered(gains, scores)) / ideal
        return values

    def mean(self, weights: Floats) -> float:
        """Mean NDCG at some weights."""
        return defined_mean(self.ndcg(weights), self.traffic)

    @cached_property
    def _groups(self) -> list[tuple[Positions, Floats, Bools, Floats, Floats]]:
        """Slates of similar length, cut to the longest of them, so that little padding is sorted."""
        found = []
        for rows, width in length_groups(self.mask.sum(axis=1)):
            gains = self.gains[rows, :width]
            ideal = ideal_dcg(gains)
            cut = self.columns[:, rows, :width]
            found.append((rows, cut, self.mask[rows, :width], gains, np.where(ideal > 0, ideal, np.nan)))
        return found


@dataclass(frozen=True, eq=False)
class BestWeights:
    """weights: (S,) at least 0, of sum 1. value: mean NDCG there, in-sample. best_line: the highest mean on a line
    between two signals. lines: how many it searched."""

    weights: Floats
    value: float
    best_line: float
    lines: int


def signals_to_weigh(dataset: Dataset, names: Sequence[str]) -> list[Signal]:
    """The signals, or mixes, of these names. Raises InputError unless they are two at least."""
    if len({*names}) < max(len(names), 2):
        raise InputError(f"weights are of two signals at least, each named once, got {', '.join(names) or 'none'}")
    return [signal_named(dataset, name) for name in names]


def signal_columns(
    dataset: Dataset,
    names: Sequence[str],
    norm: str = "z-score",
    missing: str = "zero",
    gains: str | None = None,
) -> SignalColumns:
    """The columns of some signals or mixes, on one scale.

    missing: the policy for what a product lacks. One that borrows the text's score fills pictures from the first text
    signal among them, whose own weight plays no part in it, so that the sum stays linear. Raises InputError.
    """
    signals = signals_to_weigh(dataset, names)
    judgements, scale, policy = dataset.judgements, NORMS[norm], MISSING_IMAGE[missing]
    raw = [signal.slate_scores(judgements) for signal in signals]
    # A mix is on a scale of its own.
    normed = [
        scores if isinstance(signal, MixedSignal) else scale.apply(scores)
        for signal, scores in zip(signals, raw, strict=True)
    ]
    reference = next((i for i, signal in enumerate(signals) if signal.modality == "text"), None)
    if policy.borrows and reference is None:
        raise InputError(f"the policy {missing} fills in a text's score, and {', '.join(names)} hold no text signal")
    columns = np.zeros((len(names), *judgements.mask.shape))
    for column, signal, scores in zip(columns, signals, normed, strict=True):
        borrows = policy.borrows and signal.modality == "image"
        other = normed[reference or 0] if borrows else np.zeros_like(scores)
        column[:] = (policy if borrows else policy.of_text).filled(scores, other, signal.is_run)
    columns[:, ~judgements.mask] = 0.0
    named = names[reference] if policy.borrows and reference is not None else ""
    worth = judgements.gains(dataset.scale.gains(gains))
    return SignalColumns(tuple(names), columns, judgements.mask, worth, dataset.traffic, named)


def simplex(signals: int, steps: int = STEPS) -> Floats:
    """(G, S) all weights of sum 1 that are multiples of 1 / steps."""
    bars = np.array([*combinations(range(steps + signals - 1), signals - 1)], dtype=np.int64).reshape(-1, signals - 1)
    edges = np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), steps + signals - 1)
    found: Floats = (np.diff(np.hstack(edges), axis=1) - 1) / steps
    return found


def ndcgs(signals: SignalColumns, weights: Floats) -> Floats:
    """(G, Q) NDCG of every query at each of some weights (G, S)."""
    return np.stack([signals.ndcg(each) for each in weights])


def coarse(signals: int) -> Floats:
    """(G, S) weights all over the simplex: those of a triangle, of more signals as many points or fewer."""
    steps = next(n for n in range(STEPS, 0, -1) if n == 1 or comb(n + signals - 1, signals - 1) <= _POINTS)
    return simplex(signals, steps)


def best_weights(signals: SignalColumns, starts: Iterable[Floats] = ()) -> BestWeights:
    """The best weights (S,) that are found on all queries here, so in-sample.

    Ascents begin at the best of `coarse` weights and at `starts`. The best end counts, or the best point of the lines
    between two signals; from there no whole line to a signal alone leads higher.
    """
    count, alone = len(signals.names), np.eye(len(signals.names))
    pairs = [_best_between(signals, alone[i], alone[j]) for i, j in combinations(range(count), 2)]
    on_line = max(pairs, key=lambda found: found[1])
    if count == 2:
        return BestWeights(*on_line, on_line[1], len(pairs))
    highest = max(coarse(count), key=signals.mean)
    ended = [_ascended(signals, start) for start in (highest, *starts)]
    weights, value, _ = max([*ended, (*on_line, 0)], key=lambda found: found[1])
    weights, value, last = _ascended(signals, weights, reach=1.0, value=value)
    return BestWeights(weights, value, on_line[1], len(pairs) + sum(lines for *_, lines in ended) + last)


def _ascended(
    signals: SignalColumns, weights: Floats, reach: float = _REACH, value: float = -np.inf
) -> tuple[Floats, float, int]:
    """Where the ascent from some weights ends, its mean NDCG, and how many lines it searched. reach: how far along a
    line it looks to either side; value: what is known to be reached at the weights."""
    count, lines = len(weights), 0
    for _ in range(_ROUNDS):
        before = value
        for signal in range(count):
            start, end = signals.through(weights, signal)
            at = weights[signal]
            near, far = ((1 - t) * start + t * end for t in (max(at - reach, 0.0), min(at + reach, 1.0)))
            found, reached = _best_between(signals, near, far)
            lines += 1
            if reached > value:
                weights, value = found, reached
        if not value > before + _WORTHWHILE:
            break
    return weights, value, lines


def _best_between(signals: SignalColumns, start: Floats, end: Floats) -> tuple[Floats, float]:
    """The weights in the middle of the best open interval of a line, and the mean NDCG there."""
    best = signals.line(start, end).mean().best
    return (1 - best.weight) * start + best.weight * end, best.value


def cross_validated_weights(signals: SignalColumns, folds: Rows) -> tuple[Floats, Floats]:
    """(Q,) NDCG of each query at weights that the queries of all other folds chose, and these weights (F, S) by fold:
    the end of the ascent from the best point of a coarse grid.

    folds: (Q,) the fold of each query. A fold with nothing to choose by gets equal weights.
    """
    count, names, values = len(signals.names), np.unique(folds), np.full(len(folds), np.nan)
    grid = coarse(count)
    on_grid, chosen = ndcgs(signals, grid), np.full((len(names), count), 1 / count)

    def choose(row: int) -> None:
        others = np.flatnonzero(folds != names[row])
        traffic = None if signals.traffic is None else signals.traffic[others]
        means = [defined_mean(each[others], traffic) for each in on_grid]
        if np.isfinite(means).any():
            chosen[row] = _ascended(signals.take(others), grid[int(np.nanargmax(means))])[0]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(choose, range(len(names))))
    for row, fold in enumerate(names):
        held_out = np.flatnonzero(folds == fold)
        values[held_out] = signals.take(held_out).ndcg(chosen[row])
    return values, chosen
