"""Searching by a picture: a product's own, an upload of any kind, with and without words."""

from __future__ import annotations

import io
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import ENCODER, QUERIES, build_tiny_bundle, product_vectors, text_vector
from PIL import Image
from searching import board, keys, link_of, opened, press, rerun, said, set_to, shown_ids, widget
from streamlit.testing.v1 import AppTest

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.ranking.candidates import catalogue_candidates, signal_ranking
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.picture_search import mixed, similar_to

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


def some_product(dataset: Dataset, pictured: bool = True) -> tuple[int, str]:
    row = int(np.flatnonzero(dataset.signals["words_image"].present == pictured)[4])
    return row, str(dataset.products["product_id"].iloc[row])


def upload(at: AppTest, name: str, body: bytes) -> AppTest:
    at.file_uploader[0].set_value((name, body, "application/octet-stream"))
    return rerun(at)


def picture(kind: str = "PNG", mode: str = "RGB", **options: object) -> bytes:
    body = io.BytesIO()
    Image.new(mode, (60, 40)).save(body, kind, **options)
    return body.getvalue()


def bomb() -> bytes:
    body = bytearray(picture())
    body[16:24] = (60_000).to_bytes(4, "big") * 2
    body[29:33] = zlib.crc32(body[12:29]).to_bytes(4, "big")
    return bytes(body)


def test_a_link_searches_like_a_product_and_leaves_it_out(dataset: Dataset) -> None:
    row, product_id = some_product(dataset)
    at = opened(like=product_id)
    assert keys(at) == ["text", "fused", "image"]
    candidates = catalogue_candidates(dataset, similar_to(dataset, row), Fusion())
    ranked = [r for r in signal_ranking(candidates, "image", 25).rows if r != row][:20]
    assert shown_ids(at, "image") == list(dataset.products["product_id"].iloc[ranked])
    assert link_of(at) == {"like": product_id}
    assert board(at)["scale"] is None
    assert "by a picture: " in said(at)
    assert widget(at, "query_id").value is None


def test_words_are_mixed_in_by_their_share(dataset: Dataset) -> None:
    row, product_id = some_product(dataset)
    at = opened(like=product_id, q="green lamp", words="0.30")
    vectors = mixed(similar_to(dataset, row), {"words": text_vector("green lamp")}, 0.3)
    candidates = catalogue_candidates(dataset, vectors, Fusion())
    ranked = [r for r in signal_ranking(candidates, "text", 25).rows if r != row][:20]
    assert shown_ids(at, "text") == list(dataset.products["product_id"].iloc[ranked])
    before = shown_ids(at, "text")
    set_to(at, "words", 1.0)
    assert shown_ids(at, "text") != before
    assert link_of(at) == {"like": product_id, "q": "green lamp", "words": "1.00"}


def test_leaving_the_picture_brings_the_judged_query_back(dataset: Dataset) -> None:
    at = opened(query="03")
    upload(at, "mine.png", picture())
    assert "Like your picture" in said(at)
    press(at, "leave picture")
    assert link_of(at) == {"query": "03"}
    assert "Like your picture" not in said(at)


def test_picking_a_judged_query_leaves_the_picture(dataset: Dataset) -> None:
    at = opened(like=some_product(dataset)[1])
    set_to(at, "query_id", "05")
    assert link_of(at) == {"query": "05"}


def test_a_product_without_a_picture_is_searched_by_its_text(dataset: Dataset) -> None:
    at = opened(like=some_product(dataset, pictured=False)[1])
    assert len(shown_ids(at, "fused")) == 20
    assert "by the product’s text, as it has no picture: " in said(at)


GOOD = {
    "print colours": picture("JPEG", "CMYK"),
    "sixteen bits": picture("PNG", "I;16"),
    "animated": picture("GIF", save_all=True, append_images=[Image.new("RGB", (60, 40), "lime")]),
    "one pixel": (lambda body: (Image.new("RGB", (1, 1)).save(body, "PNG"), body.getvalue())[1])(io.BytesIO()),
    "avif": picture("AVIF"),
}
BAD = {
    "nothing": (b"", "empty"),
    "a text": (b"hello", "not a picture that can be read"),
    "svg with script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a picture"),
    "cut off": (picture()[:40], "not a picture"),
    "a bomb": (bomb(), "too large"),
    "30 MB": (b"\xff" * 30_000_000, "not a picture"),
    "50 MB": (b"\xff" * 50_000_000, "at most 40 MB"),
}


@pytest.mark.parametrize("name", GOOD)
def test_every_kind_of_picture_is_searched_by(dataset: Dataset, name: str) -> None:
    at = upload(opened(), "../../x.bin", GOOD[name])
    assert not at.error
    assert keys(at) == ["text", "fused", "image"]
    assert link_of(at) == {}
    assert "cannot be part of the link" in said(at)


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_a_sentence_and_the_page_stays(dataset: Dataset, name: str) -> None:
    body, sentence = BAD[name]
    at = opened(query="03")
    before = shown_ids(at, "fused")
    upload(at, "photo.jpg", body)
    assert sentence in said(at)
    assert shown_ids(at, "fused") == before
    assert link_of(at) == {"query": "03"}


def test_an_upload_outlives_other_pages_but_not_another_link(dataset: Dataset) -> None:
    at = upload(opened(), "mine.png", picture())
    at.switch_page("pages/about.py").run()
    at.query_params.clear()
    at.switch_page("pages/search.py").run()
    assert not at.exception
    assert "Like your picture" in said(at)
    at.query_params["query"] = "02"
    rerun(at)
    assert "Like your picture" not in said(at)
    assert link_of(at) == {"query": "02"}


def test_a_text_encoder_that_knows_no_pictures_is_explained(data_root: Path) -> None:
    sentences = replace(ENCODER, name="sentences", family="sentence-transformers")
    build_tiny_bundle(data_root / "tiny2", modalities=["image"], name="tiny2")
    products = pd.read_parquet(data_root / "tiny2" / "products.parquet")
    with BundleWriter(data_root / "tiny2") as writer:
        writer.write_encoder(sentences, np.stack([text_vector(query) for query in QUERIES]))
        writer.write_signal("sentence_text", "text", "sentences", *product_vectors(products, "text"))
    product_id = str(products["product_id"][products["image"].notna()].iloc[0])
    at = opened(bundle="tiny2", like=product_id)
    assert keys(at) == ["image"]
    assert "The encoder of sentence_text knows no pictures" in said(at)
    set_to(at, "text", "red mug")
    assert keys(at) == ["text", "fused", "image"]
    assert keys(upload(opened(bundle="tiny2"), "mine.png", picture())) == ["image"]
