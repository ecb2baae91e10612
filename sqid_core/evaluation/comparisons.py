"""Two runs on the same judged queries: who wins, by how much, and on which queries to look first."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ..errors import InputError
from ..types import Bools, Floats, Positions
from ..wording import short
from .intervals import difference_interval
from .metrics import defined_mean
from .reports import MetricReport
from .significance import TIE, Outcomes, effect_size, outcomes, randomisation_p
from .verdicts import Verdict, verdict


@dataclass(frozen=True, eq=False)
class RunComparison:
    """B against A, a query at a time.

    a, b: (Q,) NDCG, nan where undefined. losses, wins: rows of the queries where B is worse, or better, the largest
    difference first. mean_a, mean_b: over the queries that are defined. interval: of the mean difference, 95 %, see
    `difference_intervals`. undefined: judged queries without a gain. names: of A and B. traffic: (Q,) how much each
    query counts; all alike if None. chosen: whether the labels are (`claims`): then there is no interval, p or verdict.
    in_sample: nor where a model behind one of the two was fine-tuned on queries that it ranks here.

    >>> dataset = load_bundle("data/tiny")
    >>> text, fused = (evaluate(dataset, run_of(dataset, what)) for what in ("words_text", Fusion()))
    >>> found = compare(text, fused)
    >>> round(found.difference, 4), round(found.p, 4)
    (0.0206, 1.0)
    >>> dataset.queries["query"].iloc[found.wins[:2]].tolist()
    ['red backpack', 'black shoe']
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
    names: tuple[str, str] = ("A", "B")
    traffic: Floats | None = field(default=None, repr=False)
    chosen: bool = False
    in_sample: bool = False

    def __repr__(self) -> str:
        means = zip(self.names, (self.mean_a, self.mean_b), strict=True)
        a, b = (f"{short(name, 16)} {mean:.4f}" for name, mean in means)
        low, high = self.interval
        counts = f"{self.outcomes.wins:,} better, {self.outcomes.ties:,} equal, {self.outcomes.losses:,} worse"
        counts += "" if self.traffic is None else ", means by traffic"
        return f"RunComparison({a}, {b}: {self.difference:+.4f} [{low:+.4f}, {high:+.4f}], {counts})"

    @property
    def difference(self) -> float:
        """Mean NDCG of B less that of A."""
        return self.mean_b - self.mean_a

    @cached_property
    def p(self) -> float:
        """Two-sided p of the paired randomisation test, see `randomisation_p`."""
        return float("nan") if self.chosen or self.in_sample else randomisation_p(self.b - self.a, traffic=self.traffic)

    @property
    def effect(self) -> float:
        """The difference over its standard deviation between queries, see `effect_size`."""
        return effect_size(self.b - self.a, self.traffic)

    @cached_property
    def verdict(self) -> Verdict:
        """Whether B is better, by that test."""
        return verdict(self.outcomes, self.difference, self.p, in_sample=self.in_sample)


def compare(a: MetricReport, b: MetricReport, measure: str = "ndcg", in_sample: bool = False) -> RunComparison:
    """B against A on the same judged queries, by one measure of both reports. in_sample: see `RunComparison`.

    Raises InputError where the reports are of other queries or gains, or lack the measure.

    >>> dataset = load_bundle("data/tiny")
    >>> compare(*(evaluate(dataset, run_of(dataset, name)) for name in ("words_text", "words_image")))
    RunComparison(words_text 0.8839, words_image 0.7882: -0.0957 [-0.3135, +0.1221], 2 better, 0 equal, 6 worse)
    """
    if a.gains != b.gains or not a.per_query.index.equals(b.per_query.index):
        raise InputError(f"{a.run} and {b.run} were measured on other queries or gains; evaluate both in the same way")
    found = run_comparison(a.values(measure), b.values(measure), a.judged, a.traffic)
    chosen = a.chosen or b.chosen
    interval = (float("nan"), float("nan")) if chosen or in_sample else found.interval
    return replace(found, names=(a.run, b.run), interval=interval, chosen=chosen, in_sample=in_sample)


def run_comparison(a: Floats, b: Floats, judged: Bools, traffic: Floats | None = None) -> RunComparison:
    """a, b: (Q,) NDCG of the two runs, nan where a slate has no gain. judged: (Q,) which queries have a slate."""
    differences = b - a
    known = ~np.isnan(differences)
    return RunComparison(
        a,
        b,
        _largest_first(-differences),
        _largest_first(differences),
        defined_mean(np.where(known, a, np.nan), traffic),
        defined_mean(np.where(known, b, np.nan), traffic),
        difference_interval(differences, traffic),
        outcomes(differences, traffic=traffic),
        int((judged & ~known).sum()),
        traffic=traffic,
    )


def _largest_first(differences: Floats) -> Positions:
    """Rows of the queries with a difference above 0, largest first; equal ones in the order of the bundle."""
    rows = np.flatnonzero(differences > TIE)
    return rows[np.argsort(-differences[rows], kind="stable")]
