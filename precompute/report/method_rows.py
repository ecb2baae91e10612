"""What `evaluate` evaluates: random orders, every signal, and the fusions of one text and one image signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sqid_core.analysis.methods import Method, chosen_method, random_method, signal_method, tuned_methods
from sqid_core.analysis.mixed_methods import mixed_methods
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.traffic import counted_by, worth
from sqid_core.evaluation import cautions
from sqid_core.evaluation.claims import unclaimed
from sqid_core.evaluation.intervals import mean_intervals
from sqid_core.evaluation.reports import dataset_curves, random_ndcgs, report
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.evaluation.slate_scores import SlateScores, slate_scores
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.norms import NO_NORM, NORMS
from sqid_core.types import Floats

SEEDS = 100
# What is told of every line.
MEASURED = ("ndcg",)


@dataclass(frozen=True)
class Plan:
    """A fusion to evaluate: at fixed image weights, and where `tuned` at its best weight, in-sample and
    cross-validated. by_default: where no fusions are named."""

    fusion: Fusion
    weights: tuple[float, ...] = ()
    tuned: bool = True
    by_default: bool = False

    @property
    def lines(self) -> int:
        """How many lines of the table it gives."""
        return len(self.weights) + 2 * self.tuned


def plans() -> dict[str, Plan]:
    """All there are, by the names of their lines: the default method with each norm, and every method."""
    methods = {
        method.listed_as: Plan(
            Fusion(method.name, norm=method.coherent_norm(NO_NORM)),
            method.reported.weights,
            method.reported.tuned,
            method.reported.by_default,
        )
        for method in METHODS.values()
    }
    # z-score before min-max, as the table always had them.
    norms = {name: Plan(Fusion(norm=name), by_default=True) for name in reversed(NORMS) if name != NO_NORM}
    first = {name: plan for name, plan in methods.items() if plan.by_default}
    return first | norms | methods


def default_plans() -> tuple[str, ...]:
    """Those that are evaluated where none are named."""
    return tuple(name for name, plan in plans().items() if plan.by_default)


@dataclass(frozen=True, eq=False)
class Line:
    """A line of the table. name: in the table, the JSON and the run's file. note: what to know about it. interval:
    where it is not that of a mean over queries. spec: its ranking where a link can name it, of one weight for all."""

    name: str
    method: Method
    note: str = ""
    interval: tuple[float, float] | None = None
    spec: RunSpec | None = None

    @property
    def ndcg(self) -> float:
        """The mean over the queries that have one."""
        return self.mean("ndcg")

    def mean(self, measure: str) -> float:
        """The mean of a measure, nan where it was not measured."""
        return self.method.report.means.get(measure, float("nan"))

    def queries(self, measure: str) -> int:
        """How many queries the mean of a measure is over."""
        return int((~np.isnan(self._counted(measure))).sum())

    def effective(self, measure: str) -> float:
        """How many queries of equal traffic that mean is worth."""
        return worth(self._counted(measure), self.method.report.traffic)

    def _counted(self, measure: str) -> Floats:
        """(Q,) a measure of the queries that its mean is over, nan elsewhere."""
        report = self.method.report
        values = (
            report.per_query[measure].to_numpy() if measure in report.per_query else np.full(len(report.judged), np.nan)
        )
        return counted_by(values, report.traffic)[0]


def line_count(dataset: Dataset, names: Sequence[str], mixed: Sequence[str] = ()) -> int:
    """How many lines `all_lines` gives."""
    fusions = sum(plans()[name].lines for name in names) if dataset.can_fuse else 0
    return 2 + len(dataset.signals) + fusions + 2 * bool(mixed)


def all_lines(
    dataset: Dataset,
    gains: str,
    names: Sequence[str] | None = None,
    measures: Sequence[str] = (),
    mixed: Sequence[str] = (),
) -> Iterator[Line]:
    """Random, each signal, and the fusions of the first text and the first image signal where both are there. names: of
    the plans, the default ones if None. measures: those beside NDCG. mixed: signals whose best weights are sought."""
    measured = tuple(dict.fromkeys((*MEASURED, *measures)))
    yield Line("random", random_method(dataset, gains, measured), "exact")
    yield _random_seeds(dataset, gains)
    first = dataset.signal("text"), dataset.signal("image")
    chosen = {name: plans()[name] for name in (default_plans() if names is None else names)}
    # Scored once for all that follows.
    scores = slate_scores(dataset.judgements, *first, own=any(plan.fusion.needs_own for plan in chosen.values()))
    for name, signal in dataset.signals.items():
        known = scores.of(signal.modality) if signal in first else None
        method = signal_method(dataset, name, gains, measured, known)
        yield Line(name, method, _ranks(method), spec=RunSpec(signal=name))
    if dataset.can_fuse:
        for name, plan in chosen.items():
            yield from _planned(dataset, name, plan, gains, measured, scores)
    if mixed:
        yield from _mixed(dataset, mixed, gains, measured)


def cautions_of(dataset: Dataset, names: Sequence[str]) -> tuple[str, ...]:
    """What has to be known of the runs, and of the fusions of these names, a sentence each."""
    found = list(cautions.of_runs(dataset).values())
    if dataset.can_fuse:
        scores = slate_scores(dataset.judgements, *dataset.both_signals)
        for name in names:
            found += cautions.of_raw_scores(dataset, plans()[name].fusion, scores)
    return tuple(dict.fromkeys(found))


def intervals(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """The 95 % interval of each line's mean; nan where the labels are chosen."""
    values, traffic = np.stack([line.method.values("ndcg") for line in lines]), lines[0].method.report.traffic
    found = unclaimed(mean_intervals(values, within=(0.0, 1.0), traffic=traffic), lines[0].method.report.chosen)
    return [line.interval or (float(low), float(high)) for line, (low, high) in zip(lines, found, strict=True)]


def _random_seeds(dataset: Dataset, gains: str) -> Line:
    """The mean of single random orders; its interval is where 95 % of them lie."""
    values = random_ndcgs(dataset, SEEDS, gains)
    counted, uneven = counted_by(values, dataset.traffic)
    defined = ~np.isnan(counted[0])
    weights = None if uneven is None else uneven[defined]
    means = np.average(values[:, defined], axis=1, weights=weights) if defined.any() else np.full(SEEDS, np.nan)
    low, high = np.quantile(means, (0.025, 0.975))
    name = f"random {SEEDS} seeds"
    note = f"no confidence interval: 95 % of the seeds lie there, standard deviation {means.std():.4f}"
    return Line(name, Method(report(name, {"ndcg": values.mean(axis=0)}, dataset, gains)), note, (low, high))


def _planned(
    dataset: Dataset, name: str, plan: Plan, gains: str, measured: Sequence[str], scores: SlateScores
) -> Iterator[Line]:
    fusion = plan.fusion
    text, image = (signal.name for signal in dataset.both_signals)

    def spec(weight: float) -> RunSpec:
        return RunSpec(fusion=replace(fusion, image_weight=weight), text=text, image=image)

    for weight in plan.weights:
        at = replace(fusion, image_weight=weight)
        method = chosen_method(dataset, at, gains, measured, scores)
        yield Line(f"{name} {weight:g}", method, _ranks(method), spec=spec(weight))
    if plan.tuned:
        curves = dataset_curves(dataset, fusion, gains, scores)
        best, honest = tuned_methods(dataset, fusion, curves, gains, measured, scores)
        low, high = honest.weights or (np.nan, np.nan)
        note = "; ".join(filter(None, ("chosen on these queries", _ranks(best))))
        yield Line(f"{name} best", best, note, spec=spec(best.image_weight))
        note = f"{_chosen(honest)}: {low:.3f} to {high:.3f}"
        spread = f"the mean of {len(honest.repeats)} repeats, which differ by {honest.spread('ndcg'):.4f}"
        yield Line(f"{name} cross-validated", honest, "; ".join(filter(None, (note, spread, _ranks(honest)))))


def _mixed(dataset: Dataset, names: Sequence[str], gains: str, measured: Sequence[str]) -> Iterator[Line]:
    found = mixed_methods(dataset, names, gains, measured)
    told = ", ".join(f"{name} {weight:.3f}" for name, weight in zip(names, found.weights, strict=True))
    yield Line("mix best", found.best, f"chosen on these queries: {told}")
    told = ", ".join(f"{name} {low:.3f} to {high:.3f}" for name, low, high in found.spans())
    yield Line("mix cross-validated", found.honest, f"{_chosen(found.honest)}: {told}")


def _chosen(honest: Method) -> str:
    """On what the weights of a cross-validated line were chosen."""
    seen = ", in-sample: by scores that learned from all labels" if honest.in_sample else ""
    return f"chosen on other queries{seen}"


def _ranks(method: Method) -> str:
    """How much the runs behind a line rank, where that is not all."""
    return f"runs rank {cautions.said_share(method.ranked)} of the judged pairs" if method.ranked < 1 else ""
