"""Build an HNSW index for each signal of a bundle, and measure what it loses against exact search.

Recall@10 and @100 and the loss in NDCG go into the manifest. The app works without an index: it then searches exactly.
Only --threads 1 gives the same bytes on every run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precompute.work.progress import Progress
from sqid_core.bundle.load import Dataset, load_bundle, load_index
from sqid_core.bundle.signals import DenseSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.metrics import ndcg
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed
from sqid_core.indexes.protocol import Hits, recall
from sqid_core.sampling import even_sample

EXAMPLE = "python -m precompute index data/esci --m 16 --ef-construction 200 --ef 64"
KS = (10, 100)
# Enough for three digits of recall, a few seconds at 164,900 products. The manifest says how many were used.
MOST_QUERIES = 1000
# hnswlib takes more than 10,000 links for 10,000.
_RANGES = {"m": (2, 10_000), "ef_construction": (1, 1_000_000), "ef": (1, 1_000_000), "queries": (0, 1_000_000)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--m", type=int, default=16, help="links of a node (default 16)")
    parser.add_argument("--ef-construction", type=int, default=200, metavar="N", help="care in building (default 200)")
    parser.add_argument("--ef", type=int, default=64, help="care in searching (default 64)")
    parser.add_argument("--threads", type=int, default=-1, metavar="N", help="default: all cores")
    parser.add_argument(
        "--queries",
        type=int,
        default=MOST_QUERIES,
        metavar="N",
        help=f"measure on so many judged queries, evenly chosen (default {MOST_QUERIES}); 0 for all",
    )


def run(args: argparse.Namespace) -> int:
    """Indexes every signal that has vectors; one that is indexed with the same numbers is left as it is."""
    _check_arguments(args)
    dataset = load_bundle(args.bundle)
    signals = [signal for signal in dataset.signals.values() if isinstance(signal, DenseSignal)]
    if not signals:
        raise InputError(f"{args.bundle} has no signals to index; run python -m precompute encode {args.bundle} first")
    if not hnswlib_installed():
        raise InputError(
            "hnswlib is not installed, so no index was built; the app searches exactly without one: "
            "pip install hnswlib if the catalogue is large"
        )
    for signal in signals:
        if not _is_indexed(dataset, signal, args):
            _index(dataset, signal, args)
        elif not _is_measured(dataset, signal):
            _measure_again(dataset, signal, args)
        else:
            print(f"{signal.name}: indexed with these numbers already")
    return 0


def _index(dataset: Dataset, signal: DenseSignal, args: argparse.Namespace) -> None:
    """Builds, measures and stores one index: what an interruption finds finished is kept."""
    with BundleWriter(args.bundle) as writer:
        with Progress(f"{signal.name}: indexing", int(signal.present.sum()), "vectors") as progress:
            numbers = args.m, args.ef_construction, args.ef
            index = HnswIndex.build(signal.products, signal.present, *numbers, args.threads, progress.advance)
        measured = measure(index, signal, dataset, args.queries or len(dataset.queries))
        writer.write_index(signal.name, index, measured)
    print(f"{signal.name}: {len(index):,} vectors, {described(measured)}", flush=True)


def _measure_again(dataset: Dataset, signal: DenseSignal, args: argparse.Namespace) -> None:
    """The index is as it should be, but the judgements have changed since it was measured."""
    index = load_index(dataset, signal.name)
    assert index is not None
    measured = measure(index, signal, dataset, args.queries or len(dataset.queries))
    with BundleWriter(args.bundle) as writer:
        writer.write_measured(signal.name, measured)
    print(f"{signal.name}: indexed already, measured again: {described(measured)}", flush=True)


def measure(
    index: HnswIndex, signal: DenseSignal, dataset: Dataset | None = None, queries: int = MOST_QUERIES
) -> dict[str, float | int]:
    """What the index loses against exact search, over an even sample of the queries.

    recall@k: the mean share of the exact first k that it finds. With the data set, over its judged queries, also ndcg@k
    of its results, where an unjudged product is worth nothing and the ideal is of all judged products, and ndcg loss@k:
    how much higher exact search scores.
    """
    rows = _sampled_queries(signal, dataset, queries)
    vectors = np.asarray(signal.queries[rows])
    exact = ExactIndex(signal.products, signal.present).search(vectors, max(KS))
    measured: dict[str, float | int] = {}
    for k in KS:
        found, truth = index.search(vectors, k), Hits(exact.rows[:, :k], exact.scores[:, :k])
        measured[f"recall@{k}"] = round(recall(found, truth), 6)
        if dataset is not None:
            measured |= _ndcg(dataset, rows, found, truth, k)
    return measured | {"queries": len(rows)}


def described(measured: Mapping[str, float | int]) -> str:
    """What was measured, for reading."""
    # Adding 0 takes the sign from a loss of -0.0000.
    parts = [f"{name} {round(value, 4) + 0:.4f}" for name, value in measured.items() if name != "queries"]
    return f"{', '.join(parts)} against exact search, on {measured['queries']:,} queries"


def _sampled_queries(signal: DenseSignal, dataset: Dataset | None, most: int) -> npt.NDArray[np.int64]:
    judged = np.arange(len(signal.queries)) if dataset is None else np.flatnonzero(dataset.judgements.lengths > 0)
    return judged[even_sample(len(judged), most)]


def _ndcg(dataset: Dataset, rows: npt.NDArray[np.int64], found: Hits, exact: Hits, k: int) -> dict[str, float]:
    """Empty where no query has a gain."""
    table = dataset.scale.gains()
    judged = dataset.judgements.gains(table)[rows]
    approximate, best = (
        ndcg(dataset.judgements.gains_of(rows, hits.rows, table), judged, k) for hits in (found, exact)
    )
    if np.isnan(best).all():
        return {}
    loss = float(np.nanmean(best - approximate))
    return {f"ndcg@{k}": round(float(np.nanmean(approximate)), 6), f"ndcg loss@{k}": round(loss, 6)}


def _check_arguments(args: argparse.Namespace) -> None:
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(args, name) <= most:
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} must be between {least:,} and {most:,}, got {getattr(args, name)}")
    if args.threads < 1 and args.threads != -1:
        raise InputError(f"--threads must be at least 1, or -1 for all cores, got {args.threads}")


def _is_indexed(dataset: Dataset, signal: DenseSignal, args: argparse.Namespace) -> bool:
    """Whether there is an index with these numbers."""
    index = dataset.manifest.signals[signal.name].index
    wanted = (args.m, args.ef_construction, args.ef)
    return index is not None and tuple(index["spec"][name] for name in ("m", "ef_construction", "ef")) == wanted


def _is_measured(dataset: Dataset, signal: DenseSignal) -> bool:
    """Whether all was measured that is measured today, on the judgements of today."""
    index = dataset.manifest.signals[signal.name].index
    return index is not None and all(f"recall@{k}" in index["measured"] for k in KS)
