"""Pairs for a book, and how they were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..evaluation.metrics import discounts
from ..evaluation.reports import Run
from ..types import Floats, Positions, Rows
from .books import PAIR_COLUMNS

# What was chosen by rankings says nothing of the pairs that these did not choose. Stands wherever a number of such a
# book is shown.
CHOSEN = "chosen by these rankers"


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a book is made of. source, by_chance: as of `Book`. pairs: columns `PAIR_COLUMNS`, none twice, the one to
    look at first as number 0. Their `why` tells ranks and labels: a blind book shows it when a pair is done."""

    source: str
    pairs: pd.DataFrame = field(repr=False)
    by_chance: bool = False


def pair_frame(
    dataset: Dataset,
    queries: Rows,
    products: Rows,
    why: Sequence[str],
    probability: Floats | None = None,
    stratum: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Columns `PAIR_COLUMNS`, numbered as they come. queries, products: (P,) row numbers. probability: (P,) nan if
    None."""
    columns: dict[str, Any] = {
        "number": np.arange(len(queries)),
        "query_id": dataset.judgements.query_ids[queries],
        "product_id": dataset.products["product_id"].to_numpy(dtype=object)[products],
        "probability": np.full(len(queries), np.nan) if probability is None else probability,
        "stratum": [""] * len(queries) if stratum is None else stratum,
        "why": why,
    }
    kinds: dict[str, Any] = {**PAIR_COLUMNS}
    return pd.DataFrame(columns, columns=[*kinds]).astype(kinds)


def slots(dataset: Dataset, pairs: pd.DataFrame) -> tuple[Positions, Positions]:
    """(P,) the row of each pair's query and (P,) its place in the slate; -1 for a query that is not there, and for a
    pair that is not judged. pairs: columns query_id, product_id."""
    judgements = dataset.judgements
    queries = pd.Index(judgements.query_ids).get_indexer(pd.Index(pairs["query_id"]))
    products = pd.Index(dataset.products["product_id"]).get_indexer(pd.Index(pairs["product_id"]))
    count = max(len(dataset.products), 1)
    of_query, place = np.nonzero(judgements.mask)
    # Slates ascend, so these do.
    keys = of_query * count + judgements.rows[of_query, place]
    known = (queries >= 0) & (products >= 0)
    wanted = np.where(known, queries * count + products, -1)
    found = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    judged = known & (keys[found] == wanted) if len(keys) else np.zeros(len(pairs), dtype=bool)
    return queries, np.where(judged, place[found] if len(keys) else -1, -1)


def run_ranks(judgements: Judgements, run: Run) -> Positions:
    """(Q, C) the rank of each judged product, 0 the best; C at padding and where the run does not return it."""
    length = judgements.rows.shape[1]
    ranks = np.full(judgements.rows.shape, length)
    query, rank = np.nonzero(np.arange(length) < judgements.lengths[:, None])
    ranks[query, run.order[query, rank]] = rank
    return ranks if run.returned is None else np.where(run.returned, ranks, length)


def rank_discounts(ranks: Positions, k: int | None = None) -> Floats:
    """(Q, C) the discount of each product at its rank, as of `run_ranks`; 0 where it has none, or one below the cut."""
    length = ranks.shape[1]
    by_rank = np.append(discounts(length), 0.0)
    by_rank[length if k is None else k :] = 0.0
    return np.asarray(by_rank[ranks])
