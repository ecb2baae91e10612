"""Features by hand: what is known is counted, what is not is nan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ranker_sets import drawn_set, examples_of

from sqid_core.errors import InputError
from sqid_core.learning.features import GROUPS, feature_groups, features
from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.slate_texts import Text
from sqid_core.learning.slates import Slates, judged_slates

PRODUCTS = pd.DataFrame(
    {
        "title": ["Oak Red Mugs, 12 oz", "Blue lamp 10 inch", ""],
        "brand": ["Oak", "Steel", None],
        "color": ["red", None, "blue"],
        "category": ["Home > Mugs", "Home > Lamps", None],
        "price": [10.0, 40.0, np.nan],
        "image": ["a.webp", None, " "],
    }
)


def column(name: str, query: str) -> list[float]:
    """Of the three products, by a query that ranks them as they stand."""
    scores = {"text": np.array([3.0, 2.0, np.nan])}
    signals = {"text": drawn_set(0, 2).signals["text"]}
    slates = Slates([query], np.array([3]), np.arange(3), signals, scores, {}, PRODUCTS)
    found = features(slates, feature_groups(signals.values()))
    return found.values[:, found.names.index(name)].tolist()


NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("text: score", "mug", [3, 2, NAN]),
        ("text: z", "mug", [1, -1, NAN]),
        ("text: rank", "mug", [1, 2, NAN]),
        ("text: behind the best", "mug", [0, 1, NAN]),
        ("share of the query's words in the title", "red mug", [1, 0, 0]),
        ("share of the query's words in the title", "…", [NAN, NAN, NAN]),
        ("share of the title's words in the query", "red mug", [2 / 5, 0, NAN]),
        ("share of the query's word pairs in the title", "red mug 12", [1, 0, 0]),
        ("share of the query's word pairs in the title", "mug", [NAN, NAN, NAN]),
        ("place of the first common word in the title", "mug red", [1 / 5, NAN, NAN]),
        ("the query names the brand", "oak mug", [1, 0, NAN]),
        ("the query names another brand", "oak mug", [0, 1, NAN]),
        ("share of the query's colours in the colour", "red mug", [1, NAN, 0]),
        ("share of the query's colours in the title", "red mug", [1, 0, NAN]),
        ("share of the query's colours in the colour", "mug", [NAN, NAN, NAN]),
        ("share of the query's numbers in the title", "mug 12", [1, 0, 0]),
        ("share of the query's numbers in the title", "mug", [NAN, NAN, NAN]),
        ("share of the query's sizes in the title", "mug 12 ounces", [1, NAN, NAN]),
        ("share of the query's sizes that are others in the title", "lamp 12in", [NAN, 1, NAN]),
        ("words of the query", "red mug", [2, 2, 2]),
        ("letters of the title", "red mug", [19, 17, 0]),
        ("of the expected department", "mug", [1, 1, NAN]),
        ("of the expected category", "mug", [1, 0, NAN]),
        ("share of the query's words in the category", "red mug", [0.5, 0, NAN]),
        ("price", "mug", [10, 40, NAN]),
        ("price over the slate's median", "mug", [np.log(10 / 25), np.log(40 / 25), NAN]),
        ("has a title", "mug", [1, 1, 0]),
        ("has a price", "mug", [1, 1, 0]),
        ("has a picture", "mug", [1, 0, 0]),
        ("text knows it", "mug", [1, 1, 0]),
    ],
)
def test_by_hand(name, query, expected):
    np.testing.assert_allclose(column(name, query), expected, atol=1e-12)


def test_columns_have_one_name_and_fit_their_slates():
    dataset = drawn_set(0, queries=12)
    whole = examples_of(dataset)
    assert len({*whole.features.names}) == len(whole.features.names)
    assert not np.isinf(whole.features.values).any()
    alone = judged_slates(dataset, dataset.signals).take(np.array([5]))
    found = features(alone, feature_groups(dataset.signals.values()))
    np.testing.assert_array_equal(found.values, whole.take(np.array([5])).features.values)


def test_no_feature_reads_a_label():
    dataset = drawn_set(0, queries=12)
    blank = replace(dataset, judgements=replace(dataset.judgements, labels=np.zeros_like(dataset.judgements.labels)))
    np.testing.assert_array_equal(examples_of(dataset).features.values, examples_of(blank).features.values)


def test_slates_may_be_empty_and_columns_missing():
    dataset = drawn_set(0, queries=3)
    rows = dataset.judgements.rows.copy()
    rows[1] = -1
    judgements = replace(dataset.judgements, rows=rows)
    bare = replace(dataset, judgements=judgements, products=dataset.products[["product_id", "title"]])
    found = examples_of(bare)
    assert len(found.features.values) == 20
    assert np.isnan(found.features.values[:, found.features.names.index("price")]).all()
    nothing = replace(bare, judgements=replace(bare.judgements, rows=np.full_like(rows, -1)))
    assert examples_of(nothing).features.values.shape == (0, len(found.features.names))


def test_an_unknown_group_is_named():
    with pytest.raises(InputError, match="there are no features 'titel'; choose from: title, brand"):
        feature_groups([], ["titel"])
    assert [group.name for group in feature_groups([], ["price"])] == ["price"]
    assert all(group.about for group in GROUPS.values())


def test_measures_are_read_with_their_unit():
    assert Text("two 8.5-inch plates, 3 x 10ft XL").measures == {
        "inch": {"8.5"},
        "foot": {"10"},
        "size": {"xl"},
    }


def test_the_documents_name_every_group_and_learner():
    text = (Path(__file__).parents[3] / "docs" / "learning.md").read_text(encoding="utf-8")
    entries = [*GROUPS.values(), *LEARNERS.values(), replace(GROUPS["title"], name="signal NAME", about=signal_about())]
    assert not [each.name for each in entries if f"| `{each.name}` | {each.about} |" not in text]


def signal_about() -> str:
    return feature_groups(drawn_set(0, 2).signals.values())[0].about
