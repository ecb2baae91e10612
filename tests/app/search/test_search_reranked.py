"""The Search page with a cross-encoder: its first products are ordered anew below the lists."""

from __future__ import annotations

import shutil
from pathlib import Path

import board as board_module
import numpy as np
import pytest
from fixtures import build_tiny_bundle
from searching import link_of, opened, said, set_to, setting, shown_ids
from tiny_rerankers import write_random_cross_encoder

from precompute.steps.learn import Wanted, learn
from precompute.steps.rerank import rerank
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.reranked import RerankedSignal, model_folder
from sqid_core.bundle.seen_queries import SEEN_QUERIES, seen_json
from sqid_core.encoders.cross_encoder import load_cross_encoder
from sqid_core.encoders.trust import SWITCH
from sqid_core.ranking.reranking import texts_of

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build_tiny_bundle(tmp_path_factory.mktemp("crossed") / "crossed", name="crossed")
    model = write_random_cross_encoder(tmp_path_factory.mktemp("models") / "cross")
    (model / SEEN_QUERIES).write_text(seen_json(["Red  Mug"]), encoding="utf-8")
    rerank(folder, "cross", str(model), fields=("title", "brand"), device="cpu")
    learn(folder, Wanted("sum", "linear", signals=("words_text", "words_image"), folds=4))
    return folder


@pytest.fixture
def crossed(made: Path, data_root: Path) -> Path:
    return Path(shutil.copytree(made, data_root / "crossed"))


def lists(at, key: str = "reranked-board") -> dict[str, list[str]]:
    data = board_module.board(at, key)
    return {one["key"]: [data["products"]["id"][place] for place in np.argsort(one["ranks"])] for one in data["lists"]}


def test_a_typed_query_s_first_products_are_ordered_anew(crossed: Path) -> None:
    at = opened(bundle="crossed", q="red mug", k="10")
    assert "Re-ranked" not in said(at)
    set_to(at, "reranker", "cross")
    assert link_of(at)["rerank"] == "cross"
    found = lists(at)
    assert found["shown"] == shown_ids(at, "fused")[:10]
    dataset = load_bundle(crossed)
    signal = dataset.signals["cross"]
    assert isinstance(signal, RerankedSignal)
    model = load_cross_encoder(signal.reranker, model_folder(crossed, "cross"))
    rows = np.sort(dataset.products.index[dataset.products["product_id"].isin(found["shown"])].to_numpy())
    scores = model.scores([("red mug", text) for text in texts_of(dataset, rows, ("title", "brand"))])
    ids = dataset.products["product_id"].to_numpy()
    assert found["reranked"] == ids[rows[np.argsort(-scores, kind="stable")]].tolist()
    assert sorted(found["reranked"]) == sorted(found["shown"])
    # The model's folder lists the queries that it was fine-tuned on.
    assert "**In-sample**: the model learned from this query’s labels" in said(at)
    assert "has not seen this query" in said(opened(bundle="crossed", q="oak mug", k="10", rerank="cross"))


def test_a_filter_holds_for_it_too(crossed: Path) -> None:
    at = opened(bundle="crossed", q="red mug", k="10", rerank="cross", brand="linnea")
    dataset = load_bundle(crossed)
    brands = dataset.products.set_index("product_id")["brand"]
    assert {brands[product] for product in lists(at)["reranked"]} == {"Linnea"}


def test_a_picture_alone_has_no_words(crossed: Path) -> None:
    at = opened(bundle="crossed", like="P001", rerank="cross")
    assert "Re-ranking reads words" in said(at)


def test_what_cannot_be_opened_is_one_sentence(crossed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    at = opened(bundle="crossed", query="00", rerank="cross")
    assert "Nothing was re-ranked. No model is opened here" in said(at)
    assert not at.error


def test_a_learned_ranker_says_which_queries_it_has_seen(crossed: Path) -> None:
    at = opened(bundle="crossed", q="mug of oak", k="10", rerank="sum")
    assert "The model has not seen this query" in said(at)
    found = lists(at)
    assert sorted(found["reranked"]) == sorted(found["shown"])
    known = load_bundle(crossed).queries["query"].iloc[0]
    assert "**In-sample**: the model learned from this query’s labels" in said(
        opened(bundle="crossed", q=known, rerank="sum")
    )


def test_of_a_judged_slate_a_learned_ranker_shows_its_out_of_fold_order(crossed: Path) -> None:
    dataset = load_bundle(crossed)
    query = str(dataset.queries["query_id"].iloc[0])
    at = opened(bundle="crossed", query=query, scope="judged", rerank="sum")
    assert "Out-of-fold: by a model that was fitted without this query" in said(at)
    row = dataset.judgements.row_of(query)
    rows = dataset.judgements.rows[row][dataset.judgements.mask[row]]
    scores = dataset.signals["sum"].query_scores(dataset.judgements, row)
    found = lists(at)
    by_score = dataset.products["product_id"].to_numpy()[rows[np.argsort(-scores, kind="stable")]].tolist()
    assert found["reranked"] == [product for product in by_score if product in found["shown"]]


def test_another_bundle_has_no_such_setting(crossed: Path) -> None:
    at = opened(bundle="tiny", rerank="cross")
    assert setting(at, "reranker") == ""
    assert "Re-ranked" not in said(at)
