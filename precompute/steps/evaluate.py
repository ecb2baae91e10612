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
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from precompute.read import trec
from precompute.report import against_published as comparison
from precompute.report.method_rows import DEFAULT_PLANS, PLANS, Line, all_lines, intervals, line_count
from precompute.work.progress import Progress
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError

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
    lines = []
    with Progress("evaluating", line_count(chosen, plans), "methods") as progress:
        for line in all_lines(chosen, gains, plans):
            lines.append(line)
            progress.advance()
    result = {
        "bundle": dataset.name,
        "gains": gains,
        "queries": len(dataset.queries),
        "judgements": int(dataset.judgements.lengths.sum()),
        "methods": _as_json(lines),
    }
    published = _compared(chosen, gains, lines)
    if published:
        result["published"] = [row.to_json() for row in published]
    print(json.dumps(result, indent=1) if args.json else table(result, lines, published))
    if args.run_dir:
        _write_runs(args.run_dir, dataset, gains, lines)
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


def _as_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """name, ndcg, ci95 and, where they say something, image_weight and in_sample; null for what is undefined."""
    found = []
    for line, (low, high) in zip(lines, intervals(lines), strict=True):
        values: dict[str, Any] = {"name": line.name, "ndcg": _number(line.ndcg), "ci95": [_number(low), _number(high)]}
        if not np.isnan(line.method.image_weight):
            values["image_weight"] = line.method.image_weight
        found.append(values | ({"in_sample": True} if line.method.in_sample else {}))
    return found


def _compared(dataset: Dataset, gains: str, lines: Sequence[Line]) -> list[comparison.Compared]:
    ours = {line.name: line.ndcg for line in lines}
    fused = tuple(signal.name for signal in (dataset.signal("text"), dataset.signal("image")) if signal is not None)
    return comparison.compared(dataset.manifest, gains, ours, fused)


def table(result: dict[str, Any], lines: Sequence[Line], published: Sequence[comparison.Compared] = ()) -> str:
    """The figures for reading."""
    undefined = lines[0].method.report.n_undefined
    width = max(26, *(len(line.name) + 2 for line in lines))
    text = [
        f"{result['bundle']}: {result['queries']:,} queries, {result['judgements']:,} judgements, "
        f"gains {result['gains']}" + (f"; {undefined:,} queries without a gain are left out" if undefined else ""),
        "",
        f"{'method':<{width}}{'NDCG':>8}  {'95 % interval':<18}{'image weight':>12}",
    ]
    for values, line in zip(result["methods"], lines, strict=True):
        interval = " to ".join(map(_figure, values["ci95"]))
        weight = f"{values['image_weight']:.3f}" if "image_weight" in values else ""
        row = f"{line.name:<{width}}{_figure(values['ndcg']):>8}  {interval:<18}{weight:>12}  {line.note}"
        text.append(row.rstrip())
    if not any(line.method.run for line in lines):
        text += ["", "The bundle has no signals yet: python -m precompute encode adds one."]
    if published:
        text += ["", comparison.table(published)]
    return "\n".join(text)


def _write_runs(folder: Path, dataset: Dataset, gains: str, lines: Sequence[Line]) -> None:
    trec.write_qrels(folder, dataset, gains)
    for line in lines:
        if line.method.run is not None:
            trec.write_run(folder, dataset, replace(line.method.run, name=line.name))


def _number(value: float) -> float | None:
    """JSON knows no nan."""
    return None if np.isnan(value) else float(value)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
