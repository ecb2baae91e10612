"""What a learned ranking rests on: by feature group, and what the pictures add to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..evaluation.comparisons import RunComparison, run_comparison
from ..evaluation.intervals import difference_intervals
from ..evaluation.metrics import defined_mean
from ..types import Bools, Floats, Positions, Rows
from .features import Features, reads_pictures
from .one_weight import ndcg_of
from .out_of_fold import Fitted, anew, fold_models, held_out_scores
from .protocol import Examples, Learner, Model

REPEATS = 3


def importance(
    dataset: Dataset, models: Sequence[Model], examples: Examples, folds: Rows, seed: int = 0
) -> pd.DataFrame:
    """A row a feature group, the most important first. loss with low and high (95 %): how much NDCG falls where the
    group's columns are exchanged between the products of a slate, all together, three times, and the model of the fold
    scores what results; gain with gain low and gain high: its share of what all splits took off the loss, the mean,
    the lowest and the highest of the folds' models; nan for learners without splits.

    Groups that say the same stand in for each other: none of them then has a loss.
    """
    whole = _ndcg(dataset, held_out_scores(models, examples, folds))
    groups = list(dict.fromkeys(examples.features.groups))
    rng, losses = np.random.default_rng(seed), np.zeros((len(groups), len(whole)))
    for _ in range(REPEATS):
        order = _within_slates(examples, rng)
        for row, group in enumerate(groups):
            exchanged = _exchanged(examples, examples.features.of({group}), order)
            losses[row] += (whole - _ndcg(dataset, held_out_scores(models, exchanged, folds))) / REPEATS
    intervals = difference_intervals(losses, traffic=dataset.traffic)
    shares = _gain_shares(models, examples.features, groups)
    frame = pd.DataFrame(
        {
            "group": groups,
            "loss": [defined_mean(row, dataset.traffic) for row in losses],
            "low": intervals[:, 0],
            "high": intervals[:, 1],
            "gain": shares.mean(axis=0),
            "gain low": shares.min(axis=0),
            "gain high": shares.max(axis=0),
        }
    )
    return frame.sort_values("loss", ascending=False, kind="stable", ignore_index=True)


def _ndcg(dataset: Dataset, scores: Floats) -> Floats:
    padded = np.full(dataset.judgements.rows.shape, np.nan)
    padded[dataset.judgements.mask] = scores
    return ndcg_of(dataset, padded)


def _within_slates(examples: Examples, rng: np.random.Generator) -> Positions:
    """(P,) for each pair another of its slate, each once."""
    queries = examples.slates.queries
    return np.lexsort((rng.random(len(queries)), queries))


def _exchanged(examples: Examples, columns: Bools, order: Positions) -> Examples:
    """With some columns (F,) of other products of the slate."""
    values = examples.features.values.copy()
    values[:, columns] = examples.features.values[order][:, columns]
    return replace(examples, features=replace(examples.features, values=values))


def _gain_shares(models: Sequence[Model], features: Features, groups: Sequence[str]) -> Floats:
    """(models, groups) of what the splits of all features took off the loss."""
    found = [model.gain() for model in models]
    gains = np.stack([np.full(len(features.names), np.nan) if each is None else each for each in found])
    totals = gains.sum(axis=1, keepdims=True)
    shares = gains / np.where(totals > 0, totals, 1.0)
    found = [shares[:, features.of({group})].sum(axis=1) for group in groups]
    return np.array(found, dtype=np.float64).reshape(len(groups), len(models)).T


@dataclass(frozen=True, eq=False)
class PicturesAdd:
    """The learner without anything that reads pictures (a) against itself with it (b). pictured: the same on those
    queries alone of which every product has a picture."""

    everywhere: RunComparison = field(repr=False)
    pictured: RunComparison = field(repr=False)


def what_pictures_add(
    dataset: Dataset,
    learner: Learner,
    examples: Examples,
    gains: Floats,
    folds: Rows,
    seed: int,
    scores: Floats,
    fitted: Fitted = anew,
) -> PicturesAdd:
    """Fits the learner once more, without the features and signals that read pictures. scores: (P,) out-of-fold, with
    them. gains: (P,). folds: (Q,)."""

    def apart(name: str, fit: Callable[[], Model]) -> Model:
        return fitted(f"textual-{name}", fit)

    textual = without_pictures(examples)
    models = fold_models(learner, textual, gains, folds, seed, apart)
    a, b = _ndcg(dataset, held_out_scores(models, textual, folds)), _ndcg(dataset, scores)
    judged, pictured = dataset.judgements.lengths > 0, _pictured(examples)
    alone = run_comparison(np.where(pictured, a, np.nan), np.where(pictured, b, np.nan), judged, dataset.traffic)
    return PicturesAdd(run_comparison(a, b, judged, dataset.traffic), alone)


def without_pictures(examples: Examples) -> Examples:
    """The same as if there were no pictures."""
    slates, features = examples.slates, examples.features
    signals = {name: signal for name, signal in slates.signals.items() if signal.modality != "image"}
    kept = ~features.of([group for group in {*features.groups} if reads_pictures(group, slates.signals)])
    textual = Features(
        tuple(name for name, stays in zip(features.names, kept, strict=True) if stays),
        tuple(group for group, stays in zip(features.groups, kept, strict=True) if stays),
        features.values[:, kept],
    )
    return Examples(replace(slates, signals=signals, scores={name: slates.scores[name] for name in signals}), textual)


def _pictured(examples: Examples) -> Bools:
    """(Q,) whether every product of the slate is known to every signal that reads pictures."""
    slates, found = examples.slates, np.ones(len(examples.slates.lengths), dtype=bool)
    for name, signal in slates.signals.items():
        if signal.modality == "image":
            found[slates.queries[~np.isfinite(slates.scores[name])]] = False
    return found
