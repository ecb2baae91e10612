"""What another set of labels changes: each method's mean, the order of the methods, and the queries behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..evaluation.claims import without_claims
from ..evaluation.intervals import difference_intervals
from ..evaluation.metrics import defined_mean
from ..evaluation.reports import MetricReport, evaluate
from ..evaluation.run_of import run_of
from ..evaluation.run_specs import RunSpec
from ..evaluation.significance import TIE
from ..types import Floats, Positions

# By a method's name, its report under the labels before and after.
Reports = Mapping[str, tuple[MetricReport, MetricReport]]


def both_reports(
    before: Dataset, after: Dataset, runs: Sequence[RunSpec], gains: str | None = None, measure: str = "ndcg"
) -> dict[str, tuple[MetricReport, MetricReport]]:
    """The reports of some runs under both sets, by their titles."""

    def measured(dataset: Dataset, spec: RunSpec) -> MetricReport:
        return evaluate(dataset, run_of(dataset, spec), gains, (measure,))

    return {spec.title: (measured(before, spec), measured(after, spec)) for spec in runs}


def method_changes(reports: Reports, measure: str = "ndcg") -> pd.DataFrame:
    """One row a method: before and after (the means as pages show them, each over the queries that have one under its
    own labels), change with low and high (95 %, paired, over the n queries that have one under both), n, changed (how
    many of these are another), lost and won (queries that have a value only before, or only after).

    The change is not after less before where queries are lost or won.
    """
    values = {name: np.stack([each.values(measure) for each in pair]) for name, pair in reports.items()}
    rows = []
    for name, (old, new) in values.items():
        difference, traffic = new - old, reports[name][0].traffic
        low, high = difference_intervals(difference[None], traffic=traffic)[0]
        rows.append(
            {
                "method": name,
                "before": reports[name][0].means[measure],
                "after": reports[name][1].means[measure],
                "change": defined_mean(difference, traffic),
                "low": low,
                "high": high,
                "n": int((~np.isnan(difference)).sum()),
                "changed": int((np.abs(difference) > TIE).sum()),
                "lost": int((~np.isnan(old) & np.isnan(new)).sum()),
                "won": int((np.isnan(old) & ~np.isnan(new)).sum()),
            }
        )
    columns = ("method", "before", "after", "change", "low", "high", "n", "changed", "lost", "won")
    return without_claims(pd.DataFrame(rows, columns=columns), any(new.chosen for _, new in reports.values()))


def order_agreement(changes: pd.DataFrame) -> float:
    """Kendall's tau-b (Kendall 1945) of the methods' order before and after, from `method_changes`: 1 where it stays,
    -1 where it turns round; nan where fewer than two methods have means, or all of them are equal."""
    means = changes[["before", "after"]].to_numpy(dtype=np.float64)
    means = means[~np.isnan(means).any(axis=1)]
    apart = means[:, None] - means[None]
    before, after = np.moveaxis(np.where(np.abs(apart) > TIE, np.sign(apart), 0.0), -1, 0)
    pairs = np.sqrt(np.square(before).sum() * np.square(after).sum())
    return float((before * after).sum() / pairs) if pairs else float("nan")


def query_changes(before: Dataset, after: Dataset, reports: Reports, measure: str = "ndcg") -> pd.DataFrame:
    """One row a query of which a label is another, or was added or taken away, the largest change of any method first:
    query_id, query, labels (how many of its pairs changed), most (that largest change, without its sign), and a column
    a method, `change of NAME`, nan where a query has no value under one of the sets."""
    counts = changed_pairs(before.judgements, after.judgements)
    rows = np.flatnonzero(counts)
    found = {name: (new.values(measure) - old.values(measure))[rows] for name, (old, new) in reports.items()}
    most = _largest(np.stack([np.abs(each) for each in found.values()]) if found else np.empty((0, len(rows))))
    frame = pd.DataFrame(
        {
            "query_id": before.judgements.query_ids[rows],
            "query": before.queries["query"].to_numpy()[rows],
            "labels": counts[rows],
            "most": most,
        }
    )
    changes = pd.DataFrame({f"change of {name}": each for name, each in found.items()}, index=frame.index)
    whole = pd.concat([frame, changes], axis=1)
    return whole.iloc[np.argsort(-np.nan_to_num(most, nan=-1.0), kind="stable")].reset_index(drop=True)


def _largest(values: Floats) -> Floats:
    """(Q,) the largest of each column of (M, Q); nan where none is defined."""
    filled = np.where(np.isnan(values), -np.inf, values).max(axis=0, initial=-np.inf)
    return np.where(np.isfinite(filled), filled, np.nan)


def changed_pairs(before: Judgements, after: Judgements) -> Positions:
    """(Q,) how many pairs of each query have another label, or a label only before or after."""
    there = before.laid_out_as(after, np.where(before.mask, before.labels, np.nan))
    kept = ~np.isnan(there) & after.mask
    other = after.mask & (np.isnan(there) | (there != after.labels))
    return np.asarray(other.sum(axis=1) + before.lengths - kept.sum(axis=1), dtype=np.int64)
