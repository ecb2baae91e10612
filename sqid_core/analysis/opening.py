"""The queries that a first visit opens on: one for each thing that pictures can do for a ranking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..bundle.judgements import Judgements
from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal
from ..evaluation.chance import adjusted
from ..evaluation.metrics import expected_random_ndcg, ndcg
from ..evaluation.slate_scores import slate_scores
from ..ranking.fusion import Columns, Fusion, fuse
from ..ranking.ranks import ordered
from ..types import MODALITIES, Bools, Floats
from .query_table import RESCUE

PICTURES, WORDS, MIX, NEITHER = "pictures win", "words win", "mixing helps", "both fail"
# Looked for among this many, so that the first view of a big bundle waits for nothing.
_LOOKED_AT = 200
# A slate of fewer products tells little.
_WORTH_OPENING = 8
_SHOW_MOST = 10
_MIDDLE_WEIGHTS = (0.4, 0.5, 0.6)
# Of what chance leaves, less than this is a failure.
_FAILS_BELOW = 0.25


@dataclass(frozen=True)
class Example:
    """A judged query that was picked for what it shows. shows: one of the four names above, which a page has to say;
    "" for the first judged query of a bundle that shows none of them."""

    query_id: str
    shows: str = ""


def examples(dataset: Dataset) -> tuple[Example, ...]:
    """A judged query for each of the four, as far as the bundle has them, the first to be opened first; none without
    judged queries.

    Among the first judged queries, the shortest of the ten that show it most, by NDCG over the judged products:
    pictures or words are better by a tenth, a mix is better than both over a range of weights, or none of them is far
    from a random order.
    """
    judgements = dataset.judgements
    judged = np.flatnonzero(judgements.lengths > 0)
    if not len(judged):
        return ()
    text, image = map(dataset.signal, MODALITIES)
    found: dict[int, str] = {}
    if isinstance(text, DenseSignal) and isinstance(image, DenseSignal):
        head = judgements.take(slice(_LOOKED_AT))
        columns = slate_scores(head, text, image).columns(Fusion(), head.mask)
        for name, strength in _shown(columns, head, dataset):
            strength[list(found)] = -np.inf
            if (row := _shortest_of_the_strongest(strength, dataset)) is not None:
                found[row] = name
    return tuple(Example(str(judgements.query_ids[row]), name) for row, name in (found or {int(judged[0]): ""}).items())


def _shown(slates: Columns, judgements: Judgements, dataset: Dataset) -> list[tuple[str, Floats]]:
    """How strongly each query shows each of the four, -inf where it does not."""
    gains = judgements.gains(dataset.scale.gains())

    def at(weight: float) -> Floats:
        return ndcg(ordered(gains, fuse(slates, Fusion(), weight)))

    text, image = at(0.0), at(1.0)
    middle = [at(weight) for weight in _MIDDLE_WEIGHTS]
    better = np.maximum(text, image)
    reached = adjusted(np.maximum.reduce([better, *middle]), expected_random_ndcg(gains, judgements.mask))
    enough = judgements.lengths >= min(_WORTH_OPENING, int(judgements.lengths.max(initial=0)))

    def where(holds: Bools, strength: Floats) -> Floats:
        return np.where(holds & enough & ~np.isnan(strength), strength, -np.inf)

    # What holds over a range of weights is no accident of one.
    gained = np.minimum.reduce(middle) - better
    return [
        (PICTURES, where(image - text > RESCUE, image - text)),
        (WORDS, where(text - image > RESCUE, text - image)),
        (MIX, where(gained > 0, gained)),
        (NEITHER, where(reached < _FAILS_BELOW, -reached)),
    ]


def _shortest_of_the_strongest(strength: Floats, dataset: Dataset) -> int | None:
    """The row of the shortest query among those that show something most, None where none does."""
    most = [int(row) for row in np.argsort(-strength, kind="stable")[:_SHOW_MOST] if strength[row] > -np.inf]
    return min(most, key=lambda row: len(dataset.queries["query"].iloc[row]), default=None)
