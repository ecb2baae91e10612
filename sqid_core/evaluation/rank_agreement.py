"""How alike two runs order a slate, without labels: Kendall's tau, rank-biased overlap, overlap at k."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..bundle.judgements import Judgements
from ..types import Bools, Floats, Positions, Rows
from .reports import Run

# At .9 the first ten ranks carry 86 % of the weight.
RBO_PERSISTENCE = 0.9
# Its power of ten, for one depth.
_WEIGHTLESS = -20
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


def rank_biased_overlaps(a: Run, b: Run, judgements: Judgements, persistence: float = RBO_PERSISTENCE) -> Floats:
    """(Q,) rank-biased overlap of the two orders of each slate (Webber, Moffat & Zobel 2010), extrapolated behind its
    last product, where both hold the same: 1 where they are alike, and the first ranks count most, by persistence^d at
    depth d; nan for an empty slate.
    """
    found = np.full(len(judgements), np.nan)
    for queries, common, lengths in _common(a, b, judgements):
        found[queries] = _biased(common, lengths, persistence)
    return found


def overlaps(a: Run, b: Run, judgements: Judgements, k: int) -> Floats:
    """(Q,) the share of the first k products that both orders of a slate have there; of all where there are fewer."""
    found = np.full(len(judgements), np.nan)
    for queries, common, lengths in _common(a, b, judgements):
        found[queries] = _share(common, lengths, k)
    return found


def agreement_depth(k: int, persistence: float = RBO_PERSISTENCE) -> int:
    """How many products of each order `agreement` reads: what is deeper weighs nothing that a number could hold."""
    return max(k, int(np.ceil(_WEIGHTLESS / np.log10(persistence))))


def agreement(
    a: Positions, b: Positions, k: int, persistence: float = RBO_PERSISTENCE, count: int | None = None
) -> tuple[float, float]:
    """Rank-biased overlap of two orders (C,) of the same products, and the share of the first k that both have there:
    as above, of one query, also over a whole catalogue; nan without a product. count: how many products there are,
    where the orders are only the first `agreement_depth` of them."""
    count = len(a) if count is None else count
    if not count:
        return float("nan"), float("nan")
    depth = min(count, agreement_depth(k, persistence))
    _, of_a, of_b = np.intersect1d(a[:depth], b[:depth], assume_unique=True, return_indices=True)
    # A product is in both from the deeper of its two ranks on.
    common = np.cumsum(np.bincount(np.maximum(of_a, of_b), minlength=depth))[None]
    lengths = np.array([count])
    return float(_biased(common, lengths, persistence)[0]), float(_share(common, lengths, k)[0])


def _biased(common: Rows, lengths: Rows, persistence: float) -> Floats:
    """(q,) of how many products are in both orders at each depth (q, C)."""
    depths = np.arange(1.0, common.shape[1] + 1)
    inside = depths <= lengths[:, None]
    shares = np.where(inside, common / depths, 0.0) @ persistence**depths
    return np.asarray((1 - persistence) / persistence * shares + persistence**lengths)


def _share(common: Rows, lengths: Rows, k: int) -> Floats:
    depth = np.minimum(lengths, k)
    return np.asarray(common[np.arange(len(common)), depth - 1] / depth)


def _common(a: Run, b: Run, judgements: Judgements) -> Iterator[tuple[Rows, Rows, Rows]]:
    """Queries (q,) that have products, how many of the first d are in both orders (q, C) at depth d = 1, 2, ..., and
    the length of each slate (q,)."""
    for part, width in judgements.groups:
        queries = part[judgements.lengths[part] > 0]
        lengths = judgements.lengths[queries]
        mask = np.arange(width) < lengths[:, None]
        yield queries, _in_both(a.order[queries, :width], b.order[queries, :width], mask), lengths


def _in_both(a: Rows, b: Rows, mask: Bools) -> Rows:
    """(q, C) how many of the first d = 1, 2, ... of an order are among the first d of the other."""
    ranks = _ranks_of_b_in_a(a, b, mask)
    # A product is in both from the deeper of its two ranks on.
    deeper = np.maximum(ranks, np.arange(a.shape[1]))
    arrivals = np.bincount((deeper + np.arange(len(a))[:, None] * a.shape[1]).ravel(), minlength=a.size)
    return np.cumsum(arrivals.reshape(a.shape), axis=1)


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
