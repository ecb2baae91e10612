"""What a ranking reaches that knows only which parts a product has: the control that shows leakage by missingness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..analysis.ladder import PRESENCE
from ..analysis.methods import Method
from ..bundle.load import Dataset
from ..bundle.query_folds import read_query_folds
from ..evaluation.reports import evaluate, query_folds, scores_run
from ..evaluation.validation import OUT_OF_FOLD
from ..types import Rows
from .features import GROUPS, features
from .learners import LEARNERS
from .out_of_fold import fold_models, held_out_scores
from .protocol import Examples
from .slates import judged_slates


def presence_method(dataset: Dataset, gains: str | None, measured: Sequence[str]) -> Method | None:
    """Fitted without each query's fold, those of the bundle where it has some. None where nothing teaches: no products
    of different worth outside a fold. Raises ImportError without LightGBM."""
    judgements = dataset.judgements
    worth = judgements.gains(dataset.scale.gains(gains))
    stored = read_query_folds(dataset.folder, dataset.manifest)
    folds = _numbered(query_folds(dataset) if stored is None else stored)
    mask = judgements.mask
    teaches = np.where(mask, worth, -np.inf).max(axis=1, initial=-np.inf) > np.where(mask, worth, np.inf).min(
        axis=1, initial=np.inf
    )
    if any(not teaches[folds != fold].any() for fold in range(int(folds.max(initial=0)) + 1)):
        return None
    slates = judged_slates(dataset, {})
    examples = Examples(slates, features(slates, [group for group in GROUPS.values() if group.presence]))
    models = fold_models(LEARNERS[PRESENCE], examples, worth[mask], folds, 0)
    scores = np.full(mask.shape, np.nan)
    scores[mask] = held_out_scores(models, examples, folds)
    run = scores_run(PRESENCE, scores, judgements)
    return Method(evaluate(dataset, run, gains, measured), run, validation=OUT_OF_FOLD)


def _numbered(folds: Rows) -> Rows:
    """(Q,) from 0, without gaps."""
    return np.unique(folds, return_inverse=True)[1].astype(np.int64)
