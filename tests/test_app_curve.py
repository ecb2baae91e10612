"""What the curve under the slider is given, and the cards' columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqid_core.bundle import load_bundle
from sqid_core.fusion import Fusion
from ui import rankings
from ui.cards import RankedList, board_data
from ui.weight_curve import axis, curve_data, ticks


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_axis_holds_the_values_and_never_zooms_in_too_far(one: float, other: float) -> None:
    low, high = axis(min(one, other), max(one, other))
    assert low <= min(one, other) <= max(one, other) <= high
    assert high - low >= 0.02 - 1e-5
    found = ticks(low, high)
    assert 1 <= len(found) <= 4
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in found)


def test_the_curves_data_is_the_cores_curve(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    prepared = rankings.prepare_slate(dataset, "02", Fusion())
    curve = rankings.slate_curve(prepared, Fusion(), dataset.scale.gains())
    data = curve_data(curve, 0.37, "NDCG by weight")
    np.testing.assert_allclose(data["values"], curve.values, atol=1e-6)
    assert data["here"] == pytest.approx(float(curve.at(0.37)), abs=1e-6)
    value = rankings.slate_ndcg(prepared, Fusion(image_weight=0.37), dataset.scale.gains())["fused"]
    assert data["here"] == pytest.approx(value, abs=1e-6)
    assert data["best"] == [pytest.approx(curve.best.low, abs=1e-6), pytest.approx(curve.best.high, abs=1e-6)]


def test_cards_are_columns_over_the_products_that_are_shown(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    prepared = rankings.prepare_slate(dataset, "01", Fusion())
    lists = [RankedList(name, name, "", "", order) for name, order in prepared.orders(Fusion()).items()]
    candidates = prepared.candidates
    data = board_data(
        dataset.products, candidates.rows, prepared.scores, candidates.labels, lists, 5, dataset.scale, "f00"
    )
    columns = data["products"]
    assert len({len(column) for column in columns.values()}) == 1
    assert len(columns["id"]) <= 15
    for ranked in data["lists"]:
        assert [data["ranks"][ranked["key"]][product] for product in ranked["order"]] == [1, 2, 3, 4, 5]
    by_id = dict(zip(dataset.products["product_id"], dataset.products["price"], strict=True))
    for product, facts in zip(columns["id"], columns["facts"], strict=True):
        assert ("$" in facts) == bool(np.isfinite(by_id[product]))
    missing = [score for score, address in zip(columns["image"], columns["picture"], strict=True) if address is None]
    assert all(score is None for score in missing)
