"""Which judged queries to look at: how hard each is, and where text and picture disagree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.chance import adjusted
from ..evaluation.metrics import ndcg
from ..evaluation.reports import evaluate_random, signal_run
from ..types import Floats, Modality, Names, Positions

DIFFICULTIES = EASY, MEDIUM, HARD = ("easy", "medium", "hard")
# "Strongly" disagreeing: the tenth of the queries with the largest gaps, and this many at least.
_STRONG_SHARE, _STRONG_LEAST = 0.1, 5


def single_ndcgs(dataset: Dataset) -> dict[Modality, Floats]:
    """(Q,) NDCG of the first text and of the first image signal alone, under the default gains; nan where undefined.

    The bundle's own order of signals counts, whatever a visitor prefers: a group of queries stays the same group.
    """
    judged = dataset.judgements.gains(dataset.scale.gains())
    found: dict[Modality, Floats] = {}
    for name, spec in dataset.manifest.signals.items():
        if spec.modality not in found:
            order = signal_run(dataset, name).order
            found[spec.modality] = ndcg(np.take_along_axis(judged, order, axis=1))
    return found


def random_ndcg(dataset: Dataset) -> Floats:
    """(Q,) the expected NDCG of a random order, under the default gains; nan where undefined."""
    return evaluate_random(dataset).values("ndcg")


def difficulties(single: Mapping[Modality, Floats], random: Floats) -> Names:
    """(Q,) one of DIFFICULTIES by the tercile of what the single signals reach of what chance leaves, in the mean
    (`adjusted`); None where that is undefined, as on a query whose products are all worth the same.

    The plain NDCG would sort queries by how many of their products are good. random: (Q,) of `random_ndcg`. Equal means
    are equally hard, so terciles of few or equal values may differ in size.
    """
    if not single:
        raise ValueError("difficulty needs a signal")
    mean = np.mean([adjusted(values, random) for values in single.values()], axis=0)
    defined = ~np.isnan(mean)
    names = np.full(len(mean), None, dtype=object)
    if defined.any():
        low, high = np.quantile(mean[defined], [1 / 3, 2 / 3])
        names[defined & (mean > high)] = EASY
        names[defined & (mean > low) & (mean <= high)] = MEDIUM
        names[defined & (mean <= low)] = HARD
    return names


def disagreeing(single: Mapping[Modality, Floats]) -> Positions:
    """Rows of the queries where the NDCG of text and image differ most, the largest gap first.

    A tenth of all queries, five at least; none without both signals, or where there is no gap.
    """
    if len(single) < 2:
        return np.empty(0, dtype=np.int64)
    gap = np.nan_to_num(np.abs(single["text"] - single["image"]), nan=0.0)
    most = max(_STRONG_LEAST, int(len(gap) * _STRONG_SHARE))
    ranked = np.argsort(-gap, kind="stable")[:most]
    return ranked[gap[ranked] > 0]
