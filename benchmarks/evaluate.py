"""NDCG of a SQID-sized test set at one weight and at 101, beside pytrec_eval and ranx on the same scores.

    python -m benchmarks.evaluate

Each tool starts from its own structures, already built, with the ranking of each weight already in the peers': they
only score it, ours fuses and sorts too. Goal: at least 10 times faster than either.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

import numpy as np
import pytrec_eval
import ranx

from benchmarks.sqid_like import QUERIES, SqidLike, table
from sqid_core.buckets import buckets, ndcg_at
from sqid_core.fusion import Columns, Fusion, fuse, order

REPEATS, SAMPLE = 5, 5
INTEGER_GAINS = 100  # the peers take whole numbers: 100, 10, 1, 0


def seconds(work: Callable[[], object]) -> float:
    """Median of several runs after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def as_dicts(data: SqidLike, values: np.ndarray) -> dict[str, dict[str, int]]:
    """What the peers read: a number for each query and judged product."""
    return {str(q): {str(c): values[q, c].item() for c in np.flatnonzero(data.mask[q])} for q in range(len(values))}


def descending(columns: Columns, fusion: Fusion, image_weight: float) -> np.ndarray:
    """(Q, C) our own order as whole numbers: pytrec_eval compares scores as float32 and breaks ties its own way."""
    positions = order(fuse(columns, fusion, image_weight))
    places = np.empty_like(positions)
    np.put_along_axis(places, positions, np.arange(positions.shape[1], 0, -1)[None], axis=1)
    return places


def main() -> None:
    data, fusion = SqidLike(), Fusion()
    columns = data.columns(fusion)
    weights = np.linspace(0, 1, 101)

    parts = buckets(columns, data.gains)
    ours = ndcg_at(parts, fusion, 0.5, QUERIES)

    # Peers are timed on a sample of the 101 weights, since each of their runs takes memory of its own.
    sample = list(weights[:: 100 // SAMPLE])
    qrels = as_dicts(data, np.rint(data.gains * INTEGER_GAINS).astype(int))
    runs = {w: as_dicts(data, descending(columns, fusion, w)) for w in [0.5, *sample]}
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg"})
    ranx_qrels = ranx.Qrels(qrels)
    ranx_runs = {w: ranx.Run(run) for w, run in runs.items()}

    def trec(some: Iterable[float]) -> list[dict]:
        return [evaluator.evaluate(runs[w]) for w in some]

    def ranx_ndcg(some: Iterable[float]) -> list[np.ndarray]:
        return [ranx.evaluate(ranx_qrels, ranx_runs[w], "ndcg", return_mean=False) for w in some]

    theirs = trec([0.5])[0]
    defined = ~np.isnan(ours)
    difference = max(abs(theirs[str(q)]["ndcg"] - ours[q]) for q in np.flatnonzero(defined))
    print(f"{QUERIES} queries, {data.mask.sum()} judgements; largest difference from pytrec_eval {difference:.1e}\n")
    scale = len(weights) / len(sample)
    one = (
        seconds(lambda: ndcg_at(parts, fusion, 0.5, QUERIES)),
        seconds(lambda: trec([0.5])),
        seconds(lambda: ranx_ndcg([0.5])),
    )
    many = (
        seconds(lambda: [ndcg_at(parts, fusion, w, QUERIES) for w in weights]),
        seconds(lambda: trec(sample)) * scale,
        seconds(lambda: ranx_ndcg(sample)) * scale,
    )
    rows = [
        (name, f"{one[i] * 1e3:.1f}", f"{one[i] / one[0]:.1f}", f"{many[i] * 1e3:.0f}", f"{many[i] / many[0]:.1f}")
        for i, name in enumerate(["SQID Explorer", "pytrec_eval", "ranx"])
    ]
    print(table(("", "1 weight, ms", "ratio", "101 weights, ms", "ratio"), rows))


if __name__ == "__main__":
    main()
