"""The query that a first visit opens on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal
from ..evaluation.metrics import ndcg
from ..evaluation.slate_scores import slate_scores
from ..ranking.fusion import Columns, Fusion, fuse
from ..ranking.ranks import order
from ..types import MODALITIES, Floats

# Looked for among this many, so that the first view of a big bundle waits for nothing.
_LOOKED_AT = 200
_WORTH_OPENING = 8
_HELPED_MOST = 10
_MIDDLE_WEIGHTS = (0.4, 0.5, 0.6)


@dataclass(frozen=True)
class Opening:
    """The query that a first visit opens on, "" for none. helped: whether it was picked because fusing helps it."""

    query_id: str = ""
    helped: bool = False


def opening_query(dataset: Dataset) -> Opening:
    """The query a first visit opens on: one that fusion helps, so that the first view shows what the tool is about. The
    view has to say so.

    Among the first judged queries, the shortest of those whose fused ranking gains most over the better single one; the
    first judged one where there are not two signals; none without judged queries.
    """
    judgements = dataset.judgements
    judged = np.flatnonzero(judgements.lengths > 0)
    if not len(judged):
        return Opening()
    text, image = map(dataset.signal, MODALITIES)
    if not (isinstance(text, DenseSignal) and isinstance(image, DenseSignal)):
        return Opening(str(judgements.query_ids[judged[0]]))
    first = slice(_LOOKED_AT)
    head = judgements.take(first)
    gain = _gain_of_fusion(slate_scores(head, text, image).columns(Fusion(), head.mask), head, dataset)
    gain[head.lengths < min(_WORTH_OPENING, int(head.lengths.max(initial=0)))] = -np.inf
    helped = [row for row in np.argsort(-gain, kind="stable")[:_HELPED_MOST] if gain[row] > 0]
    if not helped:
        return Opening(str(judgements.query_ids[judged[0]]))
    shortest = min(helped, key=lambda row: len(dataset.queries["query"].iloc[row]))
    return Opening(str(judgements.query_ids[shortest]), helped=True)


def _gain_of_fusion(slates: Columns, judgements: Judgements, dataset: Dataset) -> Floats:
    gains = judgements.gains(dataset.scale.gains())

    def at(weight: float) -> Floats:
        ranked = order(fuse(slates, Fusion(), weight))
        return ndcg(np.take_along_axis(gains, ranked, axis=1))

    # What holds over a range of weights is no accident of one.
    fused = np.minimum.reduce([at(weight) for weight in _MIDDLE_WEIGHTS])
    gain = fused - np.maximum(at(0.0), at(1.0))
    return np.where(np.isnan(gain), -np.inf, gain)
