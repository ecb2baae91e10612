"""Scores of every pair by a model that never saw its query, and the model of all queries for texts that people type."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..types import Floats, Rows
from .protocol import Examples, Learner, Model

# Gives the model of this name, which the function fits where there is none yet.
Fitted = Callable[[str, Callable[[], Model]], Model]


def anew(_: str, fit: Callable[[], Model]) -> Model:
    """Fits it."""
    return fit()


def fold_models(
    learner: Learner, examples: Examples, gains: Floats, folds: Rows, seed: int, fitted: Fitted = anew
) -> list[Model]:
    """One model a fold, fitted on the queries of all others. gains: (P,). folds: (Q,) from 0."""

    def fit(fold: int) -> Model:
        others = np.flatnonzero(folds != fold)
        return learner.fit(examples.take(others), gains[np.isin(examples.slates.queries, others)], seed)

    return [fitted(f"fold-{fold}.safetensors", lambda fold=fold: fit(fold)) for fold in range(int(folds.max()) + 1)]  # type: ignore[misc]


def held_out_scores(models: Sequence[Model], examples: Examples, folds: Rows) -> Floats:
    """(P,) each query's by the model of its fold."""
    scores = np.full(len(examples.slates.rows), np.nan)
    for fold, model in enumerate(models):
        queries = np.flatnonzero(folds == fold)
        scores[np.isin(examples.slates.queries, queries)] = model.scores(examples.take(queries))
    return scores
