"""The fusion board: ranked lists side by side and the weight between them, moved in the browser without the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from sqid_core.evaluation.curves import WeightCurve
from sqid_core.exports.tables import Table
from sqid_core.wording import counted
from sqid_ui.parts.board.data import Board, board_data, encoded
from sqid_ui.parts.board.taken import CURVE, LISTS, curve_frame, list_runs, lists_frame, measures_frame
from sqid_ui.parts.browser import mount_of, sent
from sqid_ui.parts.markup import plain
from sqid_ui.parts.taking import Taken, menu

_FOLDER = Path(__file__).parent
_STYLES = (
    *(_FOLDER / name for name in ("why.css", "board.css", "cards.css", "pull.css")),
    _FOLDER.parents[1] / "judge" / "chip" / "choosing.css",
)


def fusion_board(
    board: Board,
    key: str,
    on_weight: Callable[[float], None] | None = None,
    on_action: Callable[[str, str], None] | None = None,
) -> None:
    """Draws the board, in the same place at every rerun.

    on_weight: called with the weight before the rerun that it causes. on_action: with the name of one of the board's
    actions and what it told: the id of the product it was asked for, or a text of the action's own.
    """
    callbacks: dict[str, Callable[[], None]] = {"on_told_change": lambda: _weight(key, on_weight)}
    for name in board.actions:
        callbacks[f"on_{name}_change"] = lambda name=name: _action(key, name, on_action)  # type: ignore[misc]
    mount = mount_of("sqid_fusion_board", _FOLDER / "board.js", _STYLES)
    mount(key=key, data=encoded({**board_data(board), "heard": _heard(key)}), **callbacks)


def take_lists(board: Board, asked: str, key: str, name: str = "lists", query_id: str = "") -> None:
    """The menu for what the board shows, as it is ranked at the weight that it last told. asked: the query's words.
    name: of the file, another for each board of a page. query_id: of the judged query, by which runs go."""
    runs = list_runs(board, query_id or asked)
    asked = plain(asked)
    ranked = counted(board.total, "ranked product", "ranked products")
    note = "" if board.judging is None else plain(board.judging.note)
    files = [
        Taken(
            f"{asked}: ranked lists",
            name,
            lambda: Table(lists_frame(board), LISTS),
            f"1 query, {ranked}",
            note,
            runs=runs,
        )
    ]
    if board.judging is not None and board.cards.labels is not None:
        made = Taken(f"{asked}: measures", "measures", lambda: Table(measures_frame(board)), f"1 query, {ranked}", note)
        files.append(made)
    if (curve := board.exact) is not None and board.curve is not None:
        files.append(_curve_taken(board, curve, asked))
    with st.container(key=f"files-of-{key}", horizontal=True, horizontal_alignment="right"):
        menu(*files, key=key)


def _curve_taken(board: Board, curve: WeightCurve, asked: str) -> Taken:
    drawn = {"curve": board.curve, "weight": None if board.mixing is None else board.mixing.fusion.image_weight}
    judged = 0 if board.judging is None else len(board.judging.gains)
    n, said = (
        f"1 query, {counted(judged, 'judged product', 'judged products')}",
        plain(str((board.curve or {})["sentence"])),
    )
    return Taken(
        f"{asked}: NDCG by image weight", "curve", lambda: Table(curve_frame(curve), CURVE), n, said, curve=drawn
    )


def _heard(key: str) -> int:
    """The number of the last weight that the browser told."""
    number = _told(key).get("number")
    return number if isinstance(number, int) else 0


def _weight(key: str, on_weight: Callable[[float], None] | None) -> None:
    weight = _told(key).get("weight")
    if on_weight is not None and isinstance(weight, (int, float)) and 0 <= weight <= 1:
        on_weight(round(float(weight), 2))


def _told(key: str) -> Mapping[str, Any]:
    """The last weight that the browser told, with its number."""
    told = sent(key, "told")
    return told if isinstance(told, Mapping) else {}


def _action(key: str, name: str, on_action: Callable[[str, str], None] | None) -> None:
    told = sent(key, name)
    if on_action is not None and isinstance(told, str):
        on_action(name, told)
