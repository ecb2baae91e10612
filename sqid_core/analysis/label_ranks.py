"""Which labels stand at which rank, and where a worse label displaces the best one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..bundle.traffic import counted_by
from ..evaluation.reports import Run
from ..types import Bools, Floats, Positions

# A rank that fewer queries reach has no shares worth drawing.
LEAST_QUERIES = 5


@dataclass(frozen=True, eq=False)
class LabelRanks:
    """Of one run. counts: (R,) queries that reach each rank. shares: (R, L) share of each label among them. displaced:
    (R, L) share of queries where the label stands at the rank while a product with the best label comes later. Shares
    are of the traffic where the data set is read so."""

    counts: Positions = field(repr=False)
    shares: Floats = field(repr=False)
    displaced: Floats = field(repr=False)


def label_ranks(dataset: Dataset, run: Run, deepest: int | None = None) -> LabelRanks:
    """Over the queries that have judged products. deepest: the last rank, by default the deepest slate's."""
    judgements, labels = dataset.judgements, len(dataset.scale.names)
    ranked = np.take_along_axis(judgements.labels, run.order, axis=1)
    depth = min(deepest or ranked.shape[1], ranked.shape[1])
    best = ranked == 0
    # Best labels behind each rank: all less those up to it.
    later = best.sum(axis=1, keepdims=True) - np.cumsum(best, axis=1) > 0
    asked, weights = counted_by(np.where(judgements.lengths > 0, 1.0, np.nan), dataset.traffic)
    reached = (ranked[:, :depth] >= 0) & ~np.isnan(asked)[:, None]
    counts = reached.sum(axis=0)
    at = (ranked[:, :depth, None] == np.arange(labels)) & reached[:, :, None]

    def share(found: Bools) -> Floats:
        if weights is None:
            return np.asarray(found.sum(axis=0) / counts[:, None])
        return np.asarray(np.einsum("qrl,q->rl", found, weights) / (weights @ reached)[:, None])

    with np.errstate(invalid="ignore", divide="ignore"):
        shares, displaced = share(at), share(at & later[:, :depth, None])
    displaced[:, 0] = 0.0
    return LabelRanks(counts, shares, displaced)


def label_rank_frame(found: LabelRanks, names: tuple[str, ...]) -> pd.DataFrame:
    """One row a rank and label: rank, label, queries, share, displaced. Ranks of fewer than five queries are left out,
    unless no rank has more."""
    enough = found.counts >= min(LEAST_QUERIES, int(found.counts.max(initial=0)))
    ranks = np.flatnonzero(enough & (found.counts > 0))
    return pd.DataFrame(
        {
            "rank": np.repeat(ranks + 1, len(names)),
            "label": np.tile(np.array(names, dtype=object), len(ranks)),
            "queries": np.repeat(found.counts[ranks], len(names)),
            "share": found.shares[ranks].ravel(),
            "displaced": found.displaced[ranks].ravel(),
        }
    )
