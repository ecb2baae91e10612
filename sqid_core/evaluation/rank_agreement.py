"""How alike two runs order a slate: Kendall's tau."""

from __future__ import annotations

import numpy as np

from ..bundle.judgements import Judgements
from ..types import Bools, Floats, Rows
from .reports import Run

# Pairs compared at a time.
_BLOCK = 1 << 22


def kendall_taus(a: Run, b: Run, judgements: Judgements) -> Floats:
    """(Q,) Kendall's tau of the two orders of each slate (Kendall 1938): 1 where they are the same, -1 where one is the
    other turned round; nan for fewer than two products. Runs have no ties: equal scores were ordered by the tie rule.
    """
    taus = np.full(len(judgements), np.nan)
    for part, width in judgements.groups:
        queries = part[judgements.lengths[part] > 1]
        block = max(1, _BLOCK // max(width, 1) ** 2)
        for start in range(0, len(queries), block):
            some = queries[start : start + block]
            lengths = judgements.lengths[some, None]
            ranks = _ranks_of_b_in_a(a.order[some, :width], b.order[some, :width], np.arange(width) < lengths)
            pairs = lengths.ravel() * (lengths.ravel() - 1) / 2
            taus[some] = 1 - 2 * _inversions(ranks) / pairs
    return taus


def _ranks_of_b_in_a(a: Rows, b: Rows, mask: Bools) -> Rows:
    """(q, C) the rank in b of each product, in the order of a; padding behind, in order."""
    places = np.arange(a.shape[1])
    ranks = np.empty(a.shape, dtype=np.int64)
    # A run's padding may stand at any position: it is put where it is.
    np.put_along_axis(ranks, np.where(mask, b, places), np.broadcast_to(places, a.shape), axis=1)
    return np.where(mask, np.take_along_axis(ranks, np.where(mask, a, 0), axis=1), places)


def _inversions(ranks: Rows) -> Floats:
    """(q,) pairs that stand in the other order."""
    later = np.triu(np.ones((ranks.shape[1],) * 2, dtype=bool), 1)
    return np.asarray(((ranks[:, :, None] > ranks[:, None, :]) & later).sum(axis=(1, 2)), dtype=np.float64)
