"""LambdaMART by LightGBM: boosted trees that learn from pairs, each weighed by what swapping it does to NDCG."""

from __future__ import annotations

import numpy as np

from ..extras import needs
from ..types import Floats
from .protocol import Examples, Learner
from .trees import TreesModel, from_lightgbm, load

_EXTRA = "rankers", "lightgbm"
# One: where others compute too, two of its threads wait for each other ten times as long.
THREADS = 1
_ROUNDS = 200
_PARAMETERS = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "lambda_l2": 1.0,
    "feature_fraction": 0.8,
    # Its own NDCG differs from ours by design and is neither asked for nor shown.
    "metric": "None",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": THREADS,
    "verbosity": -1,
}


def fit(examples: Examples, gains: Floats, seed: int) -> TreesModel:
    """200 trees of 15 leaves. The labels are the ranks of the gains, their worth the gains themselves."""
    lightgbm = needs(*_EXTRA)
    worth, labels = np.unique(gains, return_inverse=True)
    longest = int(examples.slates.lengths.max(initial=1))
    parameters = _PARAMETERS | {
        "label_gain": worth.tolist(),
        "lambdarank_truncation_level": longest,
        "seed": seed,
    }
    values = examples.features.values
    counts = examples.slates.lengths[examples.slates.lengths > 0]
    data = lightgbm.Dataset(values, labels, group=counts, params=parameters, free_raw_data=False)
    booster = lightgbm.train(parameters, data, num_boost_round=_ROUNDS)
    return from_lightgbm(booster.model_to_string(), booster.feature_importance("gain").astype(np.float64))


ABOUT = "boosted trees over all features (LightGBM), fitted to NDCG"
LAMBDAMART = Learner("lambdamart", ABOUT, fit, load, needs=_EXTRA)
PRESENCE = Learner(
    "presence",
    "a control: the same trees, told only which parts a product has; what it gains, missing data gives away",
    fit,
    load,
    presence_only=True,
    needs=_EXTRA,
)
