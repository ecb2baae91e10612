"""How often the corrected mean of a bundle, estimated from pairs that were drawn by chance, holds the mean under the
right labels.

    python -m tests.pair_simulations --sets 700

One bundle of 600 queries a share of wrong labels, drawn from again and again. Prints a line a size of the book and
mean, and ends with 1 where one is not 95 % ± 2 %, beyond two standard errors; see docs/decisions/0039.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import numpy as np

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.judging.books import Book
from sqid_core.judging.corrected import corrected_means
from sqid_core.judging.drawn import slots
from sqid_core.judging.samples import drawn_pairs
from tests.noise import knowing_dataset

QUERIES, SEED = 600, 5
SIZES = {0.1: (1_200, 1_800), 0.2: (650, 1_000)}


def with_errors(truth: Dataset, share: float) -> Dataset:
    """The same bundle, so many of whose labels are another one."""
    rng, labels = np.random.default_rng(0), truth.judgements.labels
    wrong = (rng.random(labels.shape) < share) & truth.judgements.mask
    count = len(truth.scale.names)
    other = (labels + rng.integers(1, count, labels.shape)) % count
    found = np.where(wrong, other, labels).astype(np.int8)
    return replace(truth, judgements=replace(truth.judgements, labels=found))


def means(dataset: Dataset) -> dict[str, float]:
    """Each signal's NDCG, and their difference."""
    text, image = (
        evaluate(dataset, run_of(dataset, name), measures=("ndcg",)).means["ndcg"] for name in dataset.signals
    )
    return {"text": text, "image": image, "image − text": image - text}


def coverage(truth: Dataset, published: Dataset, count: int, sets: int) -> dict[str, tuple[float, float, float]]:
    """held (of the intervals given), given, bias of each mean."""
    wanted, runs = means(truth), {name: run_of(published, name) for name in published.signals}
    names = np.array(truth.scale.names, dtype=object)
    ends = {what: np.full((sets, 3), np.nan) for what in wanted}
    for seed in range(sets):
        drawn = drawn_pairs(published, count, seed)
        query, place = slots(published, drawn.pairs)
        said = drawn.pairs[["query_id", "product_id"]].assign(label=names[truth.judgements.labels[query, place]])
        book = Book("b", "b", "noise", "f", drawn.source, drawn.by_chance)
        acts = said.assign(book="b")
        found = corrected_means(published, book, drawn.pairs, acts, lambda acts: acts, runs).table.set_index("what")
        for what in wanted:
            ends[what][seed] = found.loc[what, ["low", "high", "corrected"]]
    told = {}
    for what, each in ends.items():
        given = each[~np.isnan(each[:, 0])]
        held = (given[:, 0] <= wanted[what]) & (wanted[what] <= given[:, 1])
        share = float(held.mean()) if len(given) else float("nan")
        told[what] = share, len(given) / sets, float(each[:, 2].mean()) - wanted[what]
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=700)
    sets, broken = parser.parse_args().sets, 0
    truth = knowing_dataset(QUERIES, SEED, np.full(QUERIES, 2.0), np.full(QUERIES, 1.0))
    for share, sizes in SIZES.items():
        published = with_errors(truth, share)
        for count in sizes:
            book = f"{share:4.0%} wrong, {count:5,} pairs"
            for what, (held, given, bias) in coverage(truth, published, count, sets).items():
                print(f"{book}, {what:13} {held:.3f} ({given:.2f})  bias {bias:+.4f}", flush=True)
                broken += abs(held - 0.95) > 0.02 + 2 * np.sqrt(0.95 * 0.05 / max(given * sets, 1))
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
