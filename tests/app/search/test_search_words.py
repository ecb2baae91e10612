"""The Search page where BM25 is the text signal: typed words, what it does not know, details, pictures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from fixtures import build_tiny_bundle
from searching import board, opened, press, said, shown_ids

from precompute.steps.lexical import index_words
from sqid_core.bundle.lexical import LexicalSignal
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.ranking.ranks import order
from sqid_ui.caches import encoders

pytest.importorskip("bm25s", reason="the extra rankers is not installed")
pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    folder = build_tiny_bundle(data_root / "words")
    index_words(folder, "bm25")
    return load_bundle(folder).preferring("bm25")


def test_typed_words_are_ranked_by_bm25(dataset: Dataset) -> None:
    bm25 = dataset.signal("text")
    assert isinstance(bm25, LexicalSignal)
    scores = bm25.searched({}, "blue umbrella zxqv")
    assert scores is not None
    expected = dataset.products["product_id"].iloc[order(scores)[:20]].tolist()
    at = opened(bundle="words", text="bm25", q="blue umbrella zxqv")
    assert shown_ids(at, "text") == expected
    assert "Words that say nothing to bm25: zxqv" in said(at)
    assert not at.warning
    assert not at.error


def test_what_it_does_not_know_is_said(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "load_vocabulary", lambda _: frozenset({"zxqv"}))
    at = opened(bundle="words", text="bm25", q="zxqv the")
    assert "bm25 knows none of these words, so it ranks nothing" in " ".join(told.value for told in at.warning)
    assert board(at)


def test_a_product_s_details_leave_its_words_out(dataset: Dataset) -> None:
    row = int(np.flatnonzero(dataset.products["title"].str.contains("Blue mug"))[0])
    at = opened(bundle="words", text="bm25", q="blue mug", product=str(dataset.products["product_id"].iloc[row]))
    press(at, "leave out words")
    assert "Without *blue* it" in said(at)


def test_a_picture_is_ranked_without_it(dataset: Dataset) -> None:
    at = opened(bundle="words", text="bm25", like=str(dataset.products["product_id"].iloc[0]))
    assert "bm25 reads words alone, so a picture is ranked by the image signal alone" in said(at)
    assert not at.error


def test_without_the_library_a_typed_query_is_one_sentence_and_judged_ones_work(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    at = opened(bundle="words", text="bm25", q="red blue mug")
    assert "bm25s is not installed" in at.error[0].value.lower()
    at = opened(bundle="words", text="bm25")
    assert board(at)
    assert not at.error
