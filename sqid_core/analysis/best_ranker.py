"""What an oracle would gain that knows the best ranker of each query, beside what it gains where one is right for all.

The null is that of `shared_weight`, with any number of signals: the picture's place is taken by all that rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.metrics import dcg, defined_mean, ideal_dcg
from ..ranking.ranks import order, taken
from ..types import Bools, Floats
from .shared_weight import DRAWS, exchanged_scores
from .slate_model import slate_model

# Rankings as good as the best of a query, but for the order of additions.
_EQUAL = 1e-9
# Below any score, and above padding: ties among what has no score go by place.
_LAST = np.finfo(np.float64).min


@dataclass(frozen=True, eq=False)
class BestRanker:
    """names: (S,) of the rankers. values: (S, Q) NDCG. draws: (D, Q) the oracle's gain where one ranker is right for
    every query. traffic: (Q,) how much each query counts, all alike if None."""

    names: tuple[str, ...]
    values: Floats = field(repr=False)
    draws: Floats = field(repr=False)
    traffic: Floats | None = field(default=None, repr=False)

    @property
    def one(self) -> str:
        """The ranker with the highest mean."""
        return self.names[_best_row(self.values, self.traffic)]

    @property
    def gain(self) -> Floats:
        """(Q,) what each query's own best ranker adds to the one that is best for all: an oracle."""
        return oracle_gain(self.values, self.traffic)

    @property
    def best_mean(self) -> float:
        """The mean NDCG of each query's best ranker."""
        return defined_mean(self.values.max(axis=0), self.traffic)

    def shares(self) -> Floats:
        """(S,) of the queries on which not all rankers are equally good, the share on which each is the best; those
        that share a first place share the query."""
        best = self.values >= self.values.max(axis=0) - _EQUAL
        counts = ~best.all(axis=0) & ~np.isnan(self.values).any(axis=0)
        weights = np.ones(best.shape[1]) if self.traffic is None else self.traffic
        worth = np.where(counts, weights, 0.0) / np.maximum(best.sum(axis=0), 1)
        total = float(np.where(counts, weights, 0.0).sum())
        return (best * worth).sum(axis=1) / total if total > 0 else np.full(len(self.names), np.nan)


def oracle_gain(values: Floats, traffic: Floats | None = None) -> Floats:
    """(Q,) the highest of values (S, Q) less those of the row with the highest mean."""
    return np.asarray(values.max(axis=0) - values[_best_row(values, traffic)])


def _best_row(values: Floats, traffic: Floats | None) -> int:
    return int(np.argmax([defined_mean(each, traffic) for each in values]))


def best_ranker(
    dataset: Dataset, scores: Mapping[str, Floats], gains: str | None = None, draws: int = DRAWS
) -> BestRanker:
    """The oracle over some signals of a data set. scores: (Q, C) of each, nan where it has none. Seeds are fixed."""
    judgements = dataset.judgements
    mask, labels = judgements.mask, judgements.labels
    worth = judgements.gains(dataset.scale.gains(gains))
    unreturned = tuple(dataset.retrieval and dataset.signals[name].is_run for name in scores)
    values = _ndcgs(list(scores.values()), worth, mask, unreturned)
    model = slate_model(tuple(scores.values()), labels, mask)
    drawn = (exchanged_scores(model, labels, mask, seed)[0] for seed in range(draws))
    found = [oracle_gain(_ndcgs(each, worth, mask, unreturned), dataset.traffic) for each in drawn]
    return BestRanker(tuple(scores), values, np.stack(found), dataset.traffic)


def _ndcgs(scores: list[Floats], gains: Floats, mask: Bools, unreturned: tuple[bool, ...]) -> Floats:
    """(S, Q) NDCG of the ranking by each of some scores (Q, C), nan where a slate has no gain. What has no score comes
    last; it has no gain in a ranking of which that says that it was not returned."""
    ideal = ideal_dcg(gains)
    ideal = np.where(ideal > 0, ideal, np.nan)
    found = []
    for each, drops in zip(scores, unreturned, strict=True):
        known = mask & ~np.isnan(each)
        ranked = order(np.where(mask, np.where(known, each, _LAST), -np.inf))
        found.append(dcg(taken(np.where(known, gains, 0.0) if drops else gains, ranked)) / ideal)
    return np.stack(found)
