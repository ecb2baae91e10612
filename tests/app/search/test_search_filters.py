"""Filters on the shown products: what they leave, what they must not change, and the way out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from board import slate_ndcg
from searching import board, link_of, opened, press, said, set_to, shown_ids, widget

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.ranking.candidates import catalogue_candidates, fused_ranking
from sqid_core.ranking.fusion import Fusion

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


def test_a_filtered_catalogue_is_the_whole_ones_order_without_the_others(dataset: Dataset) -> None:
    at = opened(query="01", scope="catalogue", brand="linnea", price_from="10", picture="with", method="rrf")
    products = dataset.products
    fits = (products["brand"] == "Linnea") & (products["price"] >= 10) & products["image"].notna()
    fusion = Fusion("rrf")
    candidates = catalogue_candidates(dataset, {"words": dataset.signals["words_text"].queries[1]}, fusion, 1)
    ranked = fused_ranking(candidates, fusion, 60).rows
    expected = products["product_id"].iloc[ranked[fits.to_numpy()[ranked]]]
    assert shown_ids(at, "fused") == list(expected)[:20]
    # The columns are those of the whole catalogue.
    data = board(at)
    rows = products.index[products["product_id"].isin(data["products"]["id"])]
    np.testing.assert_array_equal(data["columns"]["a"], candidates.columns.a[rows])
    assert data["total"] == fits.sum()
    assert f"{fits.sum()} of 60 products" in said(at)
    assert link_of(at)["brand"] == "linnea"


def test_a_filtered_slate_hides_cards_and_keeps_its_numbers(dataset: Dataset) -> None:
    whole, at = opened(query="01"), opened(query="01", category="lamp")
    data = board(at)
    assert slate_ndcg(data, "fused") == slate_ndcg(board(whole), "fused")
    categories = dict(zip(dataset.products["product_id"], dataset.products["category"], strict=True))
    hidden = [categories[product] != "lamp" for product in data["products"]["id"]]
    assert data["hidden"] == hidden
    assert any(hidden)
    assert board(whole)["hidden"] is None
    assert "NDCG stays over all judged products" in said(at)


def test_nothing_left_is_a_sentence_and_a_way_out(dataset: Dataset) -> None:
    for link in ({"query": "01"}, {"q": "red mug"}, {"query": "01", "scope": "catalogue"}):
        at = opened(**link, price_from="5000", price_to="-0", picture="without")
        assert "No product fits the filters (from $5,000.00 to $0.00, without a picture)" in said(at)
        with pytest.raises(KeyError):
            at.get_by_key("board")
        press(at, "clear filters in page")
        assert shown_ids(at, "fused")
        assert link_of(at) == link


def test_controls_write_the_link_and_a_typed_brand_counts(dataset: Dataset) -> None:
    at = opened(q="mug")
    set_to(at, "categories", ["mug", "bowl"])
    set_to(at, "brands", ["OSTERBY"])
    set_to(at, "price_to", 60.0)
    assert link_of(at) == {"q": "mug", "category": "mug|bowl", "brand": "OSTERBY", "price_to": "60.00"}
    shown = dataset.products.set_index("product_id").loc[shown_ids(at, "fused")]
    assert set(shown["brand"]) == {"Osterby"}
    assert set(shown["category"]) <= {"mug", "bowl"}
    again = opened(**link_of(at))
    assert shown_ids(again, "fused") == shown_ids(at, "fused")
    assert widget(again, "brands").value == ["OSTERBY"]
    set_to(at, "brands", ["nobody makes this"])
    assert "No product fits the filters" in said(at)


def test_a_filter_moves_with_the_weight(dataset: Dataset) -> None:
    at = opened(q="red mug", category="mug", w="0.90")
    assert board(at)["weight"] == 0.9
    assert len(shown_ids(at, "fused")) == 6


def test_a_filtered_catalogue_is_measured_over_what_the_filter_leaves(dataset: Dataset) -> None:
    """The ideal too; and where no judged product with a gain is left, nothing is 0 or 1."""
    row = dataset.judgements.row_of("01")
    judged = dataset.judgements.rows[row][dataset.judgements.mask[row]]
    labels = dataset.judgements.labels[row][dataset.judgements.mask[row]]
    linnea = dataset.products["brand"].to_numpy()[judged] == "Linnea"
    data = board(opened(query="01", scope="catalogue", brand="linnea"))
    gains = dataset.scale.gains()[labels[linnea]]
    assert sorted(data["judging"]["judged"]) == sorted(gains.tolist())
    assert f"the ideal is of the {len(gains)} judged products that the filters leave" in data["judging"]["note"]
    # Every one of them is there, so that the ranking without the unjudged can be measured.
    assert set(dataset.products["product_id"].to_numpy()[judged[linnea]]) <= set(data["products"]["id"])
    slate = board(opened(query="01", brand="linnea"))
    assert len(slate["judging"]["judged"]) == len(judged)
    worthless = set(dataset.products["category"].to_numpy()[judged[labels == 3]]) - set(
        dataset.products["category"].to_numpy()[judged[labels != 3]]
    )
    none = board(opened(query="01", scope="catalogue", category=worthless.pop()))
    assert "NDCG is not defined: of the" in none["judging"]["note"]
    assert not any(none["judging"]["judged"])
