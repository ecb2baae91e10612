"""What is read of a query without its labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from noise import noise_dataset

from sqid_core.analysis import query_words
from sqid_core.analysis.query_features import predicted_categories, query_features
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.slate_scores import SlateScores

NAN = np.nan


def test_features_are_read_from_words_and_scores(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    found = query_features(dataset)
    values = dict(zip(found.names, found.values.T, strict=True))
    assert values["words"].tolist() == [2, 2, 2, 2, 2, 2, 2, 1]
    assert values["colour word"].tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    scores = dataset.signals["words_text"].slate_scores(dataset.judgements)
    ranked = -np.sort(-np.nan_to_num(scores, nan=-9), axis=1)
    np.testing.assert_allclose(values["text top score"], ranked[:, 0])
    np.testing.assert_allclose(values["text gap"], ranked[:, 0] - ranked[:, 1])
    np.testing.assert_allclose(
        values["image spread"][0], np.nanstd(dataset.signals["words_image"].slate_scores(dataset.judgements)[0])
    )
    assert "category mug" in found.names
    assert set(predicted_categories(dataset)) <= set(dataset.products["category"])


def test_scores_by_hand() -> None:
    """Slates of three products, of one, of none and of two that have a score."""
    scores = np.array([[0.25, NAN, 1.0, 0.5], [NAN, 0.5, NAN, NAN], [NAN] * 4, [0.25, 1.0, NAN, NAN]])
    dataset = noise_dataset(4)
    rows = np.tile(np.arange(4, dtype=np.int32), (4, 1))
    judgements = Judgements(dataset.judgements.query_ids, rows, np.zeros((4, 4)))
    found = query_features(replace(dataset, judgements=judgements), SlateScores(image=scores))
    values = dict(zip(found.names, found.values.T, strict=True))
    np.testing.assert_array_equal(values["image top score"], [1.0, 0.5, NAN, 1.0])
    np.testing.assert_array_equal(values["image gap"], [0.5, NAN, NAN, 0.75])
    np.testing.assert_allclose(values["image spread"], [np.std([0.25, 1.0, 0.5]), 0.0, NAN, 0.375])
    assert "text gap" not in values


def test_the_eight_categories_that_are_predicted_most_are_features() -> None:
    """Twenty queries of one product each: nine of the first category, two of the next, one of each of the others."""
    names = ["a"] * 9 + ["b"] * 2 + list("cdefghijk")
    dataset = noise_dataset(20)
    products = dataset.products.head(20).assign(category=names)
    one = np.arange(20, dtype=np.int32)[:, None]
    judged = Judgements(dataset.judgements.query_ids, one, np.zeros((20, 1)))
    dataset = replace(dataset, products=products, judgements=judged)
    scores = SlateScores(text=np.ones((20, 1)), image=np.ones((20, 1)))
    assert predicted_categories(dataset, scores).tolist() == names
    found = query_features(dataset, scores)
    assert [name for name in found.names if name.startswith("category ")] == [f"category {name}" for name in "abcdefgh"]
    assert found.values[:, found.names.index("category b")].tolist() == [0.0] * 9 + [1.0] * 2 + [0.0] * 9
    bare = replace(dataset, products=products.drop(columns="category"))
    assert predicted_categories(bare, scores).tolist() == [None] * 20


def test_the_text_predicts_and_without_it_the_picture() -> None:
    dataset = noise_dataset(1)
    products = dataset.products.head(2).assign(category=["a", "b"])
    rows = np.array([[0] + [1] * 11], dtype=np.int32)
    judged = Judgements(dataset.judgements.query_ids, rows, np.zeros((1, 12)))
    dataset = replace(dataset, products=products, judgements=judged)
    first, last = np.append(1.0, np.full(11, NAN))[None], np.append(-1.0, np.arange(11.0))[None]
    assert predicted_categories(dataset, SlateScores(text=last, image=first)).tolist() == ["b"]
    assert predicted_categories(dataset, SlateScores(image=last)).tolist() == ["b"]
    assert predicted_categories(dataset, SlateScores()).tolist() == [None]


def test_words_of_few_letters() -> None:
    assert query_words.has_a_number(["3 mugs", "oz", "in black", "set of mugs", "xxl shirt", "xl", "cup"]).tolist() == [
        True, False, False, True, True, False, True
    ]  # fmt: skip
    assert [query_words.as_words(name) for name in ("Abc", "ab", "a b", "", None)] == ["abc", "", "a b", "", ""]
    assert query_words.word_spans("A Blue-mug") == [("a", 0, 1), ("blue", 2, 6), ("mug", 7, 10)]
    assert query_words.has_a_negation(["not", "w/o it", "no-fuss", "fat-free", "free"]).all()
    assert not query_words.has_a_negation(["mug", "stainless"]).any()
