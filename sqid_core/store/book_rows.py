"""Books and their pairs in their tables."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd
import sqlalchemy as sa

from ..errors import InputError
from ..judging.books import PAIR_COLUMNS, Book
from .frame_reading import number_or_null, read_frame
from .sql_tables import books as table
from .sql_tables import pairs as pair_table
from .texts import storable

MAY_CHANGE = ("name", "guidelines", "tags", "anybody", "closed")
_FIELDS = tuple(field.name for field in fields(Book))
_READ = sa.select(*(table.c[name] for name in _FIELDS))
_TEXTS = ("query_id", "product_id", "stratum", "why")


def create(connection: sa.Connection, book: Book, pairs: list[dict[str, Any]]) -> None:
    """A new book with rows of `pair_rows`."""
    row = _row(book)
    if connection.execute(sa.select(table.c.id).where(table.c.id == book.id)).first():
        raise InputError(f"there is a book {book.id!r} already; make the new one with another id")
    _refuse_taken_name(connection, book)
    connection.execute(table.insert().values(row))
    if pairs:
        connection.execute(pair_table.insert(), pairs)


def change(connection: sa.Connection, book: Book) -> None:
    """Raises InputError where there is no such book, its new name is taken, or how it was drawn would change."""
    before, row = one(connection, book.id), _row(book)
    fixed = [name for name in _FIELDS if name not in MAY_CHANGE and getattr(before, name) != getattr(book, name)]
    if fixed:
        raise InputError(f"a book's {', '.join(fixed)} cannot be changed; make a new book")
    _refuse_taken_name(connection, book)
    connection.execute(table.update().where(table.c.id == book.id).values({name: row[name] for name in MAY_CHANGE}))


def of_bundle(connection: sa.Connection, bundle: str) -> list[Book]:
    """In the order in which they were made."""
    return [_book(row) for row in connection.execute(_READ.where(table.c.bundle == bundle).order_by(table.c.number))]


def one(connection: sa.Connection, book_id: str) -> Book:
    """Raises InputError where there is none."""
    row = connection.execute(_READ.where(table.c.id == book_id)).first() if storable(book_id) else None
    if row is None:
        raise InputError(f"there is no book {book_id[:40]!r}; choose one of the list")
    return _book(row)


def pairs_of(
    connection: sa.Connection, book_id: str, columns: Sequence[str], numbers: Collection[int] | None
) -> pd.DataFrame:
    """Some of `PAIR_COLUMNS`, of all pairs or of those with some numbers."""
    wanted = sa.select(*(pair_table.c[name] for name in columns)).where(pair_table.c.book == book_id)
    if numbers is not None:
        wanted = wanted.where(pair_table.c.number.in_(numbers))
    return read_frame(connection, wanted.order_by(pair_table.c.number), {name: PAIR_COLUMNS[name] for name in columns})


def pair_rows(book: Book, pairs: pd.DataFrame) -> list[dict[str, Any]]:
    """As they are stored. Raises InputError for missing columns, and for a number or pair that is there twice."""
    missing = [name for name in PAIR_COLUMNS if name not in pairs]
    if missing:
        raise InputError(f"the pairs of {book.name[:40]!r} lack {', '.join(missing)}")
    if pairs["number"].duplicated().any() or pairs.duplicated(["query_id", "product_id"]).any():
        raise InputError(f"a pair of {book.name[:40]!r} is there twice; give each once, and each its own number")
    held = {name: pairs[name].tolist() for name in PAIR_COLUMNS}
    _refuse_unstorable(text for name in _TEXTS for text in held[name])
    held["probability"] = [number_or_null(value) for value in held["probability"]]
    return [{"book": book.id, **dict(zip(held, values, strict=True))} for values in zip(*held.values(), strict=True)]


def _refuse_taken_name(connection: sa.Connection, book: Book) -> None:
    same = (table.c.bundle == book.bundle) & (table.c.name == book.name) & (table.c.id != book.id)
    if connection.execute(sa.select(table.c.id).where(same)).first():
        raise InputError(f"there is a book {book.name[:80]!r} already; choose another name")


def _refuse_unstorable(texts: Iterable[str]) -> None:
    if not all(map(storable, texts)):
        raise InputError("a text of the book holds characters that are no text; write it again without them")


def _row(book: Book) -> dict[str, Any]:
    row = {name: getattr(book, name) for name in _FIELDS}
    _refuse_unstorable([*(value for value in row.values() if isinstance(value, str)), *book.tags])
    return {**row, "tags": json.dumps(book.tags)}


def _book(row: sa.Row[Any]) -> Book:
    values = dict(row._mapping)
    return Book(**{**values, "tags": tuple(json.loads(values["tags"]))})
