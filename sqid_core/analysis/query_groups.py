"""Which judged queries to look at: how hard each is, and where text and picture disagree."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..bundle.load import Dataset
from ..evaluation.metrics import ndcg
from ..evaluation.reports import signal_run
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


def difficulties(single: Mapping[Modality, Floats]) -> Names:
    """(Q,) one of DIFFICULTIES by the tercile of the mean NDCG of the single signals; None where that is undefined.

    Equal means are equally hard, so terciles of few or equal values may differ in size.
    """
    if not single:
        raise ValueError("difficulty needs a signal")
    mean = np.mean(list(single.values()), axis=0)
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
