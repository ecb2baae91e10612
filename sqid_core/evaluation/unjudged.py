"""What a ranking is worth where some of it was never judged: readings, shares and residuals. Undefined is nan."""

from __future__ import annotations

import numpy as np

from ..types import Bools, Floats
from .metrics import ndcg, over

# The chance that somebody who looked at a product looks at the next one too (Moffat & Zobel 2008): five products.
PERSISTENCE = 0.8


def ndcg_readings(ranked: Floats, judged: Floats, best_gain: float, k: int | None = None) -> tuple[Floats, Floats]:
    """NDCG if every unjudged product in the ranking were worth nothing, and if every one had the best gain.

    ranked: (..., C) gain at each rank, nan where unjudged. judged: (..., J) gains of all judged products.
    Both are nan where no judged product has a gain. The second ideal holds the unjudged products too, so neither value
    exceeds 1, and the first can exceed the second: an unjudged product that is good also raises what could have been
    reached. So they are two readings, and no bounds.
    """
    cut = ranked[..., :k]
    hopeful = np.where(np.isnan(cut), best_gain, cut)
    found = np.where(np.isnan(cut), best_gain, 0.0)
    lower = ndcg(np.nan_to_num(cut, nan=0.0), judged, k)
    upper = ndcg(hopeful, np.concatenate([judged, found], axis=-1), k)
    return lower, np.where(np.isnan(lower), np.nan, upper)


def judged_share(judged: Bools, mask: Bools, k: int | None = None) -> Floats:
    """(...,) share of the first k ranked products that were judged (judged@k); nan for an empty ranking."""
    ranked = mask[..., :k].sum(axis=-1).astype(np.float64)
    return over((judged & mask)[..., :k].sum(axis=-1).astype(np.float64), ranked)


def rank_biased_precision(
    relevant: Bools, judged: Bools, k: int | None = None, persistence: float = PERSISTENCE
) -> tuple[Floats, Floats]:
    """Rank-biased precision of the first k products and its residual (Moffat & Zobel 2008): (1 - p) times the sum of
    p^(rank - 1) over the relevant products, and over all that is not known, the unjudged ones and all behind the k.
    With every label known RBP is between the value and the value plus the residual.

    relevant, judged: (..., C) in rank order; what was not judged is not relevant.
    """
    cut, known = relevant[..., :k] & judged[..., :k], judged[..., :k]
    weights = (1 - persistence) * persistence ** np.arange(cut.shape[-1])
    return cut @ weights, 1 - known @ weights
