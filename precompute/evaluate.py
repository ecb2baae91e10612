"""NDCG of a random order, of each signal and, where both modalities are there, of their fusions.

Each figure is the mean over all judged queries, with a 95 % bootstrap interval. "best" takes the weight that is best on
these very queries (in-sample); "cross-validated" takes each query's weight from other queries. A weight w is the
image's: fused = (1 - w) text + w image. Without --text and --image the bundle's first signals are fused.

On the whole of SQID's test set the published figures are printed beside ours; exit code 1 where they differ by more
than 0.002."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sqid_core.bundle import Dataset, load_bundle
from sqid_core.errors import InputError

from . import comparison, trec
from .methods import DEFAULT_PLANS, PLANS, Method, all_methods, intervals, method_count
from .progress import Progress

EXAMPLE = "python -m precompute evaluate data/esci --json --run-dir runs"
_FUSIONS = {name.replace(" ", "-"): name for name in PLANS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    default = ",".join(name.replace(" ", "-") for name in DEFAULT_PLANS)
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--gains", metavar="NAME", help="the gain table (default: the bundle's first, for ESCI: paper)")
    parser.add_argument("--text", metavar="NAME", help="the text signal to fuse (default: the bundle's first)")
    parser.add_argument("--image", metavar="NAME", help="the image signal to fuse (default: the bundle's first)")
    parser.add_argument(
        "--fusion", default=default, metavar="A,B", help=f"of {', '.join(_FUSIONS)} (default {default}); none for none"
    )
    parser.add_argument("--run-dir", type=Path, metavar="D", help="also write TREC qrels and a run file a method")


def run(args: argparse.Namespace) -> int:
    """Prints the figures; with --run-dir writes the rankings that they are of."""
    dataset = load_bundle(args.bundle)
    gains = args.gains or dataset.scale.default_gains
    dataset.scale.gains(gains)  # refuses an unknown name before anything is computed
    plans = _plans(args.fusion)
    chosen = _with_signals(dataset, text=args.text, image=args.image)
    methods = []
    with Progress("evaluating", method_count(chosen, plans), "methods") as progress:
        for method in all_methods(chosen, gains, plans):
            methods.append(method)
            progress.advance()
    result = {
        "bundle": dataset.name,
        "gains": gains,
        "queries": len(dataset.queries),
        "judgements": int(dataset.judgements.lengths.sum()),
        "methods": _lines(methods),
    }
    published = _compared(chosen, gains, methods)
    if published:
        result["published"] = [row.to_json() for row in published]
    print(json.dumps(result, indent=1) if args.json else table(result, methods, published))
    if args.run_dir:
        _write_runs(args.run_dir, dataset, gains, methods)
    comparison.check(published)
    return 0


def _plans(words: str) -> list[str]:
    names = [word.strip() for word in words.split(",") if word.strip() not in ("", "none")]
    unknown = [name for name in names if name not in _FUSIONS]
    if unknown:
        raise InputError(f"unknown fusion {unknown[0]!r}; choose from: {', '.join(_FUSIONS)}")
    return [_FUSIONS[name] for name in dict.fromkeys(names)]


def _with_signals(dataset: Dataset, **names: str | None) -> Dataset:
    """The data set with the named signals first of their modality. Raises InputError for one that is not there."""
    for modality, name in names.items():
        of_modality = [signal.name for signal in dataset.signals.values() if signal.modality == modality]
        if name is not None and name not in of_modality:
            known = ", ".join(of_modality) or "none"
            raise InputError(f"{dataset.folder} has no {modality} signal {name!r}; it has: {known}")
    return dataset.preferring(*(name for name in names.values() if name is not None))


def _lines(methods: Sequence[Method]) -> list[dict[str, Any]]:
    """name, ndcg, ci95 and, where they say something, image_weight and in_sample; null for what is undefined."""
    lines = []
    for method, (low, high) in zip(methods, intervals(methods), strict=True):
        line: dict[str, Any] = {"name": method.name, "ndcg": _number(method.report.means["ndcg"])}
        line["ci95"] = [_number(low), _number(high)]
        if method.image_weight is not None:
            line["image_weight"] = method.image_weight
        lines.append(line | ({"in_sample": True} if method.in_sample else {}))
    return lines


def _compared(dataset: Dataset, gains: str, methods: Sequence[Method]) -> list[comparison.Compared]:
    ours = {method.name: method.report.means["ndcg"] for method in methods}
    fused = tuple(signal.name for signal in (dataset.signal("text"), dataset.signal("image")) if signal is not None)
    return comparison.compared(dataset.manifest, gains, ours, fused)


def table(result: dict[str, Any], methods: Sequence[Method], published: Sequence[comparison.Compared] = ()) -> str:
    """The figures for reading."""
    undefined = methods[0].report.n_undefined
    width = max(26, *(len(method.name) + 2 for method in methods))
    lines = [
        f"{result['bundle']}: {result['queries']:,} queries, {result['judgements']:,} judgements, "
        f"gains {result['gains']}" + (f"; {undefined:,} queries without a gain are left out" if undefined else ""),
        "",
        f"{'method':<{width}}{'NDCG':>8}  {'95 % interval':<18}{'image weight':>12}",
    ]
    for line, method in zip(result["methods"], methods, strict=True):
        interval = " to ".join(map(_figure, line["ci95"]))
        weight = f"{line['image_weight']:.3f}" if "image_weight" in line else ""
        row = f"{line['name']:<{width}}{_figure(line['ndcg']):>8}  {interval:<18}{weight:>12}  {method.note}"
        lines.append(row.rstrip())
    if not any(method.run for method in methods):
        lines += ["", "The bundle has no signals yet: python -m precompute encode adds one."]
    if published:
        lines += ["", comparison.table(published)]
    return "\n".join(lines)


def _write_runs(folder: Path, dataset: Dataset, gains: str, methods: Sequence[Method]) -> None:
    trec.write_qrels(folder, dataset, gains)
    for method in methods:
        if method.run is not None:
            trec.write_run(folder, dataset, method.run)


def _number(value: float) -> float | None:
    """JSON knows no nan."""
    return None if np.isnan(value) else float(value)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
