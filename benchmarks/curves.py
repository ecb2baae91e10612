"""The exact NDCG(w) of every query of a SQID-sized test set, and of their mean, beside a grid of 101 weights.

    python -m benchmarks.curves

Goal: at most .3 s for the whole set, exactly, on 2 cores.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.sqid_like import QUERIES, SqidLike, table
from sqid_core.evaluation.buckets import buckets, ndcg_at
from sqid_core.evaluation.curves import weight_curves
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.norms import NORMS


def main() -> None:
    data, rows = SqidLike(), []
    settings = [Fusion(norm=norm) for norm in NORMS] + [
        Fusion(name) for name, method in METHODS.items() if method.linear and name != Fusion.method
    ]
    for fusion in settings:
        columns = data.columns(fusion)
        start = time.perf_counter()
        curves = weight_curves(columns, data.gains, fusion)
        built = time.perf_counter()
        best = curves.mean().best
        averaged = time.perf_counter()
        parts = buckets(columns, data.gains)
        grid = [np.nanmean(ndcg_at(parts, fusion, w, QUERIES)) for w in np.linspace(0, 1, 101)]
        gridded = time.perf_counter()
        label = fusion.method + (f", {fusion.norm}" if fusion.method == "weighted scores" else "")
        times = (built - start, averaged - built, averaged - start, gridded - averaged)
        found = (f"{len(curves.starts):,}", f"{best.value:.6f}", f"{max(grid):.6f}")
        rows.append((label, *(f"{t:.2f}" for t in times), *found))
    print(f"{QUERIES} queries, {data.mask.sum()} judgements")
    header = ("", "curves, s", "mean, s", "exact, s", "grid of 101, s", "intervals", "best", "best of grid")
    print(table(header, rows))


if __name__ == "__main__":
    main()
