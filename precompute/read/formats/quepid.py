"""Quepid's books and cases as CSV: the query's text is its key; a column of ratings, or one for each judge; unrated
pairs are there without a rating, and queries without any may be a line by themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from precompute.read.plain_table import PlainTable, TextRows
from precompute.read.text_lines import text_lines
from sqid_core.errors import InputError
from sqid_core.wording import counted

_QUERY, _PRODUCT, _RATING = ("query", "query text"), ("docid", "doc id", "doc_id"), ("rating",)
# What a case's detailed export has beside; the fields of the documents stand behind the rating.
_CASE = ("team name", "case name", "case id", "query text", "doc id", "doc position", "title", "rating")
_MARKS = (",", ";", "\t")


def is_quepid(names: Sequence[str]) -> bool:
    """Whether a table's columns are those of a book or a case."""
    lower = [name.strip().lower() for name in names]
    return (
        len(lower) > 2
        and _place(lower, _QUERY) >= 0
        and _place(lower, _PRODUCT) >= 0
        and ("rating" in lower or lower[:2] == ["query", "docid"])
    )


def first_row(lines: Sequence[str]) -> list[str]:
    """The fields of the first of a file's lines; none of what is no CSV."""
    try:
        return next(csv.reader(lines[:1], delimiter=_mark(lines[0])), []) if lines else []
    except csv.Error:
        return []


def read_quepid(path: Path) -> PlainTable:
    """query, product_id, label and, where a column is a judge's, judge: a row a rating. Raises InputError."""
    rows = _rows(path)
    head = [name.strip() for name in next(rows, (0, []))[1]]
    lower = [name.lower() for name in head]
    query, product = _place(lower, _QUERY), _place(lower, _PRODUCT)
    if query < 0 or product < 0:
        raise InputError(f"{path} is no CSV of Quepid; expected query, docid and ratings, it has: {', '.join(head)}")
    rating = _place(lower, _RATING)
    judges = [rating] if rating >= 0 else [place for place in range(len(head)) if place not in (query, product)]
    if not judges:
        raise InputError(f"{path} has no column of ratings; export the book again once it was judged")
    has_judges = rating < 0
    found_rows = TextRows("query", "product_id", "label", *(["judge"] if has_judges else []))
    unrated, asked, rated = 0, set(), set()
    for number, row in rows:
        if len(row) > len(head):
            raise InputError(f"line {number} of {path} has {len(row)} fields, expected {len(head)}")
        said = [cell.strip() for cell in (*row, *[""] * (len(head) - len(row)))]
        if not said[query]:
            raise InputError(f"line {number} of {path} has no query; every row needs one")
        asked.add(said[query])
        found = [(head[place], said[place]) for place in judges if said[place]] if said[product] else []
        unrated += not found
        for judge, label in found:
            rated.add(said[query])
            found_rows.add(said[query], said[product], label, *([judge] if has_judges else []))
    notes = [f"{path}: {counted(unrated, 'row is', 'rows are')} without a rating and left out"] if unrated else []
    if bare := len(asked - rated):
        notes.append(f"{path}: {counted(bare, 'query has', 'queries have')} no rated product and {_is(bare)} left out")
    return found_rows.table(path, *notes)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _place(names: Sequence[str], wanted: Sequence[str]) -> int:
    return next((names.index(name) for name in wanted if name in names), -1)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and fields of each row that is not blank: rows may be shorter than the first."""
    lines = (f"{line}\n" for _, line in text_lines(path))
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(_after(first, lines), delimiter=_mark(first), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"line {reader.line_num} of {path} is no CSV ({error}); export it again") from None


def _mark(line: str) -> str:
    return next((mark for mark in _MARKS if mark in line), _MARKS[0])


def _after(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
