from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sqid_core.judging.acts import COLUMNS, standing
from sqid_core.judging.books import Book
from sqid_core.judging.queue import GAP, pace, progress, queue

BOOK = Book("b1", "Lamps", "tiny", "f", "all")


def pairs_of(count: int, a_query: int = 10) -> pd.DataFrame:
    numbers = np.arange(count)
    return pd.DataFrame(
        {
            "number": numbers,
            "query_id": [f"q{number // a_query}" for number in numbers],
            "product_id": [f"p{number}" for number in numbers],
            "probability": np.nan,
            "stratum": "",
            "why": "",
        }
    )


class Desk:
    """Acts of several judges on the pairs of a book, one after another."""

    def __init__(self, pairs: pd.DataFrame) -> None:
        self.pairs, self.rows = pairs, []

    def act(
        self, judge: str, number: int, kind: str = "label", value: str = "E", showing: int = 1, seconds=10.0
    ) -> str:
        seq = len(self.rows) + 1
        query, product = self.pairs.loc[number, ["query_id", "product_id"]]
        key = f"{judge}{seq}"
        row = (seq, pd.Timestamp("2026-01-01", tz="UTC"), judge, seq, key, kind, "tiny", "f", "b1", query, product)
        self.rows.append((*row, value, "", seconds, showing))
        return key

    @property
    def standing(self) -> pd.DataFrame:
        return standing(
            pd.DataFrame(self.rows, columns=[*COLUMNS]).astype({k: v for k, v in COLUMNS.items() if k != "time"})
        )

    def next(self, judge: str, book: Book = BOOK, most: int = 20, models=()) -> pd.DataFrame:
        return queue(book, self.pairs, self.standing, judge, most, models).pairs


def test_each_judge_has_a_random_order_of_his_own() -> None:
    desk = Desk(pairs_of(200))
    ann, bob = (desk.next(judge, most=200)["number"].tolist() for judge in ("ann", "bob"))
    assert sorted(ann) == sorted(bob) == list(range(200))
    assert ann != bob
    assert ann == desk.next("ann", most=200)["number"].tolist()
    assert ann != desk.next("ann", replace(BOOK, id="b2"), most=200)["number"].tolist()
    # No place is favoured: of many judges, each pair is as often in the first tenth.
    stands, few = desk.standing, pairs_of(50)
    firsts = np.concatenate([queue(BOOK, few, stands, f"judge {i}", 10).pairs["number"] for i in range(100)])
    counts = np.bincount(firsts, minlength=50)
    assert ((counts - 20) ** 2 / 20).sum() < 95  # Chi-squared with 49 degrees: less than 0.1 ‰ lies above.


def test_by_query_and_worst_first() -> None:
    desk = Desk(pairs_of(60))
    by_query = desk.next("ann", replace(BOOK, order="query"), most=60)
    assert by_query["query_id"].ne(by_query["query_id"].shift()).sum() == 6
    other = desk.next("bob", replace(BOOK, order="query"), most=60)["query_id"]
    assert list(dict.fromkeys(by_query["query_id"])) != list(dict.fromkeys(other))
    assert by_query["number"].tolist()[:10] != sorted(by_query["number"].tolist()[:10])
    assert desk.next("ann", replace(BOOK, order="worst"))["number"].tolist() == list(range(20))


def test_what_is_done_or_has_enough_judges_is_left_out_and_later_comes_last() -> None:
    desk = Desk(pairs_of(12))
    worst = replace(BOOK, order="worst", judges=2)
    desk.act("ann", 0)
    desk.act("ann", 1, "unrateable", "")
    desk.act("ann", 3, "later", "")
    desk.act("ann", 2, "later", "")
    for judge in ("bob", "cid"):
        desk.act(judge, 5)
    desk.act("bob", 6)
    desk.act("model", 6)
    desk.act("bob", 7, "later", "")
    desk.act("cid", 7)
    assert desk.next("ann", worst, models=["model"])["number"].tolist() == [4, 6, 7, 8, 9, 10, 11, 3, 2]
    assert desk.next("ann", worst)["number"].tolist() == [4, 7, 8, 9, 10, 11, 3, 2]
    # What others finished meanwhile needs no later either; one's own label after all ends it.
    for judge in ("bob", "cid"):
        desk.act(judge, 3)
    desk.act("ann", 2)
    assert desk.next("ann", worst, models=["model"])["number"].tolist() == [4, 6, 7, 8, 9, 10, 11]


def test_undo_brings_a_pair_back() -> None:
    desk = Desk(pairs_of(5))
    key = desk.act("ann", 4)
    assert 4 not in desk.next("ann")["number"].tolist()
    desk.act("ann", 4, "undo", key)
    assert 4 in desk.next("ann")["number"].tolist()


def walked(count: int, book: Book) -> list[tuple[int, int]]:
    """(number, showing) of what a judge sees who always takes the first pair, to the end of the book."""
    desk, seen = Desk(pairs_of(count)), []
    while True:
        found = queue(book, desk.pairs, desk.standing, "ann", 20)
        if not len(found.pairs):
            assert found.progress.left == 0
            return seen
        number, showing = found.pairs.iloc[0][["number", "showing"]].tolist()
        seen.append((number, showing))
        desk.act("ann", number, showing=showing)


@pytest.mark.parametrize(("count", "repeats"), [(70, 0.25), (25, 1.0), (2, 1.0), (1, 1.0)])
def test_a_share_is_shown_twice_and_never_directly_after_itself(count: int, repeats: float) -> None:
    seen = walked(count, replace(BOOK, repeats=repeats))
    first = {number: at for at, (number, showing) in enumerate(seen) if showing == 1}
    second = {number: at for at, (number, showing) in enumerate(seen) if showing == 2}
    assert sorted(first) == list(range(count))
    assert len(seen) == len(first) + len(second)
    assert all(at - first[number] > 1 for number, at in second.items())
    if count == 70:
        assert 8 <= len(second) <= 30
        assert sorted(at - first[number] for number, at in second.items())[len(second) // 2] > GAP
    if count == 25:
        assert len(second) == 25
    if count < 3:
        assert len(second) == count - (count == 1)


def test_the_last_pair_waits_behind_what_was_put_off() -> None:
    desk, book = Desk(pairs_of(2)), replace(BOOK, repeats=1.0, order="worst")
    desk.act("ann", 0, "later", "")
    desk.act("ann", 1)
    found = desk.next("ann", book)
    assert found[["number", "showing"]].to_numpy().tolist() == [[0, 1], [1, 2]]


def test_how_much_is_left_and_how_long_that_takes() -> None:
    desk = Desk(pairs_of(40))
    assert queue(BOOK, desk.pairs, desk.standing, "ann").progress.words == "40 pairs left"
    for number in range(6):
        desk.act("ann", number, seconds=(5.0, 6.0, 7.0, 8.0, 9.0, 500.0)[number])
    desk.act("bob", 7, seconds=90.0)
    desk.act("robot", 8, seconds=0.1)
    stands = desk.standing
    left = queue(BOOK, desk.pairs, stands, "ann", models=["robot"]).progress
    assert (left.done, left.left, left.seconds) == (6, 33, 7.5)
    assert left.words == "33 pairs left, about 4 minutes at 8 s a pair"
    assert pace(stands, "bob", ["robot"]) == 8.0
    assert pace(stands[stands["judge"] == "robot"], "ann", ["robot"]) != pace(stands, "ann")
    whole = progress(replace(BOOK, judges=2), desk.pairs, stands, ["robot"])
    assert (whole.done, whole.left) == (7, 73)
    # What will be shown again is yet to be done, too.
    assert queue(replace(BOOK, repeats=1.0), desk.pairs, stands, "cid", models=["robot"]).progress.left == 66


def test_acts_on_what_is_not_in_the_book_count_for_nothing() -> None:
    small = pairs_of(3)
    desk = Desk(pairs_of(9))
    desk.act("ann", 8)
    desk.act("bob", 7, "later", "")
    assert sorted(queue(BOOK, small, desk.standing, "ann").pairs["number"]) == [0, 1, 2]
    empty = queue(BOOK, small[:0], desk.standing, "ann")
    assert len(empty.pairs) == 0
    assert empty.progress.words == "nothing left"
