"""Two runs on the same judged queries: who wins, by how much, and on which queries to look first."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..types import Bools, Floats, Positions
from .metrics import defined_mean
from .significance import Outcomes, bootstrap_interval, outcomes

# NDCGs closer than this are equal: the same gains added in another order.
TIE = 1e-9


@dataclass(frozen=True, eq=False)
class RunComparison:
    """B against A, a query at a time.

    a, b: (Q,) NDCG, nan where undefined. losses, wins: rows of the queries where B is worse, or better, the largest
    difference first. mean_a, mean_b: over the queries that are defined. interval: 95 % bootstrap interval of the mean
    difference, nan for fewer than two queries. undefined: judged queries without a gain.
    """

    a: Floats = field(repr=False)
    b: Floats = field(repr=False)
    losses: Positions = field(repr=False)
    wins: Positions = field(repr=False)
    mean_a: float
    mean_b: float
    interval: tuple[float, float]
    outcomes: Outcomes
    undefined: int

    @property
    def difference(self) -> float:
        """Mean NDCG of B less that of A."""
        return self.mean_b - self.mean_a


def run_comparison(a: Floats, b: Floats, judged: Bools) -> RunComparison:
    """a, b: (Q,) NDCG of the two runs, nan where a slate has no gain. judged: (Q,) which queries have a slate."""
    differences = b - a
    known = ~np.isnan(differences)
    return RunComparison(
        a,
        b,
        _largest_first(-differences),
        _largest_first(differences),
        defined_mean(a[known]),
        defined_mean(b[known]),
        bootstrap_interval(differences),
        outcomes(differences, TIE),
        int((judged & ~known).sum()),
    )


def _largest_first(differences: Floats) -> Positions:
    """Rows of the queries with a difference above 0, largest first; equal ones in the order of the bundle."""
    rows = np.flatnonzero(differences > TIE)
    return rows[np.argsort(-differences[rows], kind="stable")]
