"""The protocol `judging.store.Store`, fulfilled by a database. What each method promises stands there."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from ..judging.acts import COLUMNS, Act
from ..judging.books import PAIR_COLUMNS, Book
from ..judging.store import Judge, Role, Stored
from . import act_rows, book_rows, judge_rows, lead_codes
from .database import Database
from .gathering import Gathering


class SqlStore:
    """A transaction a method; what happens in it is in the modules named like what they keep."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathering = Gathering(database)

    def add(self, acts: Sequence[Act], judge: str, bundle: str, fingerprint: str) -> Stored:
        """Stores acts of one judge. Raises InputError for a judge who is not there."""
        return self._gathering.add(acts, act_rows.Sent(judge, bundle, fingerprint, _now()))

    def take_in(self, acts: pd.DataFrame, judges: Sequence[Judge], bundle: str) -> Stored:
        """Stores acts from elsewhere. Raises InputError for acts of a judge who is neither here nor among `judges`."""
        sent = act_rows.from_elsewhere(acts, bundle)
        with self._database.writing() as (connection, last):
            for judge in judges:
                judge_rows.take_in(connection, judge)
            return act_rows.add_each(connection, sent, last)

    def acts(
        self,
        bundle: str,
        *,
        until: int | None = None,
        book: str | None = None,
        columns: Sequence[str] = tuple(COLUMNS),
        queries: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """All acts about a bundle, or about a book of it ("": outside books)."""
        with self._database.reading() as connection:
            return act_rows.read(connection, bundle, until, book, columns, queries)

    def version(self, bundle: str) -> int:
        """The seq of the last act about a bundle."""
        with self._database.reading() as connection:
            return act_rows.last_seq(connection, bundle)

    def create_book(self, book: Book, pairs: pd.DataFrame) -> None:
        """A new book with its pairs."""
        rows = book_rows.pair_rows(book, pairs)
        with self._database.writing() as (connection, _):
            book_rows.create(connection, book, rows)

    def change_book(self, book: Book) -> None:
        """Raises InputError where something else than what may change differs."""
        with self._database.writing() as (connection, _):
            book_rows.change(connection, book)

    def books(self, bundle: str) -> list[Book]:
        """All books of a bundle."""
        with self._database.reading() as connection:
            return book_rows.of_bundle(connection, bundle)

    def book(self, book_id: str) -> Book:
        """One book."""
        with self._database.reading() as connection:
            return book_rows.one(connection, book_id)

    def pairs(
        self, book_id: str, *, columns: Sequence[str] = tuple(PAIR_COLUMNS), numbers: Collection[int] | None = None
    ) -> pd.DataFrame:
        """A book's pairs; none for a book that is not there."""
        with self._database.reading() as connection:
            return book_rows.pairs_of(connection, book_id, columns, numbers)

    def judge_of(self, token: str) -> Judge | None:
        """Who has this secret."""
        with self._database.reading() as connection:
            return judge_rows.with_token(connection, token)

    def enrol(self, token: str, name: str, role: Role = "judge") -> Judge:
        """A new judge, or the one with this secret."""
        with self._database.writing() as (connection, _):
            return judge_rows.enrol(connection, token, name, role)

    def model_judge(self, name: str, about: Mapping[str, str]) -> Judge:
        """The model with this name and these facts."""
        with self._database.writing() as (connection, _):
            return judge_rows.model(connection, name, about)

    def judges(self) -> dict[str, Judge]:
        """All, in the order in which they came."""
        with self._database.reading() as connection:
            return judge_rows.everybody(connection)

    def rename(self, judge: str, name: str) -> None:
        """Another name."""
        with self._database.writing() as (connection, _):
            judge_rows.change(connection, judge, name=judge_rows.fitting_name(name))

    def grant(self, judge: str, role: Role) -> None:
        """Another role."""
        with self._database.writing() as (connection, _):
            judge_rows.change(connection, judge, role=judge_rows.known_role(role))

    def lead_code(self) -> str:
        """A code that is good for a day."""
        with self._database.writing() as (connection, _):
            return lead_codes.make(connection, _now())

    def redeem(self, code: str, judge: str) -> bool:
        """Spends a code."""
        with self._database.writing() as (connection, _):
            return lead_codes.redeem(connection, code, judge, _now())

    def forget(self, judge: str) -> None:
        """A judge without name, texts, links and secret."""
        with self._database.writing() as (connection, _):
            judge_rows.forget(connection, judge)
            act_rows.forget_texts(connection, judge)
        self._database.erase()


def _now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000
