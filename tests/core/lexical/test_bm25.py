"""BM25's index: by hand, against bm25s itself, and the same sums in both ways of asking."""

from __future__ import annotations

import numpy as np
import pytest

from sqid_core.errors import InputError
from sqid_core.lexical.bm25 import Bm25Index, Bm25Settings, bm25_index
from sqid_core.lexical.reading import Reading, named_reading

bm25s = pytest.importorskip("bm25s", reason="the extra rankers is not installed")
TEXTS = ["Red mug, 12 oz", "blue mug", "", "the", "red red mug large"]


def test_by_hand():
    """Lucene's idf, and a term frequency that saturates; the product without a text is in no mean."""
    index, present = bm25_index(TEXTS, named_reading(), Bm25Settings(k1=1.2, b=0.6))
    assert present.tolist() == [True, True, False, True, True]
    assert index.words == ("12", "blue", "large", "mug", "oz", "red")
    lengths, mean = [4, 2, 0, 0, 4], (4 + 2 + 0 + 4) / 4  # "the" is a text of no words
    idf = {"mug": np.log(1 + (4 - 3 + 0.5) / (3 + 0.5)), "red": np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))}

    def part(word: str, tf: int, row: int) -> float:
        return float(idf[word] * tf / (tf + 1.2 * (1 - 0.6 + 0.6 * lengths[row] / mean)))

    expected = [part("red", 1, 0) + part("mug", 1, 0), part("mug", 1, 1), 0, 0, part("red", 2, 4) + part("mug", 1, 4)]
    np.testing.assert_allclose(index.scores(index.columns(["red", "mug", "zebra"])), expected, rtol=1e-6)


@pytest.mark.parametrize(("stopwords", "stemmer"), [("english", "none"), ("none", "english")])
def test_as_the_library_has_it(stopwords, stemmer):
    rng = np.random.default_rng(0)
    vocabulary = [f"{a}{b}" for a in ("mug", "lamp", "chair", "the") for b in ("", "s", "ing", "12")]
    texts = [" ".join(rng.choice(vocabulary, rng.integers(1, 9))) for _ in range(200)]
    reading = named_reading(stopwords, stemmer)
    index, _ = bm25_index(texts, reading, Bm25Settings())
    library = bm25s.BM25()
    library.index(reading.words(texts), show_progress=False)
    for query in reading.words(["mugs lamps mugs", "chairing zebra", "the lamp12"]):
        found = index.scores(index.columns(query))
        np.testing.assert_array_equal(found, library.get_scores(query).astype(np.float64))
        rows = rng.permutation(200)[:50]
        np.testing.assert_array_equal(index.scores_of(index.columns(query), rows), found[rows])


def test_a_word_that_nobody_holds_has_no_column():
    index, _ = bm25_index(TEXTS, named_reading(), Bm25Settings())
    assert len(index.columns(["zebra", ""])) == 0
    assert "mug" in index
    assert "zebra" not in index
    assert index.columns(["mug", "red", "mug"]).tolist() == [3, 5, 3]


@pytest.mark.parametrize("texts", [["", " "], ["the", "a b"]])
def test_texts_without_a_word_are_refused(texts):
    with pytest.raises(InputError, match=r"no product's text holds a word.*--stopwords"):
        bm25_index(texts, named_reading(), Bm25Settings())


def test_names_that_nobody_knows():
    with pytest.raises(InputError, match=r"no stop words are called 'klingon'; choose one of: none, .*english"):
        named_reading("klingon")
    with pytest.raises(InputError, match=r"no stemmer is called 'klingon'; choose one of: none, .*english"):
        named_reading("none", "klingon")
    assert named_reading("none") == Reading()


@pytest.mark.parametrize(("k1", "b"), [(-0.1, 0.5), (np.nan, 0.5), (np.inf, 0.5), (1, 1.1), (1, np.nan)])
def test_settings_that_mean_nothing(k1, b):
    with pytest.raises(ValueError, match=r"(k1|b) must be"):
        Bm25Settings(k1, b)


def test_stored_order_is_no_accident():
    """Whatever order the library keeps its products in, rows ascend within a word."""
    index, _ = bm25_index([f"w{i % 7:02d} w{i % 5:02d} common" for i in range(90)], Reading(), Bm25Settings())
    assert isinstance(index, Bm25Index)
    for column in range(len(index.words)):
        assert (np.diff(index.rows[index.pointers[column] : index.pointers[column + 1]]) > 0).all()
