"""What `evaluate` evaluates: random orders, every signal, and the fusions of one text and one image signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sqid_core.analysis.methods import Method, chosen_method, signal_method, tuned_methods
from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.reports import dataset_curves, evaluate_random, random_ndcgs, report
from sqid_core.evaluation.significance import bootstrap_intervals
from sqid_core.evaluation.slate_scores import SlateScores, slate_scores
from sqid_core.ranking.fusion import Fusion

SEEDS = 100
# SQID's figures are at these weights (theirs are text weights: the same five).
WEIGHTS = (0.10, 0.25, 0.50, 0.75, 0.90)
_MEASURED = ("ndcg",)


@dataclass(frozen=True)
class Plan:
    """A fusion to evaluate: at fixed image weights, and where `tuned` at its best weight, in-sample and
    cross-validated."""

    fusion: Fusion
    weights: tuple[float, ...] = ()
    tuned: bool = False

    @property
    def lines(self) -> int:
        """How many lines of the table it gives."""
        return len(self.weights) + 2 * self.tuned


PLANS = {
    "weighted": Plan(Fusion(), WEIGHTS, tuned=True),
    "weighted ranks": Plan(Fusion("weighted ranks"), WEIGHTS),
    "rrf": Plan(Fusion("rrf"), (0.5,)),
    "z-score": Plan(Fusion(norm="z-score"), tuned=True),
    "min-max": Plan(Fusion(norm="min-max"), tuned=True),
    "max": Plan(Fusion("max", norm="min-max"), tuned=True),
    "embedding average": Plan(Fusion("embedding average"), tuned=True),
}
DEFAULT_PLANS = ("weighted", "weighted ranks", "rrf", "z-score", "min-max")


@dataclass(frozen=True, eq=False)
class Line:
    """A line of the table. name: in the table, the JSON and the run's file. note: what to know about it. interval:
    where it is not the bootstrap's."""

    name: str
    method: Method
    note: str = ""
    interval: tuple[float, float] | None = None

    @property
    def ndcg(self) -> float:
        """The mean over the queries that have one."""
        return self.method.report.means["ndcg"]


def line_count(dataset: Dataset, plans: Sequence[str]) -> int:
    """How many lines `all_lines` gives."""
    fusions = sum(PLANS[name].lines for name in plans) if dataset.can_fuse else 0
    return 2 + len(dataset.signals) + fusions


def all_lines(dataset: Dataset, gains: str, plans: Sequence[str] = DEFAULT_PLANS) -> Iterator[Line]:
    """Random, each signal, and the fusions of the first text and the first image signal where both are there."""
    yield Line("random", Method(evaluate_random(dataset, gains)), "exact")
    yield _random_seeds(dataset, gains)
    first = dataset.signal("text"), dataset.signal("image")
    # Scored once for all that follows.
    scores = slate_scores(dataset.judgements, *first, own=any(PLANS[name].fusion.needs_own for name in plans))
    for name, signal in dataset.signals.items():
        known = scores.of(signal.modality) if signal in first else None
        yield Line(name, signal_method(dataset, name, gains, _MEASURED, known))
    if dataset.can_fuse:
        for name in plans:
            yield from _planned(dataset, name, gains, scores)


def intervals(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """The 95 % interval of each line's mean, all from the same resamples of queries."""
    found = bootstrap_intervals(np.stack([line.method.values("ndcg") for line in lines]))
    return [line.interval or (float(low), float(high)) for line, (low, high) in zip(lines, found, strict=True)]


def _random_seeds(dataset: Dataset, gains: str) -> Line:
    """The mean of single random orders; its interval is where 95 % of them lie."""
    values = random_ndcgs(dataset, SEEDS, gains)
    defined = ~np.isnan(values[0])
    means = values[:, defined].mean(axis=1) if defined.any() else np.full(SEEDS, np.nan)
    low, high = np.quantile(means, (0.025, 0.975))
    name = f"random {SEEDS} seeds"
    note = f"interval: where the seeds lie, standard deviation {means.std():.4f}"
    return Line(name, Method(report(name, {"ndcg": values.mean(axis=0)}, dataset, gains)), note, (low, high))


def _planned(dataset: Dataset, plan: str, gains: str, scores: SlateScores) -> Iterator[Line]:
    fusion = PLANS[plan].fusion
    for weight in PLANS[plan].weights:
        at = replace(fusion, image_weight=weight)
        yield Line(f"{plan} {weight:g}", chosen_method(dataset, at, gains, _MEASURED, scores))
    if PLANS[plan].tuned:
        curves = dataset_curves(dataset, fusion, gains, scores)
        best, honest = tuned_methods(dataset, fusion, curves, gains, _MEASURED, scores)
        low, high = honest.weights or (np.nan, np.nan)
        yield Line(f"{plan} best", best, "chosen on these queries")
        yield Line(f"{plan} cross-validated", honest, f"chosen on other queries: {low:.3f} to {high:.3f}")
