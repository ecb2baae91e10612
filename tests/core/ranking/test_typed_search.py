"""One call from a typed text to ranked products: the app's ranking, filters, labels, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import WordEncoder, text_vector

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.errors import EncoderError, InputError
from sqid_core.ranking.candidates import catalogue_candidates, fused_ranking, signal_ranking
from sqid_core.ranking.filters import ProductFilter
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.search import SearchResult, bundle_encoder, search


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.mark.parametrize("by", [None, Fusion("rrf", 0.2), "words_text", "words_image"])
def test_the_first_products_are_those_of_the_whole_ranking(dataset: Dataset, by: str | Fusion | None) -> None:
    fusion = by if isinstance(by, Fusion) else Fusion()
    candidates = catalogue_candidates(dataset, {"words": text_vector("red mug")}, fusion)
    modality = {"words_text": "text", "words_image": "image"}.get(str(by))
    whole = signal_ranking(candidates, modality, 60) if modality else fused_ranking(candidates, fusion, 60)  # type: ignore[arg-type]
    found = search(dataset, "red mug", by, k=7, encoder=WordEncoder())
    np.testing.assert_array_equal(found.table["row"], whole.rows[:7])
    np.testing.assert_array_equal(found.table["score"], whole.scores[:7])
    assert found.table["product_id"].tolist() == dataset.products["product_id"].iloc[whole.rows[:7]].tolist()
    only = ProductFilter(brands=("Linnea",))
    fits = only.mask(dataset.products)
    filtered = search(dataset, "red mug", by, k=7, only=only, encoder=WordEncoder())
    np.testing.assert_array_equal(filtered.table["row"], whole.rows[fits[whole.rows]][:7])
    assert (len(filtered), filtered.searched) == (7, int(fits.sum()))


def test_labels_are_there_where_this_text_was_judged(dataset: Dataset) -> None:
    found = search(dataset, " RED  mug", k=60, encoder=WordEncoder()).table
    judgements = dataset.judgements
    query = dataset.queries["query"].tolist().index("red mug")
    mask = judgements.mask[query]
    names = np.array(dataset.scale.names)[judgements.labels[query][mask]]
    expected = dict(zip(judgements.rows[query][mask].tolist(), names.tolist(), strict=True))
    assert dict(zip(found["row"], found["label"], strict=True)) == {row: expected.get(row, "") for row in range(60)}
    assert set(search(dataset, "red mugs", encoder=WordEncoder()).table["label"]) == {""}


def test_of_two_that_ask_the_same_the_judged_one_counts(dataset: Dataset) -> None:
    """Of two that are judged none does, as nobody said whose labels hold."""
    texts = dataset.queries["query"].tolist()
    twice = replace(dataset, queries=dataset.queries.assign(query=[*texts[:-1], "RED mug"]))
    assert set(search(twice, "red mug", encoder=WordEncoder()).table["label"]) == {""}
    old, judged = dataset.judgements, np.arange(8)[:, None] < 7
    fewer = replace(old, rows=np.where(judged, old.rows, -1), labels=np.where(judged, old.labels, -1))
    found = search(replace(twice, judgements=fewer), "red mug", k=60, encoder=WordEncoder()).table["label"]
    assert (found != "").sum() == old.lengths[0]
    first = np.arange(old.rows.shape[1]) < 1
    one = replace(old, rows=np.where(judged & first, old.rows, -1), labels=np.where(judged & first, old.labels, -1))
    found = search(replace(twice, judgements=one), "red mug", k=60, encoder=WordEncoder()).table["label"]
    assert (found != "").sum() == 1


def test_what_is_shown_of_a_result_is_short() -> None:
    for letters, cut in ((20, False), (21, True)):
        told = repr(SearchResult("t" * letters, pd.DataFrame({"title": ["x" * (letters + 8), "y"]}), 1_200))
        assert ("t" * letters in told) == ("x" * (letters + 8) in told) == (not cut)
        assert "2 of 1,200 products" in told


def test_what_cannot_be_searched_is_a_sentence(dataset: Dataset) -> None:
    alone = replace(dataset, signals={"words_image": dataset.signals["words_image"]})
    with pytest.raises(InputError, match="no text and image vectors to fuse"):
        search(alone, "red mug", Fusion(), encoder=WordEncoder())
    assert search(alone, "red mug", encoder=WordEncoder()).table.equals(
        search(dataset, "red mug", "words_image", encoder=WordEncoder()).table
    )
    with pytest.raises(InputError, match="has no signal 'words' that can search; it has: words_text, words_image"):
        search(dataset, "red mug", "words")
    scored = replace(dataset, signals={"run": ScoredSignal("run", "text", np.zeros(dataset.judgements.rows.shape))})
    with pytest.raises(InputError, match="are run files"):
        search(scored, "red mug")


def test_an_encoder_is_loaded_once_a_call_and_checked(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(
        "sqid_core.ranking.search.load_encoder", lambda spec, folder: loaded.append(spec.name) or WordEncoder()
    )
    search(dataset, "red mug")
    search(dataset, "red mug", encoder=bundle_encoder(dataset, "words"))
    assert loaded == ["words", "words"]
    with pytest.raises(InputError, match="name one of the encoders of tiny: words"):
        bundle_encoder(dataset, "clip")

    class Other(WordEncoder):
        def encode_texts(self, texts: object) -> np.ndarray:
            return -super().encode_texts(texts)  # type: ignore[arg-type]

    monkeypatch.setattr("sqid_core.ranking.search.load_encoder", lambda spec, folder: Other())
    with pytest.raises(EncoderError, match="does not make"):
        bundle_encoder(dataset)
