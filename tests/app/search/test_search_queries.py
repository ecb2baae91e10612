"""Opening judged queries: groups, surprise, and a typed text that is one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from fixtures import QUERIES, WordEncoder, build_tiny_bundle, product_frame
from searching import board, link_of, opened, press, said, set_to, shown_ids, widget

from sqid_core.analysis.query_groups import difficulties, disagreeing, random_ndcg, single_ndcgs
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.ranking.search import search

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


def test_a_typed_text_that_is_a_judged_query_has_its_labels(dataset: Dataset) -> None:
    at = opened(q="  RED   mug ")
    judged = opened(query="00", scope="catalogue")
    assert "equal to a judged query: its labels hold" in said(at)
    assert board(at)["judging"] == board(judged)["judging"]
    assert shown_ids(at, "fused") == shown_ids(judged, "fused")
    assert max(board(at)["products"]["label"]) >= 0
    assert board(opened(q="red mugs"))["judging"] is None


def test_groups_narrow_the_box_and_stay_in_the_link(dataset: Dataset) -> None:
    at = opened(query="01")
    assert len(widget(at, "query_id").options) == len(QUERIES)
    set_to(at, "difficulty", "hard")
    hard = difficulties(single_ndcgs(dataset), random_ndcg(dataset)) == "hard"
    names = set(dataset.queries["query"][hard])
    # The open query stays on offer.
    assert set(widget(at, "query_id").options) == names | {"blue lamp"}
    assert f"offers {len(names)} judged" in said(at)
    assert link_of(at) == {"query": "01", "difficulty": "hard"}
    set_to(at, "topic", "mug")
    assert set(widget(at, "query_id").options) <= names | {"blue lamp"}
    press(at, "all queries")
    assert len(widget(at, "query_id").options) == len(QUERIES)
    assert link_of(at) == {"query": "01"}


def test_groups_that_hold_no_query(data_root: Path) -> None:
    products = product_frame()
    queries = pd.DataFrame({"query_id": ["1", "2"], "query": ["red mug", "blue lamp"], "source": ["a", "b"]})
    judged = pd.DataFrame(
        {"query_id": ["1", "2"], "product_id": ["P000", "P006"], "label": ["E", "E"]},
    )
    build_tiny_bundle(data_root / "two", modalities=[])
    with BundleWriter(data_root / "two") as writer:
        writer.write_tables("two", products, queries, judged, ESCI, {})
    at = opened(bundle="two")
    assert not at.exception


def test_surprise_opens_queries_that_disagree_and_never_one_twice(dataset: Dataset) -> None:
    strong = {f"{row:02d}" for row in disagreeing(single_ndcgs(dataset))}
    at = opened(q="red mug")
    before = ""
    for _ in range(6):
        press(at, "surprise me")
        now = widget(at, "query_id").value
        assert now in strong
        assert now != before
        before = now
    assert widget(at, "text").value == ""
    assert not at.toast  # It would lie over the button, for whoever wants another one.


def test_surprise_stays_in_the_group(dataset: Dataset) -> None:
    found = difficulties(single_ndcgs(dataset), random_ndcg(dataset))
    hard = {f"{row:02d}" for row in range(len(QUERIES)) if found[row] == "hard"}
    at = opened(difficulty="hard")
    for _ in range(3):
        press(at, "surprise me")
        assert widget(at, "query_id").value in hard


def test_queries_of_one_text_can_be_told_apart_and_picked(data_root: Path) -> None:
    build_tiny_bundle(data_root / "again", name="again", copies=2)
    at = opened(bundle="again", query="01")
    options = widget(at, "query_id").options
    assert len(set(options)) == len(options) == 2 * len(QUERIES)
    assert widget(at, "query_id").value == "01"
    widget(at, "query_id").select(f"{QUERIES[1]} · 011").run()
    assert link_of(at)["query"] == "011"


def test_of_several_judged_queries_with_the_typed_text_one_is_asked_for(data_root: Path) -> None:
    """Nobody said which: no labels hold, and each can be opened."""
    build_tiny_bundle(data_root / "twice", copies=2, name="twice")
    dataset = load_bundle(data_root / "twice")
    same = [
        query for query, text in dataset.queries[["query_id", "query"]].itertuples(index=False) if text == "red mug"
    ]
    assert len(same) == 2
    at = opened(bundle="twice", q="Red  mug")
    assert "2 judged queries have this text, so no labels are shown" in said(at)
    assert board(at)["judging"] is None
    press(at, f"which {same[1]}")
    assert link_of(at)["query"] == same[1]
    assert board(at)["judging"] is not None
    found = search(dataset, "red mug", k=3, encoder=WordEncoder())
    assert set(found.table["label"]) == {""}
    assert set(search(load_bundle(data_root / "tiny"), "red mug", k=3, encoder=WordEncoder()).table["label"]) != {""}
