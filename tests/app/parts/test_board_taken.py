"""What is taken along from the board is what it shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browsing import fused_slate

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.plateau import NEAR, plateau
from sqid_core.evaluation.reports import dataset_curves
from sqid_core.ranking.candidates import prepare_slate
from sqid_core.ranking.fusion import Fusion
from sqid_ui.parts.board.data import Board, BoardList, Cards, Judging, Mixing
from sqid_ui.parts.board.taken import curve_frame, lists_frame, measures_frame


def _board(bundle: Path, weight: float) -> Board:
    dataset, fusion = load_bundle(bundle), Fusion(image_weight=weight)
    prepared = prepare_slate(dataset, dataset.judgements.row_of("02"), fusion)
    found = prepared.candidates
    lists = [
        BoardList("text", "Text", "", prepared.ranks(np.arange(len(found.rows)))["text"]),
        BoardList("fused", "Fused", "", None),
    ]
    cards = Cards(dataset.products.iloc[found.rows], prepared.scores, found.labels)
    judging = Judging(dataset.scale.gains()[found.labels], "paper", True, None, "")
    mixing = Mixing(found.columns, fusion)
    return Board(cards, lists, 20, len(found.rows), dataset.scale, mixing=mixing, judging=judging)


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_lists_and_measures_are_the_cores(tiny_bundle: Path, weight: float) -> None:
    board = _board(tiny_bundle, weight)
    order, value = fused_slate(load_bundle(tiny_bundle), "02", weight)
    lists = lists_frame(board)
    fused = lists[lists["list"] == "Fused"]
    assert fused["product_id"].tolist() == order
    assert fused["rank"].tolist() == list(range(1, len(order) + 1))
    assert set(lists["label"]) <= set(board.scale.names)
    measured = measures_frame(board).set_index("list")
    assert measured.loc["Fused", "NDCG"] == pytest.approx(value)


def test_the_curve_of_the_file_is_the_exact_one(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    curve = dataset_curves(dataset, Fusion()).curve(dataset.judgements.row_of("02"))
    frame = curve_frame(curve)
    assert frame["from"].tolist() == curve.starts.tolist()
    assert frame["to"].tolist() == [*curve.starts[1:].tolist(), 1.0]
    middles = (frame["from"] + frame["to"]) / 2
    assert frame["ndcg"].tolist() == curve.at(middles).tolist()
    low, high = plateau(curve)
    assert (frame["from"][frame["best"]].min(), frame["to"][frame["best"]].max()) == (low, high)
    assert (frame["ndcg"][frame["best"]] >= curve.best.value - NEAR).all()


def test_what_a_filter_hides_keeps_its_rank_and_is_in_no_file(tiny_bundle: Path) -> None:
    board = _board(tiny_bundle, 0.4)
    hidden = np.arange(board.total) == 0
    part = lists_frame(replace(board, cards=replace(board.cards, hidden=hidden)))
    gone = board.cards.products["product_id"].iloc[0]
    assert gone not in set(part["product_id"])
    whole = lists_frame(replace(board, shown=board.total))
    kept = whole[whole["product_id"] != gone].set_index(["list", "product_id"])["rank"]
    assert part.set_index(["list", "product_id"])["rank"].to_dict().items() <= kept.to_dict().items()


def test_unjudged_products_are_read_twice(tiny_bundle: Path) -> None:
    board = _board(tiny_bundle, 0.4)
    labels = np.where(np.arange(board.total) % 2 == 0, -1, board.cards.labels)
    judging = replace(board.judging, complete=False, gains=board.scale.gains()[labels[labels >= 0]])
    found = replace(board, cards=replace(board.cards, labels=labels), judging=judging, shown=10)
    row = measures_frame(found).set_index("list").loc["Text"]
    assert 0 <= row["Judged"] <= 1
    assert {"NDCG@10, unjudged worth nothing", "NDCG@10, unjudged the best"} <= set(row.index)
    assert "not judged" in set(lists_frame(found)["label"])
