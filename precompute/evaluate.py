"""NDCG of a random order, of each signal and, where both modalities are there, of their weighted sum.

Each figure is the mean over all judged queries, with a 95 % bootstrap interval. "weighted best" takes the weight that
is best on these very queries (in-sample); "weighted cross-validated" takes each query's weight from other queries."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sqid_core.bundle import Dataset, load_bundle
from sqid_core.evaluation import (
    MetricReport,
    Run,
    dataset_curves,
    evaluate,
    evaluate_cross_validated,
    evaluate_random,
    fusion_run,
    signal_run,
    slate_columns,
)
from sqid_core.fusion import Fusion, fuse, order
from sqid_core.significance import bootstrap_interval

from . import trec

EXAMPLE = "python -m precompute evaluate data/esci --json --run-dir runs"


@dataclass(frozen=True, eq=False)
class Method:
    """A line of the table. run: None for what is no ranking (random). in_sample: its weight was chosen on them."""

    report: MetricReport
    run: Run | None = None
    image_weight: float | None = None
    in_sample: bool = False

    @property
    def name(self) -> str:
        """As in the table and the JSON."""
        return self.report.run

    def to_json(self) -> dict[str, Any]:
        """name, ndcg, ci95 and, where they say something, image_weight and in_sample; null for what is undefined."""
        low, high = bootstrap_interval(self.report.per_query["ndcg"].to_numpy())
        line: dict[str, Any] = {"name": self.name, "ndcg": _number(self.report.means["ndcg"])}
        line["ci95"] = [_number(low), _number(high)]
        if self.image_weight is not None:
            line["image_weight"] = self.image_weight
        return line | ({"in_sample": True} if self.in_sample else {})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--gains", metavar="NAME", help="the gain table (default: the bundle's first, for ESCI: paper)")
    parser.add_argument("--run-dir", type=Path, metavar="D", help="also write TREC qrels and a run file a method")


def run(args: argparse.Namespace) -> int:
    """Prints the figures; with --run-dir writes the rankings that they are of."""
    dataset = load_bundle(args.bundle)
    gains = args.gains or dataset.scale.default_gains
    dataset.scale.gains(gains)  # refuses an unknown name before anything is computed
    methods = all_methods(dataset, gains)
    result = {
        "bundle": dataset.name,
        "gains": gains,
        "queries": len(dataset.queries),
        "judgements": int(dataset.judgements.lengths.sum()),
        "methods": [method.to_json() for method in methods],
    }
    print(json.dumps(result, indent=1) if args.json else table(result, methods))
    if args.run_dir:
        _write_runs(args.run_dir, dataset, gains, methods)
    return 0


def all_methods(dataset: Dataset, gains: str) -> list[Method]:
    """Random, each signal, and the fusions of the first text and the first image signal where both are there."""
    methods = [Method(evaluate_random(dataset, gains))]
    for name in dataset.signals:
        ranking = signal_run(dataset, name)
        methods.append(Method(evaluate(dataset, ranking, gains), ranking))
    if dataset.signal("text") and dataset.signal("image"):
        methods += _fusions(dataset, gains)
    return methods


def _fusions(dataset: Dataset, gains: str) -> list[Method]:
    fixed = fusion_run(dataset, Fusion(image_weight=0.5), "weighted 0.5")
    curves = dataset_curves(dataset, Fusion(), gains)
    weight = curves.mean().best.weight
    best = fusion_run(dataset, Fusion(image_weight=weight), "weighted best")
    report, weights = evaluate_cross_validated(dataset, curves, gains)
    scores = fuse(slate_columns(dataset, Fusion()), Fusion(), weights[:, None])
    return [
        Method(evaluate(dataset, fixed, gains), fixed, 0.5),
        Method(evaluate(dataset, best, gains), best, weight, in_sample=True),
        Method(report, Run(report.run, order(scores))),
    ]


def table(result: dict[str, Any], methods: list[Method]) -> str:
    """The figures for reading."""
    undefined = methods[0].report.n_undefined
    lines = [
        f"{result['bundle']}: {result['queries']:,} queries, {result['judgements']:,} judgements, "
        f"gains {result['gains']}" + (f"; {undefined:,} queries without a gain are left out" if undefined else ""),
        "",
        f"{'method':<26}{'NDCG':>8}  {'95 % interval':<18}{'image weight':>12}",
    ]
    for line in result["methods"]:
        interval = " to ".join(map(_figure, line["ci95"]))
        weight = f"{line['image_weight']:.3f}" if "image_weight" in line else ""
        note = "  chosen on these queries" if line.get("in_sample") else ""
        row = f"{line['name']:<26}{_figure(line['ndcg']):>8}  {interval:<18}{weight:>12}{note}"
        lines.append(row.rstrip())
    if len(methods) == 1:
        lines += ["", "The bundle has no signals yet: python -m precompute encode adds one."]
    return "\n".join(lines)


def _write_runs(folder: Path, dataset: Dataset, gains: str, methods: list[Method]) -> None:
    trec.write_qrels(folder, dataset, gains)
    for method in methods:
        if method.run is not None:
            trec.write_run(folder, dataset, method.run)


def _number(value: float) -> float | None:
    """JSON knows no nan."""
    return None if np.isnan(value) else float(value)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
