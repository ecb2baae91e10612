"""One query's rankings side by side: prepared once, fused at any weight, measured. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import DenseSignal
from sqid_core.evaluation.curves import WeightCurve, judged_curve
from sqid_core.evaluation.metrics import ndcg
from sqid_core.ranking.candidates import (
    Candidates,
    catalogue_candidates,
    signal_ranking,
    slate_candidates,
)
from sqid_core.ranking.fusion import Columns, Fusion, columns, fuse, order
from sqid_core.ranking.picture_search import QueryVectors
from sqid_core.types import Floats, Modality, Positions

MODALITIES: tuple[Modality, Modality] = ("text", "image")
# What the three rankings are called.
NAMES = {"text": "Text", "fused": "Fused", "image": "Image"}
# The opening query is looked for among this many, so that the first view of a big bundle waits for nothing.
_LOOKED_AT = 200
_WORTH_OPENING = 8
_HELPED_MOST = 10
_MIDDLE_WEIGHTS = (0.4, 0.5, 0.6)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A query's candidates and their order by each signal alone: all that does not depend on the weight."""

    candidates: Candidates
    alone: Mapping[str, Positions] = field(repr=False)

    @property
    def scores(self) -> dict[str, Floats]:
        """Raw scores (C,) by modality, nan where absent."""
        found = {"text": self.candidates.text, "image": self.candidates.image}
        return {name: scores for name, scores in found.items() if scores is not None}


def prepare_slate(dataset: Dataset, query_id: str, fusion: Fusion) -> Prepared:
    """A judged query's slate."""
    return _prepared(slate_candidates(dataset, query_row(dataset, query_id), fusion))


def prepare_catalogue(
    dataset: Dataset, vectors: QueryVectors, query_id: str, fusion: Fusion, own: Floats | None = None
) -> Prepared:
    """The whole catalogue. vectors: the query's, by encoder. query_id: the judged query whose labels it gets, or "".

    own: cosines of each product's own text and picture, where they are known already.
    """
    row = query_row(dataset, query_id) if query_id else None
    return _prepared(catalogue_candidates(dataset, vectors, fusion, row, own))


def query_row(dataset: Dataset, query_id: str) -> int:
    """The row of a query id."""
    return int(np.flatnonzero(dataset.judgements.query_ids == query_id)[0])


def slate_curve(prepared: Prepared, fusion: Fusion, gains: Floats) -> WeightCurve:
    """NDCG of a slate at every weight. The bundle must have both signals."""
    return judged_curve(prepared.candidates, gains, fusion)


def opening_query(dataset: Dataset) -> str:
    """The query a first visit opens on: one that fusion helps, so that the first view shows what the tool is about.

    Among the first judged queries, the shortest of those whose fused ranking gains most over the better single one; the
    first judged one where there are not two signals; "" without judged queries.
    """
    judgements = dataset.judgements
    judged = np.flatnonzero(judgements.lengths > 0)
    if not len(judged):
        return ""
    text, image = map(dataset.signal, MODALITIES)
    if not (isinstance(text, DenseSignal) and isinstance(image, DenseSignal)):
        return str(judgements.query_ids[judged[0]])
    first = slice(_LOOKED_AT)
    head = Judgements(judgements.query_ids[first], judgements.rows[first], judgements.labels[first])
    gain = _gain_of_fusion(
        columns(Fusion(), text.slate_scores(head), image.slate_scores(head), head.mask), head, dataset
    )
    gain[head.lengths < min(_WORTH_OPENING, int(head.lengths.max(initial=0)))] = -np.inf
    helped = [row for row in np.argsort(-gain, kind="stable")[:_HELPED_MOST] if gain[row] > 0]
    if not helped:
        return str(judgements.query_ids[judged[0]])
    shortest = min(helped, key=lambda row: len(dataset.queries["query"].iloc[row]))
    return str(judgements.query_ids[shortest])


def _gain_of_fusion(slates: Columns, judgements: Judgements, dataset: Dataset) -> Floats:
    gains = judgements.gains(dataset.scale.gains())

    def at(weight: float) -> Floats:
        ranked = order(fuse(slates, Fusion(), weight))
        return ndcg(np.take_along_axis(gains, ranked, axis=1))

    # What holds over a range of weights is no accident of one.
    fused = np.minimum.reduce([at(weight) for weight in _MIDDLE_WEIGHTS])
    gain = fused - np.maximum(at(0.0), at(1.0))
    return np.where(np.isnan(gain), -np.inf, gain)


def _prepared(candidates: Candidates) -> Prepared:
    scores = {"text": candidates.text, "image": candidates.image}
    count = len(candidates.rows)
    alone: dict[str, Positions] = {
        name: signal_ranking(candidates, name, count).positions for name in MODALITIES if scores[name] is not None
    }
    return Prepared(candidates, alone)
