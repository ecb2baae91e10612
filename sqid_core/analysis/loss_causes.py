"""What the differences between two runs are made of over many queries: the swaps' shares by cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.compared_slates import compared_slate
from ..evaluation.run_specs import RunSpec
from ..evaluation.slate_scores import SlateScores
from ..evaluation.swaps import Cause
from ..types import Floats, Rows


@dataclass(frozen=True, eq=False)
class CauseShares:
    """What each kind of cause adds to NDCG(B) - NDCG(A). rows: (n,) of the queries. names: of the kinds, that with the
    largest sum first. shares: (n, K), which add up to each query's difference."""

    rows: Rows = field(repr=False)
    names: tuple[str, ...]
    shares: Floats = field(repr=False)

    @property
    def main(self) -> Rows:
        """(n,) the kind with the largest share of each query's difference, in its direction."""
        along = self.shares * np.sign(self.shares.sum(axis=1, keepdims=True))
        return np.argmax(along, axis=1) if len(self.names) else np.full(len(self.rows), -1)


def cause_shares(
    dataset: Dataset,
    rows: Rows,
    runs: tuple[RunSpec, RunSpec],
    scores: tuple[SlateScores, SlateScores],
    gains: Floats,
    name_of: Callable[[Cause], str],
) -> CauseShares:
    """Of some queries. runs, scores, gains: see `compared_slate`. name_of: causes of one name are one kind."""
    sums: list[dict[str, float]] = []
    for row in rows:
        slate = compared_slate(dataset, int(row), runs, scores, gains)
        own: dict[str, float] = {}
        for kind, cause in enumerate(slate.kinds):
            name = name_of(cause)
            own[name] = own.get(name, 0.0) + float(slate.swaps.contribution[slate.kind == kind].sum())
        sums.append(own)
    names = _largest_first(sums)
    shares = np.array([[own.get(name, 0.0) for name in names] for own in sums]).reshape(len(rows), len(names))
    return CauseShares(rows, names, shares)


def _largest_first(sums: Sequence[dict[str, float]]) -> tuple[str, ...]:
    total: dict[str, float] = {}
    for own in sums:
        for name, share in own.items():
            total[name] = total.get(name, 0.0) + share
    return tuple(sorted(total, key=lambda name: -abs(total[name])))
