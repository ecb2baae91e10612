"""What lights up on the map for a judged query: the first products of both rankings of the whole catalogue, all that
the fused one can have among its first at any weight, and the judges' labels."""

from __future__ import annotations

import numpy as np

from sqid_core.bundle.load import Dataset
from sqid_core.errors import SqidError
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.picture_search import Question
from sqid_core.ranking.shortlist import shortlist
from sqid_core.wording import counted
from sqid_ui.caches.rankings import prepared
from sqid_ui.parts.atlas import Lit

SHOWN = 20
_USUAL = Fusion()


def lit(dataset: Dataset, query_id: str, fusion: Fusion | None) -> tuple[Lit, str]:
    """What lights up, and a sentence for the line below the map. Labels alone where no signal can search."""
    judgements = dataset.judgements
    row = judgements.row_of(query_id)
    mask = judgements.mask[row]
    labels = list(zip(judgements.rows[row][mask].tolist(), judgements.labels[row][mask].tolist(), strict=True))
    said = f" {counted(len(labels), 'product is', 'products are')} judged for the query."
    try:
        ranked = prepared(dataset, Question(query_id=query_id, labels=query_id), fusion or _USUAL)
    except SqidError:
        return Lit(
            (), {}, None, labels
        ), f"{said} No signal of this bundle can search the catalogue, so no lists light up."
    candidates = ranked.candidates
    held = shortlist(candidates, fusion or _USUAL, SHOWN).positions
    firsts = {
        name: np.searchsorted(held, positions[: _ranked(ranked.scores[name])]).tolist()
        for name, positions in ranked.firsts(SHOWN).items()
    }
    columns = None
    if candidates.columns is not None and fusion is not None:
        taken = candidates.columns.take(held)
        columns = {
            "combiner": METHODS[fusion.method].combiner,
            "a": taken.a.tolist(),
            "b": taken.b.tolist(),
            "c": None if taken.c is None else taken.c.tolist(),
        }
    return Lit(candidates.rows[held].tolist(), firsts, columns, labels), said


def _ranked(scores: np.ndarray) -> int:
    """How many of the first products have a score: those without one come last and are no result."""
    return min(SHOWN, int(np.isfinite(scores).sum()))
