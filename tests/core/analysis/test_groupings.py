from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import THREE
from noise import noise_dataset

from sqid_core.analysis import query_words
from sqid_core.analysis.groupings import GROUPINGS, Groups, by_size, groups_of, in_bins, offered, with_pictures
from sqid_core.analysis.query_table import extra_columns, query_table
from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle


@pytest.mark.parametrize(
    ("query", "colour", "negation", "number"),
    [
        ("red mug", True, False, False),
        ("mug not red", True, True, False),
        ("Lamp WITHOUT shade", False, True, False),
        ("lamp w/o shade", False, True, False),
        ("gluten-free bread", False, True, False),
        ("notebook", False, False, False),
        ("5 in nails", False, False, True),
        ("dress in black", True, False, False),
        ("two pillows", False, False, True),
        ("lamp 12oz", False, False, True),
        ("redwood table", False, False, False),
        ("", False, False, False),
        ("赤い マグ", False, False, False),
    ],
)
def test_what_the_words_say(query: str, colour: bool, negation: bool, number: bool) -> None:
    found = (query_words.names_a_colour, query_words.has_a_negation, query_words.has_a_number)
    assert [bool(feature([query])[0]) for feature in found] == [colour, negation, number]


def test_brands_are_whole_words() -> None:
    def named(query: str, *brands: object) -> bool:
        return query_words.holds_one_of(query, map(query_words.as_words, brands))

    assert named("nordhus mug", "Nordhus", None, float("nan"))
    assert named("the black & decker drill", "BLACK & DECKER")
    assert not named("nordhusen mug", "Nordhus")
    assert not named("it works", "It", None)


def test_bins_close_at_their_upper_edge() -> None:
    found = in_bins(np.array([0.0, 1.0, 1.5, 2.0, 9.0, np.nan]), [1, 2], ["a", "b", "c"])
    assert found.labels.tolist() == ["a", "a", "b", "b", "c", None]


def test_the_largest_group_comes_first_and_the_smallest_are_one() -> None:
    assert by_size(["a", "b", "b", None]).names == ("b", "a")
    many = by_size([f"g{i:03d}" for i in range(100)] + ["big"] * 2)
    assert (len(many.names), many.names[0], many.names[-1]) == (30, "big", "others")
    assert len(many.rows("others")) == 100 - 28
    assert len(many.rows("nonsense")) == 0
    with_others = by_size([f"g{i:03d}" for i in range(100)] + ["others"] * 2)
    assert with_others.names.count("others") == 1
    assert len(with_others.rows("others")) == 100 - 29 + 2


def test_every_grouping_covers_the_tiny_bundle(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    assert set(offered(dataset)) == set(GROUPINGS)
    for name in GROUPINGS:
        groups = groups_of(dataset, name)
        sizes = [len(groups.rows(group)) for group in groups.names]
        assert sum(sizes) == len(dataset.queries)
        assert min(sizes) > 0
    assert groups_of(dataset, "query length").names == ("1 word", "2 words")
    assert groups_of(dataset, "colour word").labels.tolist() == ["names a colour"] * 7 + ["no colour"]
    with pytest.raises(ValueError, match="unknown grouping 'x'; choose one of: category, source"):
        groups_of(dataset, "x")


def test_what_a_bundle_does_not_hold_is_not_offered(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    bare = replace(
        dataset,
        products=dataset.products[["product_id", "title", "image"]],
        queries=dataset.queries.assign(source=None),
    )
    assert {"category", "source", "brand in the query"}.isdisjoint(offered(bare))
    without = replace(bare, queries=bare.queries.drop(columns="source"))
    for groups in (groups_of(bare, "source"), groups_of(without, "source"), groups_of(without, "category")):
        assert (groups.names, groups.of_query.tolist()) == ((), [-1] * 8)


def test_other_scales_name_their_own_labels() -> None:
    scale = replace(THREE, relevant_from=0)
    assert all(name.endswith("Good") for name in groups_of(noise_dataset(40, scale=scale), "label mix").names)
    assert all(name.endswith("relevant") for name in groups_of(noise_dataset(40, scale=THREE), "label mix").names)


def test_pictures_are_counted_from_the_image_signal() -> None:
    dataset = noise_dataset(60)
    groups = groups_of(dataset, "products with pictures")
    image = dataset.signals["image"].slate_scores(dataset.judgements)
    share = np.isfinite(image).sum(axis=1) / dataset.judgements.lengths
    np.testing.assert_array_equal(groups.of_query == groups.names.index("all"), share == 1)
    assert isinstance(groups, Groups)


def test_columns_of_ones_own_are_groupings_where_they_have_few_values(tiny_bundle: Path) -> None:
    dataset = load_bundle(tiny_bundle)
    own = {
        "market": ["de", "us", " ", None, "de", "us", "us", "us"],
        "month": [10.0, 2.0, 2.0, 1.0, np.nan, 10.0, 1.0, 2.0],
        "new": [True, False] * 4,
        "source": ["typed"] * 8,
        "category": ["a", "b"] * 4,
        "note": [f"note {i}" for i in range(8)],
        "one": ["same"] * 8,
        "empty": [None] * 8,
        "weight": [1.0, 2.0] * 4,
    }
    asked = replace(dataset, queries=dataset.queries.assign(**own))
    many = replace(asked, queries=pd.concat([asked.queries] * 2, ignore_index=True).assign(number=range(16)))
    added = set(offered(asked)) - set(GROUPINGS)
    assert added == {"market", "month", "new", "category (column)", "note"}
    assert "number" not in offered(many)
    assert groups_of(asked, "market").names == ("de", "us")
    assert groups_of(asked, "market").labels.tolist() == ["de", "us", None, None, "de", "us", "us", "us"]
    assert groups_of(asked, "month").names == ("1", "2", "10")
    assert groups_of(asked, "new").names == ("no", "yes")
    table = query_table(asked, {"text": np.zeros(8)})
    assert {"market", "month", "new", "category (column)", "note", "one"} <= set(table)
    assert table["traffic"].tolist() == [1.0, 2.0] * 4
    assert extra_columns(table)["month"]
    assert not extra_columns(table)["new"]
    assert "empty" not in table
    with pytest.raises(ValueError, match="unknown grouping"):
        groups_of(dataset, "market")


def test_groups_within_some_queries() -> None:
    groups = Groups(("a", "b", "c"), np.array([0, 1, 2, 2, -1, 0]))
    some = groups.within(np.array([1, 3, 4]))
    assert some.names == ("b", "c")
    assert some.of_query.tolist() == [-1, 0, -1, 1, -1, -1]
    assert groups.within(np.empty(0, dtype=np.int64)).names == ()
    assert groups.rows("a").tolist() == [0, 5]
    first = groups.within(np.array([0, 2]))
    assert (first.names, first.of_query.tolist()) == (("a", "c"), [0, -1, 1, -1, -1, -1])


# --- where a group ends ---


def test_up_to_thirty_groups_each_keep_their_name() -> None:
    names = [f"g{i:02d}" for i in range(30)]
    assert by_size(names).names == tuple(names)
    assert by_size([*names, "more"]).names == (*names[:29], "others")
    assert by_size([None, None]).names == ()
    found = by_size(["b", None, "a", "b"])
    assert (found.names, found.of_query.tolist()) == (("b", "a"), [0, -1, 1, 0])


def grouped(dataset: Dataset, name: str) -> list[str | None]:
    return groups_of(dataset, name).labels.tolist()


def test_queries_by_their_words() -> None:
    dataset = noise_dataset(9)
    texts = [" ".join(["word"] * count) for count in (1, 2, 3, 4, 5, 6, 7, 12)]
    asked = replace(dataset, queries=dataset.queries.assign(query=[*texts, "!"]))
    assert grouped(asked, "query length") == [
        *("1 word", "2 words", "3 words", "4 words", "5–6 words", "5–6 words", "7 and more words", "7 and more words"),
        "1 word",
    ]


def with_lengths(lengths: list[int], labels: np.ndarray | None = None) -> Dataset:
    dataset = noise_dataset(len(lengths))
    mask = np.arange(64) < np.array(lengths)[:, None]
    rows = np.where(mask, np.arange(64), -1).astype(np.int32)
    marks = np.where(mask, 0 if labels is None else labels, -1).astype(np.int8)
    return replace(dataset, judgements=Judgements(dataset.judgements.query_ids, rows, marks), signals={})


def test_queries_by_how_many_products_were_judged() -> None:
    names = ["1–10", "1–10", "11–20", "11–20", "21–40", "21–40", "41 and more"]
    expected = [None, *(f"{name} products" for name in names)]
    assert grouped(with_lengths([0, 1, 10, 11, 20, 21, 40, 41]), "judged products") == expected


def test_queries_by_their_relevant_and_their_pictured_share() -> None:
    """Of twenty products, and of none."""
    counts = [0, 0, 1, 5, 6, 10, 11, 15, 16, 20]
    lengths = [0] + [20] * 9
    labels = np.where(np.arange(64) < np.array(counts)[:, None], 0, 3)
    mixed = grouped(with_lengths(lengths, labels), "label mix")
    names = ["no", *["up to a quarter"] * 2, *["a quarter to half"] * 2, *["half to three quarters"] * 2]
    wanted = [f"{name} {ESCI.names[0]}" for name in [*names, *["over three quarters"] * 2]]
    assert mixed == [None, *wanted]
    pictured = [0, 1, 10, 11, 17, 18, 19, 20]
    dataset = with_lengths([20] * 8)
    images = pd.DataFrame({"image": ["x.webp"] * 64}, index=dataset.products.index)
    for query, count in enumerate(pictured):
        shown = images["image"].where(np.arange(64) < count, None)
        found = grouped(replace(dataset, products=dataset.products.assign(image=shown)), "products with pictures")
        ends = [
            "none",
            "up to half",
            "up to half",
            "half to 90 %",
            "half to 90 %",
            "90 % and more",
            "90 % and more",
            "all",
        ]
        assert found[query] == ends[query]
    assert np.isnan(with_pictures(with_lengths([0, 1]))[0])


def test_a_brand_of_the_querys_own_products_is_named() -> None:
    dataset = with_lengths([1, 2, 2])
    brands = ["Nordhus", "Linnea", "Osterby", *[None] * 61]
    texts = ["nordhus mug", "a linnea mug", "osterby mug"]
    products, queries = dataset.products.assign(brand=brands), dataset.queries.assign(query=texts)
    asked = replace(dataset, products=products, queries=queries)
    assert grouped(asked, "brand in the query") == ["brand named", "brand named", "no brand"]
    bare = replace(asked, products=products.drop(columns="brand"))
    assert grouped(bare, "brand in the query") == [None] * 3
    assert GROUPINGS["brand in the query"].make(bare).of_query.tolist() == [-1] * 3
