"""What another label of one pair would do to NDCG(B) - NDCG(A), in closed form, the ideal included."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.metrics import discounts
from ..evaluation.reports import Run
from ..types import Bools, Floats, Labels, Positions, Rows
from .drawn import rank_discounts, run_ranks

# Numbers worked on at a time.
_BLOCK = 1 << 20


@dataclass(frozen=True, eq=False)
class Stakes:
    """Two runs on judged slates, as far as labels decide between them.

    labels: (Q, C), -1 at padding. steps: (Q, C) each product's discount in B less that in A. table: (L,) gains. cut:
    (C + 1,) the ideal's discounts, 0 below the cut-off. weights: (Q,) how much each query counts.
    """

    labels: Labels = field(repr=False)
    steps: Floats = field(repr=False)
    table: Floats = field(repr=False)
    cut: Floats = field(repr=False)
    weights: Floats = field(repr=False)

    @cached_property
    def differences(self) -> Floats:
        """(Q,) NDCG(B) - NDCG(A), nan where no judged product has a gain."""
        gains = np.where(self.labels >= 0, self.table[self.labels], 0.0)
        ideal = -np.sort(-gains, axis=1) @ self.cut[:-1]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(ideal > 0, (gains * self.steps).sum(axis=1) / ideal, np.nan)

    @property
    def sums(self) -> tuple[float, float]:
        """The weighted sum of the defined differences, and of their weights: the mean is one over the other."""
        known = ~np.isnan(self.differences)
        return float(self.differences[known] @ self.weights[known]), float(self.weights[known].sum())

    def after(self, queries: Rows, width: int) -> Floats:
        """(q, c, L) the queries' differences if one product had another label: nan at padding, and where then no judged
        product has a gain. width: none of the slates is longer."""
        return changed(self.labels[queries, :width], self.steps[queries, :width], self.table, self.cut)

    def moved(self, queries: Rows, width: int) -> Floats:
        """(q, c, L) by how much the mean difference would change; 0 at padding and where there would be no mean."""
        total, weight = self.sums
        own = self.weights[queries][:, None, None]
        before, after = self.differences[queries][:, None, None], self.after(queries, width)
        sums = total + own * (np.nan_to_num(after) - np.nan_to_num(before))
        weights = weight + own * (~np.isnan(after) * 1.0 - ~np.isnan(before))
        with np.errstate(invalid="ignore", divide="ignore"):
            found = sums / weights - total / weight
        inside = (self.labels[queries, :width] >= 0)[:, :, None] & (weights > 0)
        return np.nan_to_num(np.where(inside, found, 0.0), posinf=0.0, neginf=0.0)


def stakes(dataset: Dataset, runs: tuple[Run, Run], gains: str | None = None, k: int | None = None) -> Stakes:
    """Of two runs A and B, by NDCG at a cut-off, over the whole slate if None."""
    judgements = dataset.judgements
    a, b = (rank_discounts(run_ranks(judgements, run), k) for run in runs)
    cut = np.append(discounts(judgements.rows.shape[1]), 0.0)
    cut[len(cut) if k is None else k :] = 0.0
    weights = np.ones(len(judgements)) if dataset.traffic is None else dataset.traffic
    return Stakes(judgements.labels, b - a, dataset.scale.gains(gains), cut, weights)


def pieces(groups: list[tuple[Positions, int]], labels: int) -> list[tuple[Positions, int]]:
    """Queries with the length of their longest slate, few enough at a time that the memory stays small."""
    found = []
    for queries, width in groups:
        most = max(1, _BLOCK // max(width * labels, 1))
        found += [(queries[start : start + most], width) for start in range(0, len(queries), most) if width]
    return found


def changed(labels: Labels, steps: Floats, table: Floats, cut: Floats) -> Floats:
    """(q, C, L) NDCG(B) - NDCG(A) of each slate if one product (second axis) had another label (third axis).

    labels, steps: (q, C); table: (L,); cut: (C + 1,) or longer; see `Stakes`. nan at padding and without a gain.
    """
    mask = labels >= 0
    gains = np.where(mask, table[labels], 0.0)
    ideal, with_gain = _ideals(labels, gains, table, cut)
    query = np.arange(len(labels))[:, None]
    total = (gains * steps).sum(axis=1)[:, None, None] + (table - gains[:, :, None]) * steps[:, :, None]
    # Padding finds the last label, and is left out.
    defined = with_gain[query, labels] & mask[:, :, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(defined, total / ideal[query, labels], np.nan)


def _ideals(labels: Labels, gains: Floats, table: Floats, cut: Floats) -> tuple[Floats, Bools]:
    """(q, L, L) the ideal DCG of each slate if a product of one label had another, and whether any has a gain then.

    In the sorted gains the product leaves its place among its equals and goes in among those of the new gain; what lies
    between moves by one rank, towards the place that was left.
    """
    length = labels.shape[1]
    d = cut[: length + 1]
    counts = (labels[:, :, None] == np.arange(len(table))).sum(axis=1)
    ranked = -np.sort(-gains, axis=1)
    ideal = (ranked @ d[:-1])[:, None, None]
    nothing = np.zeros((len(labels), 1))
    back = np.concatenate([nothing, np.cumsum(ranked * (d[1:] - d[:-1]), axis=1)], axis=1)
    forward = np.concatenate(
        [nothing, np.cumsum(ranked * (np.append(d[:1], d[: length - 1]) - d[:-1]), axis=1)], axis=1
    )
    # Raised, it leaves the first place of its equals; lowered, the last.
    first = counts @ (table[:, None] > table)
    last = np.maximum(counts @ (table[:, None] >= table) - 1, 0)
    at_first, at_last = table * d[first], table * d[last]
    shifted_back = np.take_along_axis(back, first, axis=1)
    shifted_forward = np.take_along_axis(forward, last + 1, axis=1)
    raised = at_first[:, None, :] - at_first[:, :, None] + shifted_back[:, :, None] - shifted_back[:, None, :]
    lowered = at_last[:, None, :] - at_last[:, :, None] + shifted_forward[:, None, :] - shifted_forward[:, :, None]
    has_gain = table > 0
    left = (counts @ has_gain)[:, None, None] - has_gain[:, None] + has_gain
    return ideal + np.where(table >= table[:, None], raised, lowered), left > 0
