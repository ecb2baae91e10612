"""What the board shows, as tables: its ranked lists, and what each is worth. No Streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from sqid_core.evaluation.curves import WeightCurve
from sqid_core.evaluation.metrics import ndcg, precision
from sqid_core.evaluation.plateau import plateau
from sqid_core.evaluation.unjudged import PERSISTENCE, judged_share, ndcg_readings, rank_biased_precision
from sqid_core.exports.tables import Shown
from sqid_core.exports.trec_runs import ranked_lines, safe_name
from sqid_core.ranking.fusion import fuse
from sqid_core.types import Floats, Positions
from sqid_ui.parts.board.data import Board, BoardList, rank_of_order

# Of P@10 and NDCG@10, as the board has them (measures.js).
_CUT = 10
LISTS = {
    "list": Shown("List"),
    "rank": Shown("Rank"),
    "product_id": Shown("Product"),
    "title": Shown("Title"),
    "text": Shown("Text score"),
    "image": Shown("Image score"),
    "fused": Shown("Fused score"),
    "label": Shown("Label"),
}
CURVE = {"from": Shown("Image weight from"), "to": Shown("to"), "ndcg": Shown("NDCG"), "best": Shown("Near the best")}


@dataclass(frozen=True, eq=False)
class _Ranked:
    """A list as it is ranked at the board's weight. order: (C,) candidates, best first."""

    of: BoardList
    order: Positions = field(repr=False)


def lists_frame(board: Board) -> pd.DataFrame:
    """A row a card: its list, its rank there, its product, the scores and the label that the board shows."""
    fused = _fused(board)
    return pd.concat([_rows(board, one, fused) for one in _ranked(board, fused)], ignore_index=True)


def list_runs(board: Board, query: str) -> dict[str, Callable[[], Iterator[str]]]:
    """By each list's name the products that it shows, as the lines of a TREC run. query: its id, or its words."""
    return {one.name: partial(_run, board, one, query) for one in board.lists}


def _run(board: Board, one: BoardList, query: str) -> Iterator[str]:
    frame = lists_frame(board)
    products = frame["product_id"][frame["list"] == one.name].tolist()
    yield from ranked_lines(query, products, safe_name(one.name))


def measures_frame(board: Board) -> pd.DataFrame:
    """A row a list: what it is worth by the board's measures; only its name where nothing is measured."""
    return pd.DataFrame([_worth(board, one) for one in _ranked(board, _fused(board))])


def curve_frame(curve: WeightCurve) -> pd.DataFrame:
    """A row an open interval of weights: its ends, the NDCG inside, and whether it is in the best plateau."""
    ends = np.append(curve.starts[1:], 1.0)
    low, high = plateau(curve)
    near = (curve.starts >= low) & (ends <= high)
    return pd.DataFrame({"from": curve.starts, "to": ends, "ndcg": curve.values, "best": near})


def _fused(board: Board) -> Floats | None:
    mixing = board.mixing
    return None if mixing is None or mixing.columns is None else fuse(mixing.columns, mixing.fusion)


def _ranked(board: Board, fused: Floats | None) -> list[_Ranked]:
    """Ties go to the first, as the board's do."""
    found = []
    for one in board.lists:
        if one.ranks is not None:
            found.append(_Ranked(one, np.argsort(one.ranks, kind="stable")))
        elif fused is not None:
            found.append(_Ranked(one, np.argsort(-fused, kind="stable")))
    return found


def _rows(board: Board, ranked: _Ranked, fused: Floats | None) -> pd.DataFrame:
    cards, order = board.cards, ranked.order
    hidden = cards.hidden
    shown = (order if hidden is None else order[~hidden[order]])[: board.shown]
    ranks = rank_of_order(order) if ranked.of.ranks is None else ranked.of.ranks
    products = cards.products.iloc[shown]
    rows = {
        "list": ranked.of.name,
        "rank": ranks[shown],
        "product_id": products["product_id"].to_numpy(),
        "title": products["title"].to_numpy(),
    }
    rows |= {name: scores[shown] for name, scores in cards.scores.items()}
    if fused is not None:
        rows["fused"] = fused[shown]
    if cards.labels is not None:
        names = np.array([*board.scale.names, "not judged"], dtype=object)
        rows["label"] = names[cards.labels[shown]]
    return pd.DataFrame(rows)


def _worth(board: Board, ranked: _Ranked) -> dict[str, object]:
    found: dict[str, object] = {"list": ranked.of.name}
    judging = board.judging
    if judging is None or board.cards.labels is None:
        return found
    labels = board.cards.labels[ranked.order]
    k = len(labels) if judging.complete else board.shown
    of_label = board.scale.gains(judging.table)
    gains, judged = np.where(labels < 0, np.nan, of_label[labels]), judging.gains
    relevant = (labels >= 0) & board.scale.is_relevant(np.maximum(labels, 0))
    if judging.complete:
        found |= {"NDCG": float(ndcg(gains, judged)), f"NDCG@{_CUT}": float(ndcg(gains, judged, _CUT))}
    elif judging.known:
        found[f"NDCG@{k}"] = float(ndcg(gains, judged, k))
    else:
        low, high = ndcg_readings(gains, judged, float(of_label.max()), k)
        seen = gains[~np.isnan(gains)]
        value, residual = rank_biased_precision(relevant, labels >= 0, k)
        found |= {
            f"NDCG@{k}, unjudged worth nothing": float(low),
            f"NDCG@{k}, unjudged the best": float(high),
            f"NDCG@{k}, judged alone": float(ndcg(seen, judged, k)),
            "Judged": float(judged_share(labels >= 0, np.ones(len(labels), dtype=bool), k)),
            f"RBP({PERSISTENCE:g})": float(value),
            f"RBP({PERSISTENCE:g}), residual": float(residual),
        }
    return found | {f"P@{_CUT}": float(precision(relevant[:k], _CUT))}
