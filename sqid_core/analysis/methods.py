"""Methods side by side: random order, each signal, and fusions at a chosen, the best and a cross-validated weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.signals import Signal
from ..evaluation.claims import without_claims
from ..evaluation.cross_validation import CrossValidated, repeated_folds, repeatedly_cross_validated, spread
from ..evaluation.curves import WeightCurves
from ..evaluation.intervals import difference_intervals, mean_intervals
from ..evaluation.metrics import RankedSlates, best_first, defined_mean, expected_at_random
from ..evaluation.power import detectable_difference
from ..evaluation.reports import (
    MetricReport,
    Run,
    columns_run,
    evaluate,
    fusion_run,
    report,
    returned_by,
    signal_run,
    slate_columns,
)
from ..evaluation.significance import effect_size, holm, outcomes, randomisation_ps
from ..evaluation.slate_scores import SlateScores
from ..evaluation.validation import FIXED, IN_SAMPLE, Validation, of_other_folds, of_scores
from ..ranking.fusion import Fusion
from ..ranking.mixes import signal_named
from ..types import Floats

CUTOFFS = (5, 10, 20)


@dataclass(frozen=True, eq=False)
class Method:
    """A line of the table. report: every measure of every query. run: None for what is no ranking (random).
    image_weight: one for all queries, or nan; weights: (lowest, highest) where they differ by query. validation: how
    these queries were kept apart from what chose it. repeats: the report of each repeat of a cross-validation; `report`
    is their mean, a query at a time, and `run` the ranking of the first. ranked: the share of the judged pairs that the
    runs behind it rank."""

    report: MetricReport
    run: Run | None = field(default=None, repr=False)
    image_weight: float = float("nan")
    weights: tuple[float, float] | None = None
    validation: Validation = FIXED
    repeats: tuple[MetricReport, ...] = field(default=(), repr=False)
    ranked: float = 1.0

    @property
    def in_sample(self) -> bool:
        """Whether it was chosen on these very queries."""
        return self.validation == IN_SAMPLE

    @property
    def tested(self) -> bool:
        """Whether a test of it means something: a random order is an expectation, and what was chosen on these queries
        is flattered by them."""
        return self.run is not None and not self.in_sample

    def spread(self, measure: str) -> float:
        """The standard deviation of a measure's mean over the repeats; nan where nothing was repeated."""
        return spread(np.array([each.means[measure] for each in self.repeats]))

    @property
    def name(self) -> str:
        """For people."""
        return self.report.run

    def values(self, measure: str) -> Floats:
        """(Q,) of a measure, nan where undefined."""
        return self.report.per_query[measure].to_numpy()


def random_method(dataset: Dataset, gains: str | None, measured: Sequence[str]) -> Method:
    """What a random order scores in the mean over all orders, exactly; nan where nothing is judged. measured: the names
    of the measures, here and below."""
    judgements = dataset.judgements
    judged = judgements.gains(dataset.scale.gains(gains))
    slates = RankedSlates(judged, dataset.scale.is_relevant(judgements.labels), judgements.mask, best_first(judged))
    values = {name: expected_at_random(name, slates) for name in measured}
    return Method(report("random order", values, dataset, gains))


def signal_method(
    dataset: Dataset, name: str, gains: str | None, measured: Sequence[str], scores: Floats | None = None
) -> Method:
    """A signal, or an imported run, alone. scores: (Q, C) the
    signal's, where they are known already."""
    run, signal = signal_run(dataset, name, scores), signal_named(dataset, name)
    report = evaluate(dataset, run, gains, measured)
    return Method(report, run, validation=of_scores(signal), ranked=ranked_share(dataset, signal))


def chosen_method(
    dataset: Dataset,
    fusion: Fusion,
    gains: str | None,
    measured: Sequence[str],
    scores: SlateScores | None = None,
) -> Method:
    """A fusion at its own weight. scores, here and below: see `slate_columns`."""
    run = fusion_run(dataset, fusion, f"{fusion_name(fusion)}, at {fusion.image_weight:g}", scores)
    kind, ranked = of_scores(*dataset.both_signals), ranked_share(dataset, *dataset.both_signals)
    return Method(evaluate(dataset, run, gains, measured), run, fusion.image_weight, validation=kind, ranked=ranked)


def tuned_methods(
    dataset: Dataset,
    fusion: Fusion,
    curves: WeightCurves,
    gains: str | None,
    measured: Sequence[str],
    scores: SlateScores | None = None,
    chosen: CrossValidated | None = None,
) -> tuple[Method, Method]:
    """A fusion at the weight that is best on these queries (in-sample), and at weights chosen on other queries: five
    folds, drawn ten times; in-sample too where a signal was learned from these labels. chosen: those weights, where
    they are known already."""
    prepared, name = slate_columns(dataset, fusion, scores), fusion_name(fusion)
    weight = curves.mean().best.weight
    returned, ranked = returned_by(dataset, *dataset.both_signals), ranked_share(dataset, *dataset.both_signals)
    best = replace(columns_run(f"{name}, best weight", prepared, fusion, weight), returned=returned)
    chosen = repeatedly_cross_validated(curves, repeated_folds(dataset)) if chosen is None else chosen
    name = f"{name}, cross-validated"
    runs = [
        replace(columns_run(name, prepared, fusion, weights[:, None]), returned=returned) for weights in chosen.weights
    ]
    repeats = tuple(evaluate(dataset, run, gains, measured) for run in runs)
    return (
        Method(evaluate(dataset, best, gains, measured), best, weight, validation=IN_SAMPLE, ranked=ranked),
        Method(
            _mean_report(name, repeats, dataset, gains),
            runs[0],
            weights=chosen.span,
            validation=of_other_folds(*dataset.both_signals),
            repeats=repeats,
            ranked=ranked,
        ),
    )


def _mean_report(name: str, repeats: Sequence[MetricReport], dataset: Dataset, gains: str | None) -> MetricReport:
    """The mean of some reports of the same queries, a query at a time."""
    measured = repeats[0].per_query.columns
    mean = {str(measure): np.mean([each.values(measure) for each in repeats], axis=0) for measure in measured}
    return report(name, mean, dataset, gains)


def ranked_share(dataset: Dataset, *signals: Signal) -> float:
    """The share of the judged pairs that every run among some signals ranks; 1 where none of them is a run."""
    mask = dataset.judgements.mask
    known = [signal.knows(dataset.judgements)[mask] for signal in signals if signal.is_run]
    return float(np.logical_and.reduce(known).mean()) if known and mask.any() else 1.0


def fusion_name(fusion: Fusion) -> str:
    """The method and its norm where it reads one, such as `weighted scores (z-score)`."""
    return f"{fusion.method} ({fusion.norm_read})" if fusion.norm_read else fusion.method


# --- the table ---


def means_table(methods: Sequence[Method], intervals_of: Sequence[str]) -> pd.DataFrame:
    """One row a method: its name, the mean of each measure, and for those in `intervals_of` also `low` and `high`
    (`ndcg low`, `ndcg high`, ...): the 95 % interval."""
    frame = pd.DataFrame({"method": [method.name for method in methods]})
    for measure in methods[0].report.means:
        frame[measure] = [method.report.means[measure] for method in methods]
    for measure in intervals_of:
        values = np.stack([method.values(measure) for method in methods])
        found = mean_intervals(values, within=(0.0, 1.0), traffic=methods[0].report.traffic)
        frame[f"{measure} low"], frame[f"{measure} high"] = found.T
    frame["image weight"] = [method.image_weight for method in methods]
    frame["validation"] = [method.validation for method in methods]
    frame["in-sample"] = [method.in_sample for method in methods]
    return without_claims(frame, methods[0].report.chosen)


def differences_table(
    methods: Sequence[Method], baseline: int, measure: str, family: int | None = None
) -> pd.DataFrame:
    """One row a method: how far it is from the baseline on the same queries. difference with low and high (95 %),
    effect (see `effect_size`), p of the paired randomisation test, p Holm over the rows that have a p, wins, ties,
    losses, detectable (the smallest true difference that this test, corrected by Holm, finds in 80 % of such samples)
    and n; per unit of traffic also effective (the effective number of queries).

    Neither the baseline nor what is not `tested` has a p, nor anything beside a random order. family: how many
    comparisons Holm corrects for where the rows are not all of them.
    """
    traffic = methods[baseline].report.traffic
    values = np.stack([method.values(measure) for method in methods])
    differences = values - values[baseline]
    tested = np.array([method.tested and methods[baseline].tested for method in methods])
    tested[baseline] = False
    ps = np.full(len(methods), np.nan)
    ps[tested] = randomisation_ps(differences[tested], traffic=traffic)
    intervals = difference_intervals(differences, traffic=traffic)
    found = [outcomes(row, traffic=traffic) for row in differences]
    frame = pd.DataFrame(
        {
            "method": [method.name for method in methods],
            "difference": [defined_mean(row, traffic) for row in differences],
            "low": intervals[:, 0],
            "high": intervals[:, 1],
            "effect": [effect_size(row, traffic) for row in differences],
            "p": ps,
            "p Holm": holm(ps),
            "wins": [each.wins for each in found],
            "ties": [each.ties for each in found],
            "losses": [each.losses for each in found],
            "detectable": [
                detectable_difference(row, family or int(tested.sum()), traffic=traffic) if has_p else np.nan
                for row, has_p in zip(differences, tested, strict=True)
            ],
            "n": [each.n for each in found],
        }
    )
    frame = without_claims(frame, methods[baseline].report.chosen)
    return frame if traffic is None else frame.assign(effective=[each.worth for each in found])
