"""Who may do what: the rules that every act passes before it is stored, whoever sent it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from ..wording import short
from .acts import RATINGS, Act
from .books import TAGS, Book
from .store import Judge

# Of a pair; the others may be about a query as a whole.
_OF_PAIRS = (*RATINGS, "explanation", "adjudicate")
_EMPTY = ("unrateable", "later")


@dataclass(frozen=True, eq=False)
class Ground:
    """What acts may be about: a bundle's labels, queries and products, by their names and ids."""

    labels: Container[str]
    queries: Container[str]
    products: Container[str]


def may_judge(judge: Judge | None, book: Book) -> bool:
    """Whether somebody may judge in this book: who was given the role, and where it is for anybody, who has a name."""
    return judge is not None and not book.closed and (judge.role in ("judge", "lead") or book.anybody)


def may_lead(judge: Judge | None) -> bool:
    """Whether somebody may make and change books, have the last word, and say who judges."""
    return judge is not None and judge.role == "lead"


def refusal(act: Act, judge: Judge, book: Book | None, pairs: Container[tuple[str, str]], ground: Ground) -> str:
    """Why an act is not stored, one sentence; "" where nothing is wrong with it.

    book: the one that the act names, None where it names none or there is none of that id. pairs: the book's, (query
    id, product id).
    """
    return _not_allowed(act, judge, book) or _unfit(act, book, pairs, ground)


def _not_allowed(act: Act, judge: Judge, book: Book | None) -> str:
    if act.book and book is None:
        return "This bundle has no such book."
    if act.kind == "adjudicate" and not may_lead(judge):
        return "Only a lead has the last word on a pair."
    if book is None:
        known = judge.role in ("judge", "lead")
        return "" if known else "Without a book, only those who were made judges write down what they find."
    if book.closed:
        return f"The book {short(book.name, 40)} is closed."
    return "" if may_judge(judge, book) else f"The book {short(book.name, 40)} is for those who were made judges."


def _unfit(act: Act, book: Book | None, pairs: Container[tuple[str, str]], ground: Ground) -> str:
    if act.query_id not in ground.queries:
        return f"This bundle has no query {short(act.query_id, 40)}."
    if act.product_id and act.product_id not in ground.products:
        return f"This bundle has no product {short(act.product_id, 40)}."
    if act.kind in _OF_PAIRS:
        if not act.product_id:
            return "A judgement is about a product, and this one names none."
        if book is None:
            return "A judgement belongs to a book, and this one names none."
        if book.blind and (act.query_id, act.product_id) not in pairs:
            return "A blind book takes judgements of its own pairs only."
    return _unfit_value(act, book, ground)


def _unfit_value(act: Act, book: Book | None, ground: Ground) -> str:
    if act.kind in ("label", "adjudicate") and act.value not in ground.labels:
        return f"The scale has no label {short(act.value, 40)}."
    if act.kind in _EMPTY and act.value:
        return f"“{act.kind}” stands alone, and this one says more."
    if act.kind == "tag" and act.value not in (TAGS if book is None else book.tags):
        return f"There is no tag {short(act.value, 40)} here."
    if act.kind == "undo" and not act.value:
        return "An undo names the act that it takes back, and this one names none."
    return ""


def may_see_others(judge: Judge | None, books: Iterable[Book]) -> bool:
    """Whether somebody may see what others said of a bundle's pairs: while a blind book is open only a lead."""
    return may_lead(judge) or not any(book.blind and not book.closed for book in books)
