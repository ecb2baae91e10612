"""What fusing adds where there is a picture and where there is none: by product, and by query."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..bundle.judgements import Judgements
from ..evaluation.exchange import exchange_p
from ..evaluation.intervals import difference_intervals
from ..evaluation.metrics import defined_mean, discounts, ideal_dcg
from ..evaluation.reports import Run
from ..evaluation.significance import holm, outcomes, randomisation_ps
from ..types import Bools, Floats


def product_shares(before: Run, after: Run, judgements: Judgements, gains: Floats, chosen: Bools) -> Floats:
    """(Q,) the part of each query's difference in NDCG that some products make, by the ranks that they gain or lose;
    nan where NDCG is. With the part of all other products it is the difference.

    gains: (Q, C), 0 at padding. chosen: (Q, C) which products.
    """
    moved = _discounts(after, judgements.mask) - _discounts(before, judgements.mask)
    ideal = ideal_dcg(gains)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(ideal > 0, (gains * moved * chosen).sum(axis=1) / ideal, np.nan)


def _discounts(run: Run, mask: Bools) -> Floats:
    """(Q, C) the discount of each product's rank, by its position in the slate; 0 at padding."""
    width = mask.shape[1]
    ranked = np.arange(width) < mask.sum(axis=1, keepdims=True)
    found = np.zeros(mask.shape)
    rows = np.broadcast_to(np.arange(len(mask))[:, None], mask.shape)
    found[rows[ranked], run.order[ranked]] = np.broadcast_to(discounts(width), mask.shape)[ranked]
    return found


def conditional_gain(
    before: Run,
    after: Run,
    judgements: Judgements,
    gains: Floats,
    pictured: Bools,
    traffic: Floats | None = None,
) -> tuple[pd.DataFrame, float]:
    """Rows: products with and without a picture, queries all of whose products have one, and the others. Columns: what,
    n (products or queries), gain (mean difference in NDCG; of products: their part of it, over all queries), low and
    high (95 %), p (paired randomisation), p Holm, wins and losses. And p of whether the gains of the two groups of
    queries differ (their queries exchanged at random).

    gains: (Q, C), 0 at padding. pictured: (Q, C) which products have a picture. traffic: (Q,) how much each query and
    its products count; adds effective, the effective number of queries of each row.
    """
    mask = judgements.mask
    having, lacking = pictured & mask, ~pictured & mask
    with_picture, without = (product_shares(before, after, judgements, gains, each) for each in (having, lacking))
    difference, whole = with_picture + without, ~lacking.any(axis=1)
    groups = np.where(whole, difference, np.nan), np.where(whole, np.nan, difference)
    rows = np.stack([with_picture, without, *groups])
    ps = randomisation_ps(rows, traffic=traffic)
    intervals = difference_intervals(rows, traffic=traffic)
    found = [outcomes(each, traffic=traffic) for each in rows]
    frame = pd.DataFrame(
        {
            "what": [
                "products with a picture",
                "products without",
                "queries where all have one",
                "queries where one is missing",
            ],
            "n": [int(having.sum()), int(lacking.sum()), *(each.n for each in found[2:])],
            "gain": [defined_mean(each, traffic) for each in rows],
            "low": intervals[:, 0],
            "high": intervals[:, 1],
            "p": ps,
            "p Holm": holm(ps),
            "wins": [each.wins for each in found],
            "losses": [each.losses for each in found],
        }
    )
    if traffic is not None:
        frame["effective"] = [each.worth for each in found]
    return frame, exchange_p(*groups, traffic=traffic)
