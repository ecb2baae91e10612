"""A CSV of pairs: columns query_id and product_id, as somebody made it elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from difflib import get_close_matches
from io import StringIO

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..errors import InputError
from ..wording import counted, numbered, short
from .acts import LONGEST_ID
from .drawn import Drawn, pair_frame

COLUMNS = ("query_id", "product_id")
MOST_PAIRS = 1_000_000
_DELIMITERS = ",;\t|"
# Bad lines that a sentence names, and ids that are held to a wrong one.
_NAMED, _COMPARED = 3, 5_000


def listed_pairs(dataset: Dataset, content: bytes | str, name: str = "a list") -> Drawn:
    """The pairs of a CSV in its order; any product of the bundle, judged or not. content: of the file, whose lines that
    begin with `#` are a heading. Raises InputError for missing columns, unknown ids, pairs that are there twice,
    none."""
    frame = _read(content, short(name))
    queries = pd.Index(dataset.judgements.query_ids)
    products = pd.Index(dataset.products["product_id"])
    rows = [_known(frame, column, ids, dataset.name) for column, ids in zip(COLUMNS, (queries, products), strict=True)]
    twice = frame.duplicated([*COLUMNS])
    if twice.any():
        told = [f"line {line} ({short(q)}, {short(p)})" for line, q, p in frame[twice].itertuples(index=False)]
        raise InputError(
            f"{short(name)} names {counted(len(told), 'pair', 'pairs')} twice: {_some(told)}; keep one of each"
        )
    why = [f"line {line} of {short(name)}" for line in frame["line"]]
    pairs = pair_frame(dataset, rows[0], rows[1], why)
    return Drawn(f"{counted(len(pairs), 'pair', 'pairs')} of {short(name, 60)}", pairs)


def _read(content: bytes | str, name: str) -> pd.DataFrame:
    """Columns line (from 1), query_id, product_id."""
    lines = _text(content, name).splitlines()
    first = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if first is None:
        raise InputError(f"{name} is empty; expected a line with {' and '.join(COLUMNS)}, and pairs below")
    delimiter = max(_DELIMITERS, key=lines[first].count)
    reader = csv.reader(StringIO("\n".join(lines[first:])), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next(reader)]
        places = [_place(header, column, name) for column in COLUMNS]
        found = [(first + reader.line_num, *(_cell(row, place) for place in places)) for row in reader if any(row)]
    except csv.Error as error:
        raise InputError(f"{name} is no CSV ({error}); save it as CSV again") from None
    if not found:
        raise InputError(f"{name} has no pairs below its heading")
    if len(found) > MOST_PAIRS:
        raise InputError(f"{name} has {numbered(len(found), 'pairs')}; a book holds {MOST_PAIRS:,} at most")
    frame = pd.DataFrame(found, columns=["line", *COLUMNS])
    empty = frame[(frame[[*COLUMNS]] == "").any(axis=1)]
    if len(empty):
        lines_told = [f"line {line}" for line in empty["line"]]
        raise InputError(f"{name} has {counted(len(empty), 'pair', 'pairs')} without an id: {_some(lines_told)}")
    return frame


def _text(content: bytes | str, name: str) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{name} is not UTF-8 text; save it as CSV in UTF-8") from None


def _place(header: list[str], column: str, name: str) -> int:
    words = [cell.lower() for cell in header]
    if column not in words:
        near = get_close_matches(column, words, 1, 0.5)
        hint = f" (the closest is {short(header[words.index(near[0])])})" if near else ""
        raise InputError(
            f"{name} has no column {column}{hint}; it has: {', '.join(short(cell) for cell in header[:12])}"
        )
    if words.count(column) > 1:
        raise InputError(f"{name} has the column {column} twice; keep one")
    return words.index(column)


def _cell(row: list[str], place: int) -> str:
    cell = row[place].strip() if place < len(row) else ""
    if len(cell) > LONGEST_ID:
        raise csv.Error("a cell is longer than any id")
    return cell


def _known(frame: pd.DataFrame, column: str, ids: pd.Index, bundle: str) -> np.ndarray:
    rows = ids.get_indexer(pd.Index(frame[column]))
    unknown = frame[rows < 0].drop_duplicates(column)
    if len(unknown):
        told = [
            f"line {line}: {short(value)!r}{_nearest(value, ids)}"
            for line, value in unknown[["line", column]].iloc[:_NAMED].itertuples(index=False)
        ]
        count = counted(
            len(unknown),
            f"{column} that {short(bundle)} does not have",
            f"{column}s that {short(bundle)} does not have",
        )
        raise InputError(f"the list names {count}: {_some(told, len(unknown))}; correct them or leave the pairs out")
    return rows


def _nearest(value: str, ids: pd.Index) -> str:
    """The id that was meant, in words: of those that are about as long and begin or end alike, or differ by case."""
    texts = pd.Series(ids.astype(str))
    folded = texts.str.casefold()
    bare = value.casefold()
    near = (texts.str.len() - len(value)).abs() <= 2
    near &= folded.str.startswith(bare[:2]) | folded.str.endswith(bare[-2:])
    some = folded[near | (folded == bare)]
    found = get_close_matches(bare, some.iloc[:: max(1, len(some) // _COMPARED)].tolist(), 1, 0.6)
    return f", did you mean {short(texts[folded.index[folded == found[0]][0]])!r}?" if found else ""


def _some(told: Iterable[str], count: int | None = None) -> str:
    found = list(told)
    total = len(found) if count is None else count
    return "; ".join(found[:_NAMED]) + (" …" if total > _NAMED else "")
