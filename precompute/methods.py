"""What `evaluate` evaluates: random orders, every signal, and the fusions of one text and one image signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sqid_core.bundle import Dataset
from sqid_core.evaluation import (
    MetricReport,
    Run,
    columns_run,
    dataset_curves,
    evaluate,
    evaluate_cross_validated,
    evaluate_random,
    random_ndcgs,
    report,
    signal_run,
    slate_columns,
    with_slate_scores,
)
from sqid_core.fusion import Fusion
from sqid_core.significance import bootstrap_intervals

Floats = npt.NDArray[np.float64]
SEEDS = 100
# SQID's figures are at these weights (theirs are text weights: the same five).
WEIGHTS = (0.10, 0.25, 0.50, 0.75, 0.90)


@dataclass(frozen=True)
class Plan:
    """A fusion to evaluate: at fixed image weights, and where `tuned` at its best weight, in-sample and
    cross-validated."""

    fusion: Fusion
    weights: tuple[float, ...] = ()
    tuned: bool = False

    @property
    def methods(self) -> int:
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
class Method:
    """A line of the table. run: None for what is no ranking (random). in_sample: its weight was chosen on these
    queries. interval: where it is not the bootstrap's. note: what to know about it."""

    report: MetricReport
    run: Run | None = None
    image_weight: float | None = None
    in_sample: bool = False
    interval: tuple[float, float] | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """As in the table and the JSON."""
        return self.report.run

    @property
    def ndcg(self) -> Floats:
        """(Q,) NDCG of each query, nan where undefined."""
        return self.report.per_query["ndcg"].to_numpy()


def method_count(dataset: Dataset, plans: Sequence[str]) -> int:
    """How many methods `all_methods` gives."""
    fusions = sum(PLANS[name].methods for name in plans) if _fuses(dataset) else 0
    return 2 + len(dataset.signals) + fusions


def all_methods(dataset: Dataset, gains: str, plans: Sequence[str] = DEFAULT_PLANS) -> Iterator[Method]:
    """Random, each signal, and the fusions of the first text and the first image signal where both are there."""
    yield Method(evaluate_random(dataset, gains), note="exact")
    yield _random_seeds(dataset, gains)
    scored = with_slate_scores(dataset)
    for name in scored.signals:
        ranking = signal_run(scored, name)
        yield Method(evaluate(scored, ranking, gains, ("ndcg",)), ranking)
    if _fuses(dataset):
        for name in plans:
            # Averages of vectors need the vectors; all else needs their scores alone.
            source = dataset if PLANS[name].fusion.method == "embedding average" else scored
            yield from _planned(source, name, gains)


def intervals(methods: Sequence[Method]) -> list[tuple[float, float]]:
    """The 95 % interval of each method's mean, all from the same resamples of queries."""
    found = bootstrap_intervals(np.stack([method.ndcg for method in methods]))
    return [method.interval or (float(low), float(high)) for method, (low, high) in zip(methods, found, strict=True)]


def _fuses(dataset: Dataset) -> bool:
    return dataset.signal("text") is not None and dataset.signal("image") is not None


def _random_seeds(dataset: Dataset, gains: str) -> Method:
    """The mean of single random orders; its interval is where 95 % of them lie."""
    values = random_ndcgs(dataset, SEEDS, gains)
    defined = ~np.isnan(values[0])
    means = values[:, defined].mean(axis=1) if defined.any() else np.full(SEEDS, np.nan)
    low, high = np.quantile(means, (0.025, 0.975))
    return Method(
        report(f"random {SEEDS} seeds", {"ndcg": values.mean(axis=0)}, list(dataset.judgements.query_ids), gains),
        interval=(float(low), float(high)),
        note=f"interval: where the seeds lie, standard deviation {means.std():.4f}",
    )


def _planned(dataset: Dataset, plan: str, gains: str) -> Iterator[Method]:
    fusion = PLANS[plan].fusion
    prepared = slate_columns(dataset, fusion)

    def at(label: str, weight: float | Floats) -> tuple[MetricReport, Run]:
        run = columns_run(label, prepared, fusion, weight)
        return evaluate(dataset, run, gains, ("ndcg",)), run

    for weight in PLANS[plan].weights:
        yield Method(*at(f"{plan} {weight:g}", weight), weight)
    if PLANS[plan].tuned:
        curves = dataset_curves(dataset, fusion, gains)
        weight = curves.mean().best.weight
        yield Method(*at(f"{plan} best", weight), weight, in_sample=True, note="chosen on these queries")
        _, weights = evaluate_cross_validated(dataset, curves, gains)
        note = f"chosen on other queries: {weights.min():.3f} to {weights.max():.3f}"
        yield Method(*at(f"{plan} cross-validated", weights[:, None]), note=note)
