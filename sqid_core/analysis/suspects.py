"""Suspect labels: judged pairs that both signals contradict, ordered by what they cost in NDCG.

A pair is contradicted where both signals would score higher if its product were moved in the same direction: a product
with a good label that both rank low, or one with a bad label that both rank high. Its cost in a ranking is what NDCG
would gain if this one product stood at the place that is best for NDCG; the pair's cost is the smaller of the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.metrics import discounts, ideal_dcg
from ..evaluation.reports import scores_run
from ..evaluation.slate_scores import SlateScores, slate_scores
from ..types import Floats

_BLOCK = 1 << 21
# A cost below this is rounding.
_NOTHING = 1e-9


@dataclass(frozen=True, eq=False)
class Moves:
    """What moving one product of a ranking alone could gain in DCG, each (Q, R) by its rank. up, down: the most that a
    place above or below gives, 0 where none does."""

    up: Floats = field(repr=False)
    down: Floats = field(repr=False)


def moves(ranked: Floats) -> Moves:
    """ranked: (Q, R) gain at each rank, padding behind with 0. The others keep their order and close the gap."""
    queries, length = ranked.shape
    up, down = np.zeros(ranked.shape), np.zeros(ranked.shape)
    block = max(1, _BLOCK // max(length * length, 1))
    for start in range(0, queries, block):
        part = slice(start, start + block)
        gain = _gains_of_moves(ranked[part])
        above = np.tril(np.ones((length, length), dtype=bool), -1)
        up[part] = np.where(above, gain, 0.0).max(axis=2, initial=0.0)
        down[part] = np.where(above.T, gain, 0.0).max(axis=2, initial=0.0)
    return Moves(up, down)


def _gains_of_moves(ranked: Floats) -> Floats:
    """(q, R, R) change in DCG when the product at rank r (second axis) moves to rank t (third axis)."""
    length = ranked.shape[1]
    d = discounts(length + 1)
    # A product that steps back a rank, or forward one, changes by its gain times the step in the discount.
    back = np.cumsum(ranked * (d[1:] - d[:-1]), axis=1)
    forward = np.cumsum(ranked * np.concatenate([[0.0], d[: length - 1] - d[1:length]]), axis=1)
    before_back = np.concatenate([np.zeros((len(ranked), 1)), back[:, :-1]], axis=1)
    own = ranked[:, :, None] * (d[None, None, :length] - d[None, :length, None])
    # Moved up to t: those from t to r - 1 step back. Moved down to t: those from r + 1 to t step forward.
    moved_up = before_back[:, :, None] - before_back[:, None, :]
    moved_down = forward[:, None, :] - forward[:, :, None]
    is_above = np.arange(length)[None, :] < np.arange(length)[:, None]
    return own + np.where(is_above, moved_up, moved_down)


def suspect_labels(
    dataset: Dataset, gains: str | None = None, most: int = 200, scores: SlateScores | None = None
) -> pd.DataFrame:
    """The pairs with the highest cost among those that both signals score: a product without a picture is last in the
    image ranking, but no picture contradicts its label.

    Columns: query, product (row numbers), label (position), text_rank, image_rank, judged, cost_text, cost_image, cost
    (the smaller one), should ("higher" or "lower": where its label would have it). scores: see `slate_columns`.

    Raises InputError unless there are a text and an image signal.
    """
    text, image = dataset.both_signals
    judgements = dataset.judgements
    judged = judgements.gains(dataset.scale.gains(gains))
    ideal = np.where(judged.any(axis=1), ideal_dcg(judged), np.nan)[:, None]
    both = (slate_scores(judgements, text, image) if scores is None else scores).both
    found = []
    for values in both:
        order = scores_run("", values, judgements).order
        moved = moves(np.take_along_axis(judged, order, axis=1))
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
        up, down = (np.take_along_axis(array, ranks, axis=1) / ideal for array in (moved.up, moved.down))
        found.append((up, down, ranks))
    (text_up, text_down, text_ranks), (image_up, image_down, image_ranks) = found
    higher, lower = np.minimum(text_up, image_up), np.minimum(text_down, image_down)
    scored = np.logical_and(*map(np.isfinite, both))
    cost = np.where(judgements.mask & scored, np.nan_to_num(np.maximum(higher, lower)), 0.0)
    flat = np.argsort(-cost, axis=None, kind="stable")[:most]
    query, place = np.unravel_index(flat[cost.ravel()[flat] > _NOTHING], cost.shape)
    wants_up = higher[query, place] >= lower[query, place]

    def at(of_up: Floats, of_down: Floats) -> Floats:
        return np.where(wants_up, of_up[query, place], of_down[query, place])

    return pd.DataFrame(
        {
            "query": query,
            "product": judgements.rows[query, place],
            "label": judgements.labels[query, place].astype(int),
            "text_rank": text_ranks[query, place] + 1,
            "image_rank": image_ranks[query, place] + 1,
            "judged": judgements.lengths[query],
            "cost_text": at(text_up, text_down),
            "cost_image": at(image_up, image_down),
            "cost": cost[query, place],
            "should": np.where(wants_up, "higher", "lower"),
        }
    )
