"""NDCG of a SQID-sized test set at one weight and at 101, beside pytrec_eval and ranx on the same scores.

    python -m benchmarks.ndcg

Each tool starts from its own structures, already built, with the ranking of each weight already in the peers': they
only score it, ours fuses and sorts too, by the functions that the verb `evaluate` and the pages call. The tools take
turns, so that other work on the machine hurts all alike; of one weight the quickest run stands beside the median, as a
few milliseconds are mostly undisturbed or not at all. Goal: at least 25 times faster than pytrec_eval.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

import numpy as np
import pytrec_eval
import ranx

from benchmarks.sqid_like import QUERIES, SqidLike, table
from sqid_core.evaluation.reports import columns_run, evaluate
from sqid_core.ranking.fusion import Columns, Fusion, fuse
from sqid_core.ranking.ranks import order

TURNS, REPEATS, SAMPLE = 5, 4, 5
INTEGER_GAINS = 100  # the peers take whole numbers: 100, 10, 1, 0


def seconds(*works: Callable[[], object]) -> list[list[float]]:
    """Several runs of each. They take turns; in each turn a work runs once to warm up, then a few times."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(TURNS):
        for work, spent in zip(works, times, strict=True):
            work()
            for _ in range(REPEATS):
                start = time.perf_counter()
                work()
                spent.append(time.perf_counter() - start)
    return times


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
    columns, dataset = data.columns(fusion), data.dataset()
    weights = np.linspace(0, 1, 101)

    def our_ndcg(some: Iterable[float]) -> list[np.ndarray]:
        runs = (columns_run("fused", columns, fusion, w) for w in some)
        return [evaluate(dataset, run, measures=("ndcg",)).per_query["ndcg"].to_numpy() for run in runs]

    ours = our_ndcg([0.5])[0]

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
    one = seconds(lambda: our_ndcg([0.5]), lambda: trec([0.5]), lambda: ranx_ndcg([0.5]))
    sampled = seconds(lambda: our_ndcg(weights), lambda: trec(sample), lambda: ranx_ndcg(sample))
    medians, least = [statistics.median(times) for times in one], [min(times) for times in one]
    many = [statistics.median(times) * factor for times, factor in zip(sampled, (1, scale, scale), strict=True)]
    rows = [
        (
            name,
            *(cell for times in (medians, least) for cell in (f"{times[i] * 1e3:.1f}", f"{times[i] / times[0]:.1f}")),
            f"{many[i] * 1e3:.0f}",
            f"{many[i] / many[0]:.1f}",
        )
        for i, name in enumerate(["SQID Explorer", "pytrec_eval", "ranx"])
    ]
    print(table(("", "1 weight, ms", "ratio", "quickest, ms", "ratio", "101 weights, ms", "ratio"), rows))


if __name__ == "__main__":
    main()
