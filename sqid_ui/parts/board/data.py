"""What the fusion board is told: columns over the candidates, never records, so that 400 of them stay small.

No Streamlit here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sqid_core.bundle.labels import LabelScale
from sqid_core.evaluation.curves import WeightCurve
from sqid_core.evaluation.plateau import plateau
from sqid_core.ranking.fusion import Columns, Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.types import Bools, Floats, Labels, Positions, Rows
from sqid_ui.parts.cards import facts
from sqid_ui.parts.picture_addresses import picture_base
from sqid_ui.parts.terms import TERMS

# Raw scores are shown with three decimals; only the columns are ranked by, and travel whole.
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class BoardList:
    """One list of the board. ranks: (C,) of every candidate, 1 the best, each once; None for the list that the board
    ranks itself, by the weight. marks: the keys of the lists that its cards compare their rank with."""

    key: str
    name: str
    note: str
    ranks: Rows | None = field(repr=False)
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Judging:
    """How rankings are measured. gains: (J,) of all judged products, in any order: the stuff of the ideal. table: the
    name of the gain table. complete: whether every candidate was judged (a slate). against: the list that the others
    are compared with and what the row of differences is called. note: what the reader must know of the numbers. known:
    whether every product of the catalogue has a label, of which the board holds the first."""

    gains: Floats = field(repr=False)
    table: str
    complete: bool
    against: tuple[str, str] | None
    note: str
    known: bool = False


@dataclass(frozen=True)
class Jump:
    """A weight on offer: its button's name, what is to be known of it, and its mark on the curve, "" for none."""

    name: str
    weight: float
    hint: str
    mark: str = ""


@dataclass(frozen=True, eq=False)
class Mixing:
    """What the board ranks its own list by, the one without ranks. columns: (C,), None where there is no such list.
    certified: (stops,) leading ranks that are the whole catalogue's, at even stops of the weight; None for all."""

    columns: Columns | None = field(repr=False)
    fusion: Fusion
    certified: Positions | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Cards:
    """The candidates (C,) in row order. products: what is known of them. scores: "text", "image" -> (C,) raw, nan where
    absent. labels: (C,) -1 where unjudged, None to show none. hidden: (C,) who has no card, though ranked and measured
    all the same. fields: columns of the products that labels depend on."""

    products: pd.DataFrame = field(repr=False)
    scores: Mapping[str, Floats] = field(repr=False)
    labels: Labels | None = field(default=None, repr=False)
    hidden: Bools | None = field(default=None, repr=False)
    fields: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Board:
    """Everything the fusion board shows.

    shown: cards a list at most. total: products ranked in all. scale, place: of the bundle. mixing: None where
    the weight plays no part. judging: None where nothing is measured. curve: of NDCG by weight; exact: the same for its
    file. actions: what a card offers. currency: of the prices. pull: of the product that is pulled to a rank, what
    pull.js draws, None for none. mark: the candidate that is marked at first. labelling: what label chips judge
    with, None where they only tell.
    """

    cards: Cards
    lists: Sequence[BoardList]
    shown: int
    total: int
    scale: LabelScale = field(repr=False)
    place: str = ""
    mixing: Mixing | None = None
    judging: Judging | None = None
    curve: Mapping[str, Any] | None = field(default=None, repr=False)
    jumps: Sequence[Jump] = ()
    actions: Sequence[str] = ()
    currency: str = "$"
    pull: Mapping[str, Any] | None = field(default=None, repr=False)
    mark: int | None = None
    exact: WeightCurve | None = field(default=None, repr=False)
    labelling: Mapping[str, Any] | None = field(default=None, repr=False)


def board_data(board: Board) -> dict[str, Any]:
    """Everything the board's JavaScript gets."""
    cards, mixing, judging, scale = board.cards, board.mixing, board.judging, board.scale
    return {
        "products": _cards(cards, board.place, board.currency),
        "pictures": picture_base(board.place),
        "lists": [
            {"key": one.key, "name": one.name, "note": one.note, "marks": list(one.marks)}
            | ({} if one.ranks is None else {"ranks": one.ranks.tolist()})
            for one in board.lists
        ],
        "columns": None if mixing is None or mixing.columns is None else _columns(mixing.columns, mixing.fusion),
        "weight": None if mixing is None else mixing.fusion.image_weight,
        "certified": None if mixing is None or mixing.certified is None else mixing.certified.tolist(),
        "hidden": None if cards.hidden is None else cards.hidden.tolist(),
        "shown": board.shown,
        "total": board.total,
        "scale": None
        if cards.labels is None
        else {"letters": scale.letters, "names": scale.names, "colors": scale.colors},
        "judging": None if judging is None else _judging(judging, scale),
        "curve": board.curve,
        "jumps": [asdict(jump) for jump in board.jumps],
        "actions": list(board.actions),
        "pull": board.pull,
        "mark": board.mark,
        "labelling": board.labelling,
        "terms": TERMS,
    }


def _cards(cards: Cards, place: str, currency: str) -> dict[str, Any]:
    labels = [-1] * len(cards.products) if cards.labels is None else cards.labels.tolist()
    scores = {name: rounded(values) for name, values in cards.scores.items()}
    return facts(cards.products, place, currency, cards.fields) | scores | {"label": labels}


def encoded(data: Mapping[str, Any]) -> bytes:
    """The data on its way: as bytes, since Streamlit's own JSON would write every letter beyond ASCII in six."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def rank_of_order(positions: Rows) -> Positions:
    """(C,) the rank of each candidate, from their positions best first."""
    ranks = np.empty(len(positions), dtype=np.int64)
    ranks[positions] = np.arange(1, len(positions) + 1)
    return ranks


def rounded(values: Floats) -> list[float | None]:
    """Raw scores as they are shown; None where absent."""
    return [round(float(value), _DECIMALS) if np.isfinite(value) else None for value in values]


def _columns(columns: Columns, fusion: Fusion) -> dict[str, Any]:
    return {
        "combiner": METHODS[fusion.method].combiner,
        "a": columns.a.tolist(),
        "b": columns.b.tolist(),
        "c": None if columns.c is None else columns.c.tolist(),
    }


def _judging(judging: Judging, scale: LabelScale) -> dict[str, Any]:
    against = judging.against
    return {
        "gains": scale.gains(judging.table).tolist(),
        "relevant": scale.is_relevant(np.arange(len(scale.names))).tolist(),
        "judged": (-np.sort(-judging.gains)).tolist(),
        "complete": judging.complete,
        "known": judging.known,
        "against": None if against is None else {"key": against[0], "name": against[1]},
        "note": judging.note,
    }


# --- the curve ---

# The vertical axis never zooms in closer than this: a difference of .001 must not look like a cliff.
_SMALLEST_SPAN = 0.02
_MARGIN = 0.12
_TICK_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MOST_TICKS = 4


def curve_data(curve: WeightCurve, everyone: WeightCurve | None, sentence: str) -> dict[str, Any]:
    """The exact steps of a defined curve, its plateau, and that of the whole test set.

    sentence: what a screen reader says instead.
    """
    values = np.append(curve.values, [curve.at_zero, curve.at_one])
    low, high = axis(float(values.min()), float(values.max()))
    return {
        "starts": np.round(curve.starts, _DECIMALS).tolist(),
        "values": np.round(curve.values, _DECIMALS).tolist(),
        "best": _rounded(plateau(curve)),
        "everyone": None if everyone is None or not everyone.n else _rounded((everyone.best.low, everyone.best.high)),
        "low": low,
        "high": high,
        "ticks": ticks(low, high),
        "sentence": sentence,
    }


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(end, _DECIMALS) for end in interval]


def nearest_stop(curve: WeightCurve) -> float:
    """The slider's weight that lies in the best open interval, the nearest to its middle; that nearest to it if none
    does."""
    return round(curve.best.weight, 2)


def axis(lowest: float, highest: float) -> tuple[float, float]:
    """The ends of the vertical axis: a margin around the values, and never closer than .02."""
    span = highest - lowest
    margin = max(span * _MARGIN, (_SMALLEST_SPAN - span) / 2)
    return round(lowest - margin, _DECIMALS), round(highest + margin, _DECIMALS)


def ticks(low: float, high: float) -> list[float]:
    """Round values between the ends and not close to them, where their names would be cut off; at most four."""
    edge = _MARGIN / 2 * (high - low)
    low, high = max(low + edge, 0.0), min(high - edge, 1.0)
    for step in _TICK_STEPS:
        found = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
        if len(found) <= _MOST_TICKS:
            return [round(float(value), 3) for value in found]
    return []
