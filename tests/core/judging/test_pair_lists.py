from __future__ import annotations

from pathlib import Path

import pytest
from checked_pairs import checked

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.judging.pair_lists import listed_pairs


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


GOOD = "query_id,product_id\n00,P001\n01,P002\n"


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.encode(),
        ("\ufeff" + GOOD).encode(),
        "# a heading, with commas\n# more\n" + GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace("\n", "\r\n").replace(",", "\t"),
        "note,Product_ID , query_id\n=1+1, P001,00\n,P002 ,01\n\n",
        '"query_id","product_id"\n"00","P001"\n"01","P002"\n',
    ],
)
def test_a_list_in_many_dresses(dataset: Dataset, content: bytes | str) -> None:
    found = listed_pairs(dataset, content, "mine.csv")
    pairs = checked(found, dataset)
    assert pairs[["query_id", "product_id"]].to_numpy().tolist() == [["00", "P001"], ["01", "P002"]]
    assert found.source == "2 pairs of mine.csv"
    assert not found.by_chance


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("# only a heading\n", "is empty"),
        ("query_id,product_id\n", "has no pairs"),
        ("query,product_id\n00,P001\n", r"has no column query_id \(the closest is query\); it has: query, product_id"),
        ("query_id,query_id,product_id\n1,2,3\n", "column query_id twice"),
        (GOOD + "00,P001\n", r"names 1 pair twice: line 4 \(00, P001\)"),
        (GOOD + "00,p003\n", r"1 product_id that tiny does not have: line 4: 'p003', did you mean 'P003'\?"),
        ("query_id,product_id\n1,P001\n", r"1 query_id that tiny does not have: line 2: '1'"),
        (GOOD + "00\n", "has 1 pair without an id: line 4"),
        (GOOD + "xx,P001\nyy,P001\nzz,P001\nww,P001\n", "4 query_ids that tiny does not have: line 4: 'xx'; .* …"),
        (b"\xff\xfe\x00q", "not UTF-8"),
        ('query_id,product_id\n"00,P001\n', "without an id"),
        ("query_id,product_id\n00," + "P" * 200_000, "no CSV"),
    ],
)
def test_a_list_with_a_fault_gets_one_sentence(dataset: Dataset, content: bytes | str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        listed_pairs(dataset, content, "mine.csv")
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)
