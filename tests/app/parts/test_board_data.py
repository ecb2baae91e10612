"""What the board is given: the curve, the cards' columns, and how much of them travels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.curves import judged_curve
from sqid_core.evaluation.plateau import plateau
from sqid_core.ranking.candidates import prepare_slate
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.fusion import columns as fusion_columns
from sqid_ui.parts.board.data import (
    Board,
    BoardList,
    Cards,
    Judging,
    Mixing,
    axis,
    board_data,
    curve_data,
    encoded,
    ticks,
)
from sqid_ui.parts.cards import facts, label_fields


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_axis_holds_the_values_and_never_zooms_in_too_far(one: float, other: float) -> None:
    low, high = axis(min(one, other), max(one, other))
    assert low <= min(one, other) <= max(one, other) <= high
    assert high - low >= 0.02 - 1e-5
    found = ticks(low, high)
    assert 1 <= len(found) <= 4
    # Its name is half above it and half below: none is cut off, and no NDCG is above 1.
    edge = 0.05 * (high - low)
    assert all(low + edge <= tick <= min(high - edge, 1) + 1e-9 for tick in found)


def test_the_curves_data_is_the_cores_curve(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    prepared = prepare_slate(dataset, dataset.judgements.row_of("02"), Fusion())
    curve = judged_curve(prepared.candidates, dataset.scale.gains(), Fusion())
    data = curve_data(curve, None, "NDCG by weight")
    np.testing.assert_allclose(data["values"], curve.values, atol=1e-6)
    np.testing.assert_allclose(data["starts"], curve.starts, atol=1e-6)
    assert data["best"] == pytest.approx(plateau(curve), abs=1e-6)
    assert data["everyone"] is None


def test_cards_are_columns(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    columns = facts(dataset.products, "f00")
    assert {len(column) for column in columns.values()} == {len(dataset.products)}
    by_id = dict(zip(dataset.products["product_id"], dataset.products["price"], strict=True))
    for product, said in zip(columns["id"], columns["facts"], strict=True):
        assert ("$" in said) == bool(np.isfinite(by_id[product]))


@pytest.mark.parametrize("letter", ["W", "ب", "🫖"])
def test_long_texts_of_four_hundred_products_stay_a_small_message(letter: str) -> None:
    count = 400
    products = pd.DataFrame(
        {
            "product_id": [f"B0{row:08}" for row in range(count)],
            "title": [letter * 2000] * count,
            "brand": [letter * 500] * count,
            "price": [12.5] * count,
            "image": ["https://m.media-amazon.com/images/I/71abcdEFGHL._AC_UL320_.jpg"] * count,
        }
    )
    columns = facts(products, "f00")
    assert all(title.endswith("…") for title in columns["title"])
    rng = np.random.default_rng(0)
    scores = {name: rng.normal(size=count) for name in ("text", "image")}
    fusion = Fusion("embedding average")
    lists = [
        BoardList("text", "Text", "", rng.permutation(count) + 1),
        BoardList("fused", "Fused", "", None, ("text", "image")),
        BoardList("image", "Image", "", rng.permutation(count) + 1),
    ]
    cosines = rng.uniform(size=count)
    prepared = fusion_columns(fusion, scores["text"], scores["image"], text_image=cosines)
    labels = rng.integers(-1, 4, count)
    judging = Judging(ESCI.gains()[labels[labels >= 0]], "paper", True, None, "")
    cards, mixing = Cards(products, scores, labels), Mixing(prepared, fusion)
    data = board_data(Board(cards, lists, 100, count, ESCI, "f00", mixing, judging))
    assert len(encoded(data)) <= 150_000


def test_a_title_that_cannot_be_seen_is_none() -> None:
    titles = ["\u200b\u200b", " \u2060 ", "", None, " 🎒 ", "\u200bmug"]
    products = pd.DataFrame({"product_id": list("abcdef"), "title": titles, "image": None})
    assert facts(products, "print")["title"] == [*["No title"] * 4, "🎒", "\u200bmug"]


def test_cards_show_the_fields_that_labels_depend_on() -> None:
    products = pd.DataFrame(
        {
            "product_id": ["a", "b"],
            "title": ["A", "B"],
            "brand": ["X", None],
            "color": ["red", None],
            "image": [None] * 2,
        }
    )
    fields = label_fields({"label_fields": "color, brand , size,"})
    assert fields == ("color", "brand", "size")
    assert facts(products, "", fields=fields)["facts"] == ["X · red", ""]
    assert facts(products, "")["facts"] == ["X", ""]
    assert label_fields({}) == ()
