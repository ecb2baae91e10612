from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sqid_core.analysis.groupings import groups_of
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.judging.acts import COLUMNS
from sqid_core.judging.findings import (
    NO_TAG,
    findings,
    findings_table,
    loss_shares,
    loss_steps,
    query_tags,
    tag_groups,
    winners,
)

# seq, judge, kind, query, product, value
SAID = [
    (1, "ann", "tag", "00", "", "label wrong"),
    (2, "bob", "tag", "00", "", "label wrong"),
    (3, "ann", "tag", "00", "P001", "label wrong"),
    (4, "ann", "tag", "00", "", "query unclear"),
    (5, "ann", "tag", "01", "", "label wrong"),
    (6, "ann", "note", "01", "", "first thoughts"),
    (7, "ann", "note", "01", "", "<b>second</b> thoughts"),
    (8, "bob", "tag", "02", "", "picture misleads"),
    (9, "bob", "undo", "02", "", "k8"),
    (10, "cid", "tag", "gone", "", "query unclear"),
    (11, "cid", "note", "03", "", "  "),
    (12, "bob", "note", "04", "", "something"),
    (13, "bob", "note", "04", "", ""),
    (14, "ann", "label", "00", "P001", "Exact"),
    (15, "ann", "tag", "01", "", " label wrong "),
]


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.fixture
def found() -> pd.DataFrame:
    time = pd.Timestamp("2026-01-01", tz="UTC")
    rows = [
        (seq, time, judge, seq, f"k{seq}", kind, "tiny", "f", "b", query, product, value, f"?seq={seq}", np.nan, 1)
        for seq, judge, kind, query, product, value in SAID
    ]
    return findings(pd.DataFrame(rows, columns=[*COLUMNS]))


def test_what_stands_of_tags_and_notes(found: pd.DataFrame) -> None:
    assert found["seq"].tolist() == [15, 10, 7, 4, 3, 2, 1]
    assert found.loc[0, "value"] == "label wrong"
    assert found.loc[2, ["kind", "value", "link"]].tolist() == ["note", "<b>second</b> thoughts", "?seq=7"]
    assert len(findings(found.iloc[:0].assign(number=1, key="", showing=1))) == 0


def test_a_query_has_a_tag_once(found: pd.DataFrame) -> None:
    tags = query_tags(found).set_index(["query_id", "tag"])["judges"].to_dict()
    assert tags == {
        ("00", "label wrong"): 2,
        ("00", "query unclear"): 1,
        ("01", "label wrong"): 1,
        ("gone", "query unclear"): 1,
    }


def test_tags_by_group(dataset: Dataset, found: pd.DataFrame) -> None:
    tags = query_tags(found)
    by_winner = winners(np.array([0.9, 0.2, *[0.5] * 6]), np.array([0.5, 0.5, *[0.5] * 6]))
    table = tag_groups(dataset, tags, by_winner)
    assert table.to_numpy().tolist() == [
        ["label wrong", "text wins", 1, 0.5, 1.0],
        ["label wrong", "image wins", 1, 0.5, 1.0],
        ["query unclear", "text wins", 1, 1.0, 1.0],
    ]
    by_category = tag_groups(dataset, tags, groups_of(dataset, "category"))
    assert by_category["queries"].sum() == 3
    assert len(tag_groups(dataset, tags.iloc[:0], by_winner)) == 0


def test_winners_and_steps() -> None:
    text, image = np.array([0.5, 0.5, 0.4, np.nan]), np.array([0.5, 0.4, 0.5, 0.1])
    assert winners(text, image).labels.tolist() == ["equal", "text wins", "image wins", None]
    change = np.array([-0.5, -0.3, -0.1, -0.05, 0.0, 1e-12, 0.1, 0.2, 0.31, np.nan])
    assert loss_steps(np.zeros(10), change).labels.tolist() == [
        *("B loses over .3", "B loses .1 to .3", "B loses up to .1", "B loses up to .1", "equal", "equal"),
        *("B wins up to .1", "B wins .1 to .3", "B wins over .3", None),
    ]


def test_the_share_of_the_loss_by_tag(dataset: Dataset, found: pd.DataFrame) -> None:
    b = np.array([-0.3, -0.1, 0.2, -0.1, 0.0, np.nan, 0.2, 0.0])
    table = loss_shares(dataset, query_tags(found), np.zeros(8), b).set_index("tag")
    assert table.index.tolist() == ["label wrong", "query unclear", NO_TAG]
    assert table["queries"].tolist() == [2, 1, 5]
    assert table["losing"].tolist() == [2, 1, 1]
    assert table["loss"].tolist() == pytest.approx([0.4, 0.3, 0.1])
    # Query 00 has two tags: it counts whole for each, or half.
    assert table["share"].tolist() == pytest.approx([0.8, 0.6, 0.2])
    assert table["split"].tolist() == pytest.approx([0.5, 0.3, 0.2])
    assert table["split"].sum() == pytest.approx(1)
    assert table["win share"].tolist() == pytest.approx([0, 0, 1])
    assert table["mean"].tolist() == pytest.approx([-0.2, -0.3, 0.06])
    weighted = loss_shares(dataset, query_tags(found), np.zeros(8), b, np.array([0, 2.0, *[1] * 6])).set_index("tag")
    assert weighted["split"].tolist() == pytest.approx([2 / 3, 0, 1 / 3])


def test_without_tags_or_losses(dataset: Dataset, found: pd.DataFrame) -> None:
    none = loss_shares(dataset, query_tags(found).iloc[:0], np.zeros(8), np.full(8, -0.1))
    assert none[["tag", "share"]].to_numpy().tolist() == [[NO_TAG, 1.0]]
    equal = loss_shares(dataset, query_tags(found), np.zeros(8), np.zeros(8))
    assert equal["share"].isna().all()
    undefined = loss_shares(dataset, query_tags(found), np.zeros(8), np.full(8, np.nan))
    assert (undefined["queries"] == 0).all()


def test_the_export(dataset: Dataset, found: pd.DataFrame) -> None:
    facts = pd.DataFrame({"category": ["mug"]}, index=["00"])
    table = findings_table(dataset, found, {"ann": "judge 1"}, facts)
    assert list(table) == ["query_id", "query", "category", "product_id", "tag", "note", "judge", "time", "link"]
    first = table.iloc[-1]
    assert first[["query", "category", "tag", "note", "judge"]].tolist() == [
        "red mug",
        "mug",
        "label wrong",
        "",
        "judge 1",
    ]
    assert table["judge"].tolist().count("judge 1") == 5
    assert set(table["judge"]) == {"judge 1", ""}
    assert table.loc[table["query_id"] == "gone", "query"].tolist() == [""]
    assert len(findings_table(dataset, found.iloc[:0], {})) == 0
