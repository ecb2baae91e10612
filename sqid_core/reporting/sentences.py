"""What a report says in words: the finding, how it was measured, and what it does not say."""

from __future__ import annotations

import numpy as np

from ..evaluation.comparisons import RunComparison
from ..evaluation.plateau import NEAR, plateau
from ..wording import counted, numbered
from .gathering import K, Report

_VERDICTS = {
    "better": "the paired randomisation test says that it is better",
    "worse": "the paired randomisation test says that it is worse",
    "open": "these queries do not tell which is better",
    "same": "no query differs",
    "few differ": "too few queries differ for a verdict",
    "few queries": "too few queries for a verdict",
    "chosen": "no verdict: rankings chose the pairs that were judged",
    "in-sample": "no verdict: in-sample, these very labels chose one of the two",
}


def finding(found: RunComparison) -> str:
    """B against A in one sentence."""
    low, high = found.interval
    sure = "" if np.isnan(low) else f" (95 % interval {low:+.4f} to {high:+.4f})"
    p = "" if np.isnan(found.p) else f", p = {found.p:.3g}" if found.p >= 0.001 else ", p < .001"
    a, b = found.names
    counts = found.outcomes
    return (
        f"{b} reaches a mean NDCG of {found.mean_b:.4f} and {a} {found.mean_a:.4f}, a difference of "
        f"{found.difference:+.4f}{sure}. Better on {numbered(counts.wins, 'queries')}, equal on {counts.ties:,}, "
        f"worse on "
        f"{counts.losses:,}; {_VERDICTS[found.verdict.kind]}{p}."
    )


def best_weights(report: Report) -> str:
    """Which image weights are best, and that they were found on these queries; "" where nothing is fused."""
    if report.curve is None or not report.curve.mean.n:
        return ""
    mean = report.curve.mean
    low, high = plateau(mean)
    exact = "exact" if mean.exact else "sampled"
    return (
        f"Image weights from {low:.2f} to {high:.2f} are within {NEAR} of the best mean NDCG, {mean.best.value:.4f} at "
        f"{mean.best.weight:.3f} ({exact}, in-sample: found on the queries that it is scored on)."
    )


def how_measured(report: Report) -> str:
    """A methods paragraph, for a paper: what was ranked, measured and tested."""
    dataset, scale = report.dataset, report.dataset.scale
    judged = int((dataset.judgements.lengths > 0).sum())
    pairs = int(dataset.judgements.lengths.sum())
    worth = ", ".join(f"{name} {gain:g}" for name, gain in zip(scale.names, scale.gains(report.gains), strict=True))
    count = "each query weighed by its traffic" if dataset.by_traffic else "each query counting alike"
    fused = ""
    if report.fusion is not None:
        text, image = (signal.name for signal in dataset.both_signals)
        fused = (
            f" Text ({text}) and image ({image}) rankings are fused by {report.fusion.rule.label.lower()}: "
            f"{report.fusion.rule.formula}, with norm {report.fusion.norm_read or 'none'} and image weight "
            f"{report.fusion.image_weight:g}."
        )
    return (
        f"We rank the judged products of {counted(judged, 'query', 'queries')} ({numbered(pairs, 'pairs')}) of "
        f"{dataset.name}, "
        f"{numbered(len(dataset.products), 'products')} in all.{fused} Gains are {worth} ({report.gains}); NDCG "
        f"is over the whole "
        f"judged list unless a cut-off is named, {count}, equal scores broken by a hash of the product’s id. For the "
        f"measures that ask whether a product is relevant, {' and '.join(scale.relevant_names)} are. Intervals "
        "are at 95 %; differences are paired by query and tested by randomising signs, corrected after Holm over the "
        "methods shown. Cross-validated weights are chosen on other queries (five folds by a hash of the query’s text, "
        f"drawn ten times); best weights are in-sample and have no test. Measures at a cut-off are at {K}."
    )
