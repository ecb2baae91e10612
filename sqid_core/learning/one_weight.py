"""What a learner has to beat: one weight between two signals, chosen for each fold on the queries of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..bundle.load import Dataset
from ..bundle.signals import Signal
from ..evaluation.cross_validation import cross_validated
from ..evaluation.curves import weight_curves
from ..evaluation.reports import evaluate, scores_run
from ..evaluation.slate_scores import slate_scores
from ..ranking.fusion import Fusion
from ..types import Floats, Rows

_FUSION = Fusion(norm="z-score")


@dataclass(frozen=True, eq=False)
class Baseline:
    """name: for people. values: (Q,) NDCG, nan where undefined."""

    name: str
    values: Floats = field(repr=False)


def one_weight(dataset: Dataset, signals: Sequence[Signal], folds: Rows) -> Baseline:
    """Of the first text and the first image signal among some, else of the first two; a signal alone needs no weight.

    folds: (Q,) those of the learners. Scores are z-scored; a product without a picture gets the average.
    """
    firsts = [next((each for each in signals if each.modality == modality), None) for modality in ("text", "image")]
    a, b = firsts if all(firsts) else [*signals[:2], None, None][:2]
    if a is None or b is None:
        alone = signals[0]
        return Baseline(f"{alone.name} alone", ndcg_of(dataset, alone.slate_scores(dataset.judgements)))
    judged = dataset.judgements
    prepared = slate_scores(judged, a, b).columns(_FUSION, judged.mask)
    curves = weight_curves(prepared, judged.gains(dataset.scale.gains()), _FUSION)
    return Baseline(f"one weight between {a.name} and {b.name}", cross_validated(curves, folds)[0])


def ndcg_of(dataset: Dataset, scores: Floats) -> Floats:
    """(Q,) NDCG of the ranking by some scores (Q, C), nan where undefined."""
    return evaluate(dataset, scores_run("scores", scores, dataset.judgements), measures=("ndcg",)).values("ndcg")
