"""Milvus: as exact as its kind promises, filters that no text can break, and a server that may be lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sqid_core.errors import InputError, ServerError
from sqid_core.indexes.conditions import Condition
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.milvus import MOST_HITS, MilvusIndex
from sqid_core.indexes.milvus_collection import FLAT, HNSW, drop, holds, make_collection
from sqid_core.indexes.milvus_server import MilvusServer, milvus_place
from sqid_core.indexes.protocol import IndexSpec, recall
from sqid_core.ranking.filters import ProductFilter
from sqid_core.ranking.server_filters import ProductCodes

N, D = 600, 24
NASTY = ['a"b', "x' or 1 == 1 or brand == '", "]) or true", "{b}", "\\", "Ünï  CODE\u0000", "", None, "plain", "日本"]
FILTERS = [
    *(ProductFilter(brands=(brand,)) for brand in NASTY if brand is not None),
    ProductFilter(brands=("PLAIN", "日本", "unknown"), price_from=1.0),
    ProductFilter(brands=("unknown",)),
    ProductFilter(categories=("Home",)),
    ProductFilter(categories=('Home"', "Toys"), price_to=50.25),
    ProductFilter(price_from=-1e300, price_to=1e300),
    ProductFilter(price_from=-np.inf),
    ProductFilter(price_from=np.inf),
    ProductFilter(price_from=float("nan")),
    ProductFilter(price_from=1e-7, price_to=1e-3),
    ProductFilter(picture=True, price_from=20.0),
    ProductFilter(picture=False),
    ProductFilter(),
]


def unit(rng: np.random.Generator, count: int) -> np.ndarray:
    vectors = rng.standard_normal((count, D)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def products() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    categories = ["Home > Kitchen", "Home", "Toys > Wood", 'Home" > x', None]
    prices = np.where(rng.random(N) < 0.2, np.nan, rng.choice([0.0, 1e-5, 3.5, 50.25, 1e9, np.inf, -2.0], N))
    return pd.DataFrame(
        {
            "brand": [NASTY[i] for i in rng.integers(len(NASTY), size=N)],
            "category": [categories[i] for i in rng.integers(len(categories), size=N)],
            "price": prices,
            "image": np.where(rng.random(N) < 0.3, "", "p.jpg"),
        }
    )


@pytest.fixture(scope="module")
def vectors() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    present = np.arange(N) % 9 != 4
    return {"text": (unit(rng, N), np.ones(N, bool)), "image": (unit(rng, N) * present[:, None], present)}


@pytest.fixture(scope="module")
def indexes(server, products, vectors) -> dict[str, MilvusIndex]:
    """The text scored as a whole, the image by a graph: two fields of one collection."""
    specs = {
        name: IndexSpec(kind, D, int(present.sum()), ef=400)
        for (name, (_, present)), kind in zip(vectors.items(), (FLAT, HNSW), strict=True)
    }
    make_collection(server, "shop", vectors, ProductCodes.of(products).columns(products), specs)
    assert holds(server, "shop", N)
    assert not holds(server, "shop", N + 1)
    return {name: MilvusIndex(server, "shop", name, spec, N) for name, spec in specs.items()}


@pytest.mark.parametrize("only", FILTERS, ids=repr)
def test_a_filter_leaves_what_it_leaves_here(only, indexes, products, vectors):
    condition = ProductCodes.of(products).condition(only)
    queries = unit(np.random.default_rng(1), 4)
    for name, index in indexes.items():
        held, present = vectors[name]
        truth = ExactIndex(held, present & only.mask(products)).search(queries, 15)
        found = index.search(queries, 15, condition)
        np.testing.assert_array_equal(found.rows < 0, truth.rows < 0)
        assert (truth.rows < 0).all() or recall(found, truth) >= 0.99
        np.testing.assert_allclose(found.scores, truth.scores, atol=1e-5)
        assert set(found.rows[found.rows >= 0].tolist()) <= set(np.flatnonzero(present & only.mask(products)).tolist())


def test_flat_is_exact_and_a_graph_follows_ef(indexes, vectors):
    queries = unit(np.random.default_rng(2), 30)
    truth = ExactIndex(*vectors["text"]).search(queries, 20)
    found = indexes["text"].search(queries, 20)
    np.testing.assert_array_equal(found.rows, truth.rows)
    np.testing.assert_allclose(found.scores, truth.scores, atol=1e-5)
    image = ExactIndex(*vectors["image"]).search(queries, 20)
    assert recall(indexes["image"].search(queries, 20), image) >= 0.99
    assert indexes["image"].with_ef(7).spec.ef == 7


def test_no_text_is_part_of_an_expression():
    condition = Condition(categories=(1, 2), brands=(0,), price_from=0.5, price_to=1e300, picture=False)
    assert condition.expression() == (
        "category in [1, 2] and brand in [0] and price >= 0.5 and price <= 1e+300 and picture == false"
    )
    assert Condition().expression() == ""


@pytest.mark.parametrize(
    "uri",
    ["", "milvus", "ftp://host", "http://", "http://user:secret@host:1", "http://host?token=secret", "http://host:x",
     "http://[::1", "a\nb.db", "x" * 2000 + ".db"],
)  # fmt: skip
def test_no_address_is_one_sentence_without_a_secret(uri):
    if not uri:
        assert milvus_place({"SQID_MILVUS_URI": "  "}) is None
        return
    with pytest.raises(InputError, match="expected an address") as refused:
        milvus_place({}, uri)
    assert "secret" not in str(refused.value)


def test_the_token_is_in_nothing_that_is_printed():
    place = milvus_place({"SQID_MILVUS_URI": "http://localhost:1", "SQID_MILVUS_TOKEN": "root:hush"})
    server = MilvusServer(place)
    with pytest.raises(ServerError, match="cannot be reached") as refused:
        server.asked(lambda client: client.list_collections())
    assert "hush" not in f"{refused.value} {place} {server}"


def test_more_than_milvus_gives_is_refused(indexes):
    index = MilvusIndex(indexes["text"]._server, "shop", "text", IndexSpec(FLAT, D, 10**6), 10**6)
    with pytest.raises(InputError, match=f"at most {MOST_HITS:,}"):
        index.search(np.eye(1, D, dtype=np.float32), MOST_HITS + 1)


def test_a_stranger_among_the_hits_is_refused(indexes):
    """Somebody else's collection under the name: its rows are not ours."""
    index = MilvusIndex(indexes["text"]._server, "shop", "text", IndexSpec(FLAT, D, 20), 20)
    with pytest.raises(ServerError, match="found a product that the bundle lacks"):
        index.search(unit(np.random.default_rng(3), 3), 20)


def test_what_is_gone_is_a_sentence(server, indexes):
    drop(server, "never was")
    assert not holds(server, "never_was", 1)
    lost = MilvusIndex(server, "never_was", "text", IndexSpec(FLAT, D, 5), 5)
    with pytest.raises(ServerError, match="does not answer"):
        lost.search(np.eye(1, D, dtype=np.float32), 2)
    assert len(indexes["text"].search(np.eye(1, D, dtype=np.float32), 2).rows[0]) == 2


def test_an_answer_holds_no_vectors(indexes, vectors, monkeypatch):
    """The answers to 1,000 questions of 768 numbers would be longer than the server may send."""
    asked, answers = MilvusServer.asked, []
    monkeypatch.setattr(MilvusServer, "asked", lambda *words: answers.append(asked(*words)) or answers[-1])
    assert (indexes["text"].search(vectors["text"][0][:2], 5).rows >= 0).all()
    fields = {field for hits in answers[-1] for hit in hits for field in hit["entity"]}
    assert fields <= {"row"}
