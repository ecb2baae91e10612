"""Decisive pairs: whose label decides between two runs, and is likely to be wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.reports import Run
from ..types import Floats, Positions
from ..wording import counted, short
from .drawn import CHOSEN, Drawn, pair_frame
from .label_moves import pieces, stakes

# Before anybody judged: so many labels are wrong, and another label is half as likely with each step along the scale.
# What was judged of a label outweighs that from so many judgements on.
PRIOR_ERROR, PRIOR_JUDGEMENTS = 0.1, 10


def error_rates(confusion: pd.DataFrame | Positions | None, labels: int) -> Floats:
    """(L, L) how likely a pair that was published with one label (row) is another (column); 0 where it is the same.

    confusion: how often judges gave pairs with a published label (row) which label (column), as of
    `agreement.confusion`; None where nobody judged. Judged pairs are often suspects, so these rates say what to look
    at first, and are no estimate for all labels. Smoothed by a prior that is worth ten judgements of each label: one
    label in ten is wrong, and another is half as likely with each step along the scale.
    """
    distance = np.abs(np.arange(labels)[:, None] - np.arange(labels))
    nearness = np.where(distance > 0, 0.5**distance, 0.0)
    prior = PRIOR_ERROR * nearness / np.maximum(nearness.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    counts = np.zeros((labels, labels)) if confusion is None else _counts(confusion, labels)
    total = counts.sum(axis=1, keepdims=True)
    rates = (counts + PRIOR_JUDGEMENTS * prior) / (total + PRIOR_JUDGEMENTS)
    np.fill_diagonal(rates, 0.0)
    return rates


def _counts(confusion: pd.DataFrame | Positions, labels: int) -> Floats:
    """(L, L) without what could not be rated, a column behind the labels."""
    return np.asarray(confusion, dtype=np.float64)[:, :labels]


def decisive_pairs(
    dataset: Dataset,
    runs: tuple[Run, Run],
    gains: str | None = None,
    k: int | None = None,
    confusion: pd.DataFrame | Positions | None = None,
    most: int = 200,
) -> Drawn:
    """The pairs with the highest product of how far another label would move NDCG(B) - NDCG(A), either way, and of how
    likely that label is.

    runs: A and B. k: the cut-off. confusion: as of `error_rates`.
    """
    found = stakes(dataset, runs, gains, k)
    rates = error_rates(confusion, len(found.table))
    shape = found.labels.shape
    worth, move, other = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for queries, width in pieces(dataset.judgements.groups, len(found.table)):
        moves = found.moved(queries, width)
        # Padding has the last label's rates, and no move.
        each = np.abs(moves) * rates[found.labels[queries, :width]]
        best = each.argmax(axis=2)[:, :, None]
        for target, source in ((worth, each), (move, moves)):
            target[queries, :width] = np.take_along_axis(source, best, axis=2)[:, :, 0]
        other[queries, :width] = best[:, :, 0]
    flat = np.argsort(-worth, axis=None, kind="stable")[:most]
    query, place = np.unravel_index(flat[worth.ravel()[flat] > 0], shape)
    names = dataset.scale.names
    label, to = found.labels[query, place], other[query, place]
    facts = zip(label.tolist(), to.tolist(), move[query, place].tolist(), rates[label, to].tolist(), strict=True)
    why = [
        f"as {names[new]} instead of {names[old]} it would move the difference by {by:+.5f}; error rate {rate:.1%}"
        for old, new, by, rate in facts
    ]
    pairs = pair_frame(dataset, query, dataset.judgements.rows[query, place], why)
    a, b = (short(run.name) for run in runs)
    judged = confusion is not None and _counts(confusion, len(found.table)).any()
    known = "the judgements so far" if judged else "the prior alone"
    what = counted(len(pairs), "decisive pair", "decisive pairs")
    return Drawn(f"{CHOSEN}: {what} between {a} and {b}, error rates by {known}", pairs)
