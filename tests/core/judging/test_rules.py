"""Who may do what: every rule that an act passes, and the sentence where it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sqid_core.judging.acts import KINDS, Act
from sqid_core.judging.books import Book
from sqid_core.judging.rules import Ground, may_judge, may_lead, refusal
from sqid_core.judging.store import ROLES, Judge

BOOK = Book("b", "Suspects", "shop", "f00", "a list", tags=("label wrong",))
GROUND = Ground({"Exact", "Irrelevant"}, {"q1", "q2"}, {"p1", "p2"})
PAIRS = {("q1", "p1")}
VIEWER, JUDGE, LEAD = (Judge(role, role, role=role) for role in ROLES)
VALUES = {
    "label": "Exact",
    "adjudicate": "Exact",
    "tag": "label wrong",
    "undo": "k0",
    "note": "odd",
    "explanation": "so",
}


def act(kind: str = "label", **more: Any) -> Act:
    usual = {"query_id": "q1", "product_id": "p1", "book": "b", "value": VALUES.get(kind, "")}
    return Act("k1", kind, 1, **{**usual, **more})


def said(sent: Act, judge: Judge = JUDGE, book: Book | None = BOOK) -> str:
    return refusal(sent, judge, book, PAIRS, GROUND)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lead_may_do_everything_in_a_book(kind: str) -> None:
    assert said(act(kind), LEAD) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_only_leads_have_the_last_word(kind: str) -> None:
    assert bool(said(act(kind))) == (kind == "adjudicate")


def test_a_name_alone_judges_where_anybody_may() -> None:
    given = replace(BOOK, anybody=False)
    assert said(act(), VIEWER) == ""
    assert "those who were made judges" in said(act(), VIEWER, given)
    assert said(act(), JUDGE, given) == ""
    assert [may_judge(judge, given) for judge in (None, VIEWER, JUDGE, LEAD)] == [False, False, True, True]
    assert [may_judge(judge, BOOK) for judge in (None, VIEWER, JUDGE, LEAD)] == [False, True, True, True]
    assert [may_lead(judge) for judge in (None, VIEWER, JUDGE, LEAD)] == [False, False, False, True]


@pytest.mark.parametrize("judge", [VIEWER, JUDGE, LEAD])
def test_a_closed_book_takes_nothing(judge: Judge) -> None:
    closed = replace(BOOK, closed=True)
    assert "Suspects is closed" in said(act(), judge, closed)
    assert not may_judge(judge, closed)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (act(query_id="q9"), "no query q9"),
        (act(product_id="p9"), "no product p9"),
        (act(product_id=""), "names none"),
        (act("later", product_id=""), "names none"),
        (act(value="exact"), "no label exact"),
        (act(value=""), "no label"),
        (act("adjudicate", value="E"), "last word"),
        (act("unrateable", value="Exact"), "stands alone"),
        (act("later", value="x"), "stands alone"),
        (act("tag", value="picture misleads"), "no tag"),
        (act("undo", value=""), "names the act"),
        (act(product_id="p2"), "its own pairs only"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(sent: Act, sentence: str) -> None:
    assert sentence in said(sent)


def test_an_open_book_takes_what_one_looks_at() -> None:
    assert said(act(product_id="p2"), book=replace(BOOK, blind=False)) == ""


def test_findings_are_of_a_query_too_and_need_no_book() -> None:
    for kind in ("tag", "note"):
        assert said(act(kind, product_id="")) == ""
        value = {"tag": "picture misleads", "note": "x"}[kind]
        outside = act(kind, book="", product_id="", value=value)
        assert said(outside, JUDGE, None) == ""
        assert "those who were made judges" in said(outside, VIEWER, None)
    assert "belongs to a book" in said(act(book=""), JUDGE, None)


def test_an_unknown_book_is_told_of() -> None:
    assert "no such book" in said(act(), LEAD, None)
