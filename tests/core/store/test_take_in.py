"""Acts of another store: with their judges, times and fingerprints, once, and nobody gains rights or a secret."""

from __future__ import annotations

import pandas as pd
import pytest
from act_frames import acts_of, labelled, said

from sqid_core.errors import InputError
from sqid_core.judging.books import PAIR_COLUMNS, Book
from sqid_core.judging.store import Judge, Store

OTHERS = (Judge("a1", "Ann"), Judge("b2", "Ann", "model", "lead", {"prompt": "1"}))


def acts():
    return acts_of(
        [
            labelled("b2", "q1 p1", "E", seconds=float("nan")),
            labelled("a1", "q1 p1", "S", fingerprint="older", number=7),
            said("a1", "note", "q1", "“quoted”\r\n=1+1", link="?q=1"),
            said("a1", "undo", value="k2", showing=2),
        ]
    )


def test_acts_come_back_as_they_were(store: Store) -> None:
    stored = store.take_in(acts(), OTHERS, "tiny")
    assert (stored.confirmed, stored.refused) == (("k1", "k2", "k3", "k4"), {})
    pd.testing.assert_frame_equal(store.acts("tiny"), acts())


def test_what_is_there_is_not_stored_again(store: Store) -> None:
    first = store.take_in(acts(), OTHERS, "tiny")
    again = store.take_in(acts().iloc[::-1], OTHERS, "tiny")
    assert again.seq == first.seq
    assert set(again.confirmed) == set(first.confirmed)
    assert len(store.acts("tiny")) == 4
    assert store.take_in(acts().head(0), (), "tiny").seq == first.seq


def test_who_is_not_here_comes_to_be_without_rights(store: Store, ann: Judge) -> None:
    store.take_in(acts(), [*OTHERS, Judge(ann.id, "Somebody", "model", "lead")], "tiny")
    judges = store.judges()
    assert judges["a1"] == Judge("a1", "Ann")
    assert judges["b2"] == Judge("b2", "Ann", "model", "judge", {"prompt": "1"})
    assert judges[ann.id] == ann
    assert store.judge_of("a1") is None
    with pytest.raises(InputError, match="there is no judge 'c3'"):
        store.take_in(acts_of([labelled("a1", "q p", "E", key="x"), labelled("c3", "q p", "E", key="y")]), (), "tiny")
    assert len(store.acts("tiny")) == 4


def test_acts_of_somebody_else_and_of_books_that_are_not_here_are_refused(store: Store) -> None:
    store.take_in(acts(), OTHERS, "tiny")
    pairs = pd.DataFrame({name: [] for name in PAIR_COLUMNS}).astype(dict(PAIR_COLUMNS))
    store.create_book(Book("here", "Here", "tiny", "f", "a list"), pairs)
    rows = [
        labelled("a1", "q1 p1", "E", key="k1"),
        labelled("a1", "q1 p1", "E", key="k9", book="gone"),
        labelled("a1", "q1 p1", "E", key="k10", book="here"),
    ]
    found = store.take_in(acts_of(rows), (), "tiny")
    assert found.confirmed == ("k10",)
    assert "belongs to an act of somebody else" in found.refused["k1"]
    assert "there is no book 'gone'" in found.refused["k9"]


@pytest.mark.parametrize("wrong", [{"kind": "praise"}, {"number": 0}, {"query_id": ""}, {"key": ""}])
def test_what_is_no_act_is_refused_as_a_whole(store: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        store.take_in(acts_of([labelled("a1", "q p", "E"), {**labelled("a1", "q p", "E"), **wrong}]), OTHERS, "tiny")
    assert store.acts("tiny").empty
    assert store.judges() == {}
