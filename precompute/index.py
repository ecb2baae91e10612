"""Build an HNSW index for each signal of a bundle, and measure what it loses against exact search.

The app works without: it then searches exactly. Only --threads 1 gives the same bytes on every run."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sqid_core.bundle import Dataset, load_bundle
from sqid_core.bundle_writer import BundleWriter
from sqid_core.errors import InputError
from sqid_core.indexes import ExactIndex, HnswIndex, hnswlib_installed, recall
from sqid_core.signals import DenseSignal

EXAMPLE = "python -m precompute index data/esci --m 16 --ef-construction 200 --ef 64"
K = 10
# Exact search takes some 30 ms a query at 164,900 products: a sample is enough for two digits of recall.
_MOST_QUERIES = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("bundle", type=Path, metavar="DIR", help="the bundle")
    parser.add_argument("--m", type=int, default=16, help="links of a node (default 16)")
    parser.add_argument("--ef-construction", type=int, default=200, metavar="N", help="care in building (default 200)")
    parser.add_argument("--ef", type=int, default=64, help="care in searching (default 64)")
    parser.add_argument("--threads", type=int, default=-1, metavar="N", help="default: all cores")


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
    todo = [signal for signal in signals if not _is_indexed(dataset, signal, args)]
    for name in sorted({signal.name for signal in signals} - {signal.name for signal in todo}):
        print(f"{name}: indexed with these numbers already")
    with BundleWriter(args.bundle) as writer:
        for signal in todo:
            index = HnswIndex.build(
                signal.products, signal.present, args.m, args.ef_construction, args.ef, threads=args.threads
            )
            measured = measure(index, signal)
            writer.write_index(signal.name, index, measured)
            print(
                f"{signal.name}: {len(index):,} vectors, recall@{K} {measured[f'recall@{K}']:.4f} against exact search"
            )
    return 0


def measure(index: HnswIndex, signal: DenseSignal) -> dict[str, float | int]:
    """Recall of the exact first ten, over the bundle's queries or an even sample of them."""
    count = len(signal.queries)
    rows = np.unique(np.linspace(0, count - 1, min(count, _MOST_QUERIES)).astype(np.int64))
    queries = np.asarray(signal.queries[rows])
    exact = ExactIndex(signal.products, signal.present).search(queries, K)
    return {f"recall@{K}": round(recall(index.search(queries, K), exact), 6), "queries": len(queries)}


def _check_arguments(args: argparse.Namespace) -> None:
    for name, least in (("m", 2), ("ef_construction", 1), ("ef", 1)):
        if getattr(args, name) < least:
            raise InputError(f"--{name.replace('_', '-')} must be at least {least}, got {getattr(args, name)}")
    if args.threads < 1 and args.threads != -1:
        raise InputError(f"--threads must be at least 1, or -1 for all cores, got {args.threads}")


def _is_indexed(dataset: Dataset, signal: DenseSignal, args: argparse.Namespace) -> bool:
    index = dataset.manifest.signals[signal.name].index
    wanted = (args.m, args.ef_construction, args.ef)
    return index is not None and tuple(index["spec"][name] for name in ("m", "ef_construction", "ef")) == wanted
