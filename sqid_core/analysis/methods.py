"""Methods side by side: random order, each signal, and fusions at a chosen, the best and a cross-validated weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.curves import WeightCurves, cross_validated
from ..evaluation.metrics import defined_mean, expected_random_ndcg
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
from ..ranking.fusion import FUSIONS, Fusion
from ..types import Floats, Positions

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


def measures(k: int) -> tuple[str, ...]:
    """NDCG over all, then the measures that are cut at k; NDCG first, as it says which queries are defined."""
    return ("ndcg", f"ndcg@{k}", "rr", f"precision@{k}", f"recall@{k}")


def random_method(dataset: Dataset, gains: str | None, k: int) -> Method:
    """What a random order scores in the mean over all orders, exactly; nan where nothing is judged."""
    judgements = dataset.judgements
    judged = judgements.gains(dataset.scale.gains(gains))
    relevant = dataset.scale.is_relevant(judgements.labels).sum(axis=1)
    drawn = np.minimum(judgements.lengths, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = relevant / judgements.lengths
        values = (
            expected_random_ndcg(judged, judgements.mask),
            expected_random_ndcg(judged, judgements.mask, k),
            np.where(drawn > 0, _expected_reciprocal_rank(judgements.lengths, relevant), np.nan),
            share * drawn / k,
            np.where(relevant > 0, drawn / judgements.lengths, np.nan),
        )
    return Method(report("random order", dict(zip(measures(k), values, strict=True)), dataset, gains))


def _expected_reciprocal_rank(lengths: Positions, relevant: Positions) -> Floats:
    """The mean of 1 / rank of the first of m relevant among n in random order: sum of P(first at r) / r."""
    none_yet, expected = np.ones(len(lengths)), np.zeros(len(lengths))
    for rank in range(1, int(lengths.max(initial=0)) + 1):
        left = np.maximum(lengths - rank + 1, 1)
        still = none_yet * np.clip((left - relevant) / left, 0.0, 1.0)
        expected += np.where(rank <= lengths, (none_yet - still) / rank, 0.0)
        none_yet = still
    return expected


def signal_method(
    dataset: Dataset, name: str, gains: str | None, measured: Sequence[str], scores: Floats | None = None
) -> Method:
    """A signal, or an imported run, alone. measured: the names of its measures, here and below. scores: (Q, C) the
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
    normed = FUSIONS[fusion.method].uses_norm and fusion.norm != "none"
    return f"{fusion.method} ({fusion.norm})" if normed else fusion.method


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
