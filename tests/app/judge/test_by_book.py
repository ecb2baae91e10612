"""What a book says of the rest, on the Judge page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from judging_app import make_book
from test_judge_page import opened, shown

from sqid_core.bundle.load import Dataset
from sqid_core.judging.acts import Act
from sqid_core.judging.books import Book
from sqid_core.judging.samples import drawn_pairs
from sqid_core.judging.store import Judge, Store

pytestmark = pytest.mark.usefixtures("word_encoder")


def judge_otherwise(store: Store, dataset: Dataset, judge: Judge, book: Book) -> None:
    """Every pair gets the scale's first label, which few have."""
    pairs = store.pairs(book.id)
    acts = [
        Act(f"{book.id}{number}", "label", number + 1, str(query), str(product), dataset.scale.names[0], book.id)
        for number, (query, product) in enumerate(zip(pairs["query_id"], pairs["product_id"], strict=True))
    ]
    assert store.add(acts, judge.id, dataset.name, dataset.fingerprint).refused == {}


@pytest.fixture
def changes(
    store: Store, dataset: Dataset, judges: dict[str, Judge], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the view shows of each kind of book: its two tables, and its words."""
    monkeypatch.setattr("sqid_ui.login.who.secret_in", lambda _: "secret-of-lea".ljust(40, "x"))
    # The whole bundle has 132 pairs, fewer than an interval takes.
    monkeypatch.setattr("sqid_core.judging.corrected.LEAST_CHANGED", 50)
    drawn = drawn_pairs(dataset, 100, by_category=False)
    by_chance = Book("drawn", "By chance", dataset.name, dataset.fingerprint, drawn.source, by_chance=True)
    store.create_book(by_chance, drawn.pairs)
    chosen = make_book(store, dataset.folder, id="chosen", name="Chosen", source="chosen by these rankers: suspects")
    for book in (by_chance, chosen):
        judge_otherwise(store, dataset, judges["bo"], book)
    at, found = opened(view="changes"), {}
    for book in (by_chance, chosen):
        at.selectbox(key="book that says").set_value(book).run()
        assert not at.exception
        tables: list[pd.DataFrame] = [each.value for each in at.dataframe]
        means = next(table for table in tables if "corrected" in table).set_index("what")
        wrong = next(table for table in tables if "wrong" in table).set_index("label")
        found[book.id] = (means, wrong, shown(at))
    return found


def test_a_book_that_was_drawn_speaks_of_the_rest_and_one_that_was_chosen_of_itself(
    changes: dict[str, Any], dataset: Dataset
) -> None:
    means, wrong, words = changes["drawn"]
    for name in dataset.signals:
        assert means.loc[name, "low"] < means.loc[name, "corrected"] < means.loc[name, "high"]
        assert means.loc[name, "corrected"] == pytest.approx(means.loc[name, "published"] + means.loc[name, "change"])
    assert wrong.loc["all", "judged"] == 100
    assert wrong.loc["all", "low"] < wrong.loc["all", "wrong"] < wrong.loc["all", "high"]
    assert "100 judged pairs of 132" in words
    means, wrong, words = changes["chosen"]
    assert not {"low", "high", "change low", "change high", "verdict"} & {*means, *wrong}
    assert "of these pairs alone\\: chosen by these rankers" in words
