"""Several signals mixed by their best weights: chosen on the very queries, and on the queries of other folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..bundle.load import Dataset
from ..bundle.query_folds import read_query_folds
from ..evaluation.reports import evaluate, query_folds, scores_run
from ..evaluation.signal_weights import (
    BestWeights,
    SignalColumns,
    best_weights,
    cross_validated_weights,
    signal_columns,
    signals_to_weigh,
)
from ..evaluation.validation import IN_SAMPLE, of_other_folds
from ..ranking.mixes import Mix
from ..types import Floats
from .methods import Method


@dataclass(frozen=True, eq=False)
class MixedMethods:
    """names: (S,) the signals. best: in-sample, at `weights` (S,). honest: each query at what other folds chose, which
    is `by_fold` (F, S); in-sample too where a signal was learned from these labels. reference: see `SignalColumns`."""

    names: tuple[str, ...]
    best: Method
    honest: Method
    found: BestWeights = field(repr=False)
    by_fold: Floats = field(repr=False)
    reference: str = ""

    @property
    def weights(self) -> Floats:
        """(S,) the best on these queries."""
        return self.found.weights

    def spans(self) -> list[tuple[str, float, float]]:
        """Each signal with the lowest and the highest weight that a fold chose for it."""
        ends = zip(self.by_fold.min(axis=0), self.by_fold.max(axis=0), strict=True)
        return [(name, float(low), float(high)) for name, (low, high) in zip(self.names, ends, strict=True)]


def mixed_methods(
    dataset: Dataset,
    names: Sequence[str],
    gains: str | None,
    measured: Sequence[str],
    norm: str = "z-score",
    missing: str = "zero",
) -> MixedMethods:
    """Signals or mixes at their best weights. On the folds that all learners of the bundle keep to, else on five, drawn
    once: equal texts share one. Raises InputError, see `signal_columns`."""
    signals = signal_columns(dataset, names, norm, missing, gains)
    shared = read_query_folds(dataset.folder, dataset.manifest)
    found, folds = best_weights(signals), query_folds(dataset) if shared is None else shared
    kind = of_other_folds(*signals_to_weigh(dataset, names))
    _, by_fold = cross_validated_weights(signals, folds)
    _, fold = np.unique(folds, return_inverse=True)
    title = f"mix of {len(names)} ({norm})"
    best = scores_run(f"{title}, best weights", signals.fused(found.weights), dataset.judgements)
    honest = scores_run(f"{title}, cross-validated", _fused(signals, by_fold[fold]), dataset.judgements)
    return MixedMethods(
        tuple(names),
        Method(evaluate(dataset, best, gains, measured), best, validation=IN_SAMPLE),
        Method(evaluate(dataset, honest, gains, measured), honest, validation=kind),
        found,
        by_fold,
        signals.reference,
    )


def _fused(signals: SignalColumns, weights: Floats) -> Floats:
    """(Q, C) the sum with weights (Q, S) of each query's own."""
    return np.einsum("qs,sqc->qc", weights, signals.columns)


def mix_of(names: Sequence[str], weights: Floats, norm: str) -> Mix | None:
    """The mix that some weights of signals of one modality make, None where all are 0. Rounded to thousandths."""
    parts = tuple((name, round(float(w), 3)) for name, w in zip(names, weights, strict=True) if round(float(w), 3) > 0)
    return Mix(parts, norm) if parts else None
