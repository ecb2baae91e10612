"""A query's two lists on the fusion board: the one place where the Compare page calls it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sqid_core.bundle.load import Dataset
from sqid_core.evaluation.compared_slates import ComparedSlate
from sqid_core.ranking.mixes import signal_named
from sqid_core.wording import numbered
from sqid_ui.compare.state import CompareSettings
from sqid_ui.judge.looking import labelling
from sqid_ui.parts.board import fusion_board, take_lists
from sqid_ui.parts.board.data import Board, BoardList, Cards, Judging, rank_of_order
from sqid_ui.parts.cards import currency_of, label_fields
from sqid_ui.parts.picture_addresses import place_of

_SHOWN = 50


def two_lists(dataset: Dataset, slate: ComparedSlate, settings: CompareSettings, query_id: str, query: str) -> None:
    """A and B side by side, each card with how far its product moved. query: its words."""
    ranks = {name: rank_of_order(order) for name, order in slate.orders.items()}
    moves = (
        "no product moved" if not slate.moved else f"{slate.moved:,} of {numbered(len(slate.rows), 'products')} moved"
    )
    lists = [
        BoardList("a", "A", settings.a.title, ranks["a"]),
        BoardList("b", "B", f"{settings.b.title} · {moves}", ranks["b"], marks=("a",)),
    ]
    gains = dataset.scale.gains(settings.gains)[slate.labels]
    note = f"Over all {numbered(len(gains), 'judged products')} of this query. Gains: {settings.gains}."
    board = Board(
        Cards(
            dataset.products.iloc[slate.rows],
            _scores(dataset, slate),
            slate.labels,
            fields=label_fields(dataset.manifest.about),
        ),
        lists,
        _SHOWN,
        len(slate.rows),
        dataset.scale,
        place_of(dataset),
        judging=Judging(gains, settings.gains, True, ("b", "B adds"), note),
        currency=currency_of(dataset.manifest.about),
        labelling=labelling(dataset, query_id),
    )
    fusion_board(board, "compare-board")
    take_lists(board, query, "compare-board", query_id=query_id)


def _scores(dataset: Dataset, slate: ComparedSlate) -> dict[str, npt.NDArray[np.float64]]:
    """The scores that cards show: of the first text and the first image signal that the runs read, B's before A's."""
    found: dict[str, npt.NDArray[np.float64]] = {}
    for name, scores in slate.scores.items():
        found.setdefault(signal_named(dataset, name).modality, scores)
    return {modality: found[modality] for modality in ("text", "image") if modality in found}
