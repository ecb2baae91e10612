"""Methods side by side: random order, each signal, and fusions at a chosen, the best and a cross-validated weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.curves import WeightCurves, cross_validated
from ..evaluation.metrics import RankedSlates, defined_mean, expected_at_random
from ..evaluation.reports import (
    MetricReport,
    Run,
    columns_run,
    evaluate,
    fusion_run,
    query_folds,
    report,
    signal_run,
    slate_columns,
)
from ..evaluation.significance import (
    bootstrap_intervals,
    holm,
    minimum_detectable_difference,
    outcomes,
    randomisation_ps,
)
from ..evaluation.slate_scores import SlateScores
from ..ranking.fusion import Fusion
from ..types import Floats

CUTOFFS = (5, 10, 20)


@dataclass(frozen=True, eq=False)
class Method:
    """A line of the table. report: every measure of every query. run: None for what is no ranking (random).
    image_weight: one for all queries, or nan; weights: (lowest, highest) where they differ by query. in_sample: chosen
    on these queries."""

    report: MetricReport
    run: Run | None = field(default=None, repr=False)
    image_weight: float = float("nan")
    weights: tuple[float, float] | None = None
    in_sample: bool = False

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
    slates = RankedSlates(judged, dataset.scale.is_relevant(judgements.labels), judgements.mask, judged)
    values = {name: expected_at_random(name, slates) for name in measured}
    return Method(report("random order", values, dataset, gains))


def signal_method(
    dataset: Dataset, name: str, gains: str | None, measured: Sequence[str], scores: Floats | None = None
) -> Method:
    """A signal, or an imported run, alone. scores: (Q, C) the
    signal's, where they are known already."""
    run = signal_run(dataset, name, scores)
    return Method(evaluate(dataset, run, gains, measured), run)


def chosen_method(
    dataset: Dataset,
    fusion: Fusion,
    gains: str | None,
    measured: Sequence[str],
    scores: SlateScores | None = None,
) -> Method:
    """A fusion at its own weight. scores, here and below: see `slate_columns`."""
    run = fusion_run(dataset, fusion, f"{fusion_name(fusion)}, at {fusion.image_weight:g}", scores)
    return Method(evaluate(dataset, run, gains, measured), run, fusion.image_weight)


def tuned_methods(
    dataset: Dataset,
    fusion: Fusion,
    curves: WeightCurves,
    gains: str | None,
    measured: Sequence[str],
    scores: SlateScores | None = None,
) -> tuple[Method, Method]:
    """A fusion at the weight that is best on these queries (in-sample), and at weights chosen on other queries."""
    prepared, name = slate_columns(dataset, fusion, scores), fusion_name(fusion)
    weight = curves.mean().best.weight
    best = columns_run(f"{name}, best weight", prepared, fusion, weight)
    _, weights = cross_validated(curves, query_folds(dataset))
    honest = columns_run(f"{name}, cross-validated", prepared, fusion, weights[:, None])
    span = float(weights.min(initial=1.0)), float(weights.max(initial=0.0))
    return (
        Method(evaluate(dataset, best, gains, measured), best, weight, in_sample=True),
        Method(evaluate(dataset, honest, gains, measured), honest, weights=span),
    )


def fusion_name(fusion: Fusion) -> str:
    """The method and its norm where it reads one, such as `weighted scores (z-score)`."""
    return f"{fusion.method} ({fusion.norm_read})" if fusion.norm_read else fusion.method


# --- the table ---


def means_table(methods: Sequence[Method], intervals_of: Sequence[str]) -> pd.DataFrame:
    """One row a method: its name, the mean of each measure, and for those in `intervals_of` also `low` and `high`
    (`ndcg low`, `ndcg high`, ...): the 95 % bootstrap interval, from the same resamples of queries for all."""
    frame = pd.DataFrame({"method": [method.name for method in methods]})
    for measure in methods[0].report.means:
        frame[measure] = [method.report.means[measure] for method in methods]
    for measure in intervals_of:
        found = bootstrap_intervals(np.stack([method.values(measure) for method in methods]))
        frame[f"{measure} low"], frame[f"{measure} high"] = found.T
    frame["image weight"] = [method.image_weight for method in methods]
    frame["in-sample"] = [method.in_sample for method in methods]
    return frame


def differences_table(methods: Sequence[Method], baseline: int, measure: str) -> pd.DataFrame:
    """One row a method: how far it is from the baseline on the same queries. difference with low and high (95 %
    bootstrap), p of the paired randomisation test, p Holm over all rows but the baseline's, wins, ties, losses,
    detectable (the smallest true difference that this many queries find in 80 % of cases) and n."""
    values = np.stack([method.values(measure) for method in methods])
    differences = values - values[baseline]
    ps = randomisation_ps(differences)
    ps[baseline] = np.nan
    intervals = bootstrap_intervals(differences)
    found = [outcomes(row) for row in differences]
    return pd.DataFrame(
        {
            "method": [method.name for method in methods],
            "difference": [defined_mean(row) for row in differences],
            "low": intervals[:, 0],
            "high": intervals[:, 1],
            "p": ps,
            "p Holm": holm(ps),
            "wins": [each.wins for each in found],
            "ties": [each.ties for each in found],
            "losses": [each.losses for each in found],
            "detectable": [minimum_detectable_difference(row) for row in differences],
            "n": [each.n for each in found],
        }
    )
