"""Whether a signal's vectors can be trusted: zero, repeated and nearly repeated ones, and its scores by label."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal
from ..evaluation.metrics import defined_mean
from ..indexes.exact import ExactIndex
from ..indexes.protocol import NO_ROW
from ..ranking.mixes import signal_named
from ..sampling import even_sample
from ..types import Bools, Floats, Positions

# Pictures this close are the same picture, cut, sized or lit in another way.
NEAR = 0.98
# Rows read at a time, and products whose nearest neighbour is looked for: all of them up to the second number.
_BLOCK, _SAMPLE, _ALL_UP_TO = 8192, 400, 4000


@dataclass(frozen=True, eq=False)
class VectorHealth:
    """Of one signal. zero: present products whose vector has no length. repeated: products whose vector another has
    too. groups: (G,) arrays of rows with one vector, the largest first."""

    products: int
    present: int
    zero: int
    repeated: int
    groups: tuple[Positions, ...] = field(repr=False)


def vector_health(signal: DenseSignal) -> VectorHealth:
    """Reads every vector once, block by block, and copies none."""
    keys, zero = np.empty(len(signal.products), np.uint64), np.zeros(len(signal.products), bool)
    # Odd random multipliers: vectors that differ in one bit get other sums.
    factors = np.random.default_rng(0).integers(1 << 63, size=signal.products.shape[1], dtype=np.uint64) | np.uint64(1)
    for start in range(0, len(keys), _BLOCK):
        block = np.ascontiguousarray(signal.products[start : start + _BLOCK])
        keys[start : start + _BLOCK] = (block.view(np.uint32) * factors).sum(axis=1, dtype=np.uint64)
        zero[start : start + _BLOCK] = ~block.any(axis=1)
    rows = np.flatnonzero(signal.present & ~zero)
    by_key = rows[np.argsort(keys[rows], kind="stable")]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(keys[by_key]) != 0])) if len(by_key) else np.empty(0, int)
    candidates = [group for group in np.split(by_key, starts[1:]) if len(group) > 1]
    groups = sorted((g for group in candidates for g in _equal(signal, group)), key=lambda g: (-len(g), g[0]))
    return VectorHealth(
        len(signal.products),
        int(signal.present.sum()),
        int((zero & signal.present).sum()),
        sum(map(len, groups)),
        tuple(groups),
    )


def _equal(signal: DenseSignal, rows: Positions) -> list[Positions]:
    """Rows that share a key, apart where their vectors do differ."""
    _, which = np.unique(np.asarray(signal.products[rows]), axis=0, return_inverse=True)
    return [rows[which == number] for number in range(which.max() + 1) if (which == number).sum() > 1]


@dataclass(frozen=True, eq=False)
class NearDuplicates:
    """rows: (n,) the products looked at. nearest: (n,) the product closest to each; cosines: (n,). complete: whether
    all products were looked at, or an even sample."""

    rows: Positions = field(repr=False)
    nearest: Positions = field(repr=False)
    cosines: Floats = field(repr=False)
    complete: bool

    def near(self, least: float = NEAR) -> Bools:
        """(n,) whether a product has another at this cosine or above."""
        return self.cosines >= least

    def pairs(self, least: float = NEAR, most: int = 50) -> list[tuple[int, int, float]]:
        """(row, row, cosine) of the closest pairs, each once."""
        seen: dict[tuple[int, int], float] = {}
        for place in np.argsort(-self.cosines, kind="stable"):
            if self.cosines[place] < least or len(seen) == most:
                break
            pair = sorted((int(self.rows[place]), int(self.nearest[place])))
            seen.setdefault((pair[0], pair[1]), float(self.cosines[place]))
        return [(first, second, cosine) for (first, second), cosine in seen.items()]


def near_duplicates(signal: DenseSignal) -> NearDuplicates:
    """The nearest other product of each present one; in a large catalogue of an even sample of 400."""
    present = np.flatnonzero(signal.present)
    complete = len(present) <= _ALL_UP_TO
    rows = present if complete else present[even_sample(len(present), _SAMPLE)]
    if len(present) < 2:
        nothing = np.empty(0, np.int64)
        return NearDuplicates(nothing, nothing, np.empty(0), complete)
    hits = ExactIndex(signal.products, signal.present).search(np.asarray(signal.products[rows]), 2)
    own = hits.rows[:, 0] == rows
    nearest = np.where(own, hits.rows[:, 1], hits.rows[:, 0]).astype(np.int64)
    cosines = np.where(own, hits.scores[:, 1], hits.scores[:, 0]).astype(np.float64)
    found = nearest != NO_ROW
    return NearDuplicates(rows[found], nearest[found], cosines[found], complete)


def label_scores(dataset: Dataset, name: str, bins: int = 40, scores: Floats | None = None) -> pd.DataFrame:
    """How a signal scores the pairs of each label: label, score (middle of a bin), share of the label's pairs, pairs,
    mean (of the scores themselves).

    Pairs that the signal does not know are left out. Empty where it knows none. scores: (Q, C) the signal's, where they
    are known already.
    """
    scores = signal_named(dataset, name).slate_scores(dataset.judgements) if scores is None else scores
    known = np.isfinite(scores)
    if not known.any():
        return pd.DataFrame({"label": [], "score": [], "share": [], "pairs": [], "mean": []})
    low, high = float(scores[known].min()), float(scores[known].max())
    edges = np.linspace(low, high if high > low else low + 1.0, bins + 1)
    parts = []
    for label, label_name in enumerate(dataset.scale.names):
        own = scores[known & (dataset.judgements.labels == label)]
        counts, _ = np.histogram(own, edges)
        total = int(counts.sum())
        share = counts / total if total else np.zeros(bins)
        middle = (edges[1:] + edges[:-1]) / 2
        said = {"label": label_name, "score": middle, "share": share, "pairs": total, "mean": defined_mean(own)}
        parts.append(pd.DataFrame(said))
    return pd.concat(parts, ignore_index=True)
