"""TREC's text formats of judgements and topics: qrels with or without a first line that names the fields, and queries
as id, tab, text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from precompute.read.plain_table import PlainTable, TextRows
from precompute.read.text_lines import text_lines
from sqid_core.errors import InputError

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_ITERATION = re.compile(r"Q?\d{1,3}", re.IGNORECASE)
_NAMED = re.compile(r"[A-Za-z_][A-Za-z_\- ]*")


def is_qrels(lines: Sequence[str]) -> bool:
    """Whether a file's first lines are qrels: query, iteration, product, grade; or the same without the iteration."""
    rows = [_fields(line) for line in lines if line.strip() and not line.startswith("#")]
    if rows and _is_head(rows[0]) and len(rows) > 1 and len(rows[0]) == 4:
        rows = rows[1:]
    return bool(rows) and all(_is_row(row) for row in rows)


def read_qrels_text(path: Path) -> PlainTable:
    """query_id, product_id, label of every line. Raises InputError with the line that is none."""
    rows = TextRows("query_id", "product_id", "label")
    width = 0
    for number, line in text_lines(path):
        row = _fields(line)
        if not row or line.startswith("#") or (not width and _is_head(row)):
            continue
        width = width or len(row)
        if len(row) != width or not _is_row(row):
            raise InputError(
                f"line {number} of {path} is no line of TREC qrels; expected query_id 0 product_id grade, with blanks "
                "or tabs between"
            )
        rows.add(row[0], row[-2], row[-1])
    return rows.table(path)


def is_topics(lines: Sequence[str]) -> bool:
    """Whether each of a file's first lines is an id, a tab and a text, with no first line of names."""
    rows = [line.rstrip("\r\n").split("\t") for line in lines if line.strip()]
    return (
        bool(rows)
        and all(len(row) == 2 and row[0].strip() and row[1].strip() for row in rows)
        and (
            rows[0][0].strip().lower() not in ("query_id", "query-id", "qid", "q_id", "id", "_id", "topic_id", "query")
        )
    )


def read_topics(path: Path) -> PlainTable:
    """query_id and query of every line. Raises InputError with the line that is none."""
    rows = TextRows("query_id", "query")
    for number, line in text_lines(path):
        if not line.strip():
            continue
        query, tab, said = line.partition("\t")
        if not (tab and query.strip()):
            raise InputError(f"line {number} of {path} is no topic; expected query_id, a tab, and the query's text")
        rows.add(query.strip(), said.strip())
    return rows.table(path)


def _fields(line: str) -> list[str]:
    parts = line.split()
    return parts if len(parts) != 1 or "," not in line else [part.strip() for part in line.split(",")]


def _is_head(row: Sequence[str]) -> bool:
    return len(row) in (3, 4) and not _NUMBER.fullmatch(row[-1]) and all(_NAMED.fullmatch(part) for part in row[2:])


def _is_row(row: Sequence[str]) -> bool:
    if not (len(row) in (3, 4) and all(row) and _NUMBER.fullmatch(row[-1])):
        return False
    return len(row) == 3 or bool(_ITERATION.fullmatch(row[1]))
