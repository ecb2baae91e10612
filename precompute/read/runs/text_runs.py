"""Run files as text, of three to six columns: with or without Q0, rank, score and name, `#` before a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from precompute.read.runs.ranked import Ranked, Row, number_of, score_of
from precompute.read.text_lines import text_lines
from sqid_core.errors import InputError

_SAMPLE = 10_000
_Q0 = frozenset({"q0", "0"})
_ESCIS_NAMES = frozenset({"baseline", "hypothesis"})
_EXPECTED = "query_id Q0 product_id rank score name"
Numbered = tuple[int, list[str]]


@dataclass(frozen=True)
class Layout:
    """Which of a line's fields are what. value: of the score, or, where `by_rank`, of the rank."""

    width: int
    query: int
    product: int
    value: int
    by_rank: bool = False

    def said(self) -> str:
        """In words."""
        what = "the rank (there is no score)" if self.by_rank else "the score"
        return (
            f"{self.width} columns: the query is the first, the product the {_ORDINALS[self.product]}, {what} the "
            + (_ORDINALS[self.value])
        )


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def read_text_run(path: Path, is_query: Callable[[str], bool], told: Callable[[int], None]) -> Ranked:
    """is_query: whether a word is a query's id or text, by which an id that begins with # is no comment. told: gets
    bytes as they are read. Raises InputError with the line of what is wrong."""
    lines = _fields_of(path, is_query, told)
    sample = list(islice(lines, _SAMPLE))
    if not sample:
        return Ranked(iter(()))
    layout = _layout(sample, path)
    usual = layout == Layout(6, 0, 2, 4)
    notes = () if usual else (f"{path}: {layout.said()}",)
    escis = usual and (sample[0][1][5].lower() in _ESCIS_NAMES or path.name.startswith("hypothesis"))
    return Ranked(_rows(sample, lines, layout, path), "line", notes, escis)


def _fields_of(path: Path, is_query: Callable[[str], bool], told: Callable[[int], None]) -> Iterator[Numbered]:
    """Number and fields of each line that is neither blank nor a comment."""
    for number, line in text_lines(path, told):
        parts = line.split()
        if len(parts) == 1 and "," in line:
            parts = [part.strip() for part in line.split(",")]
        if parts and not (parts[0].startswith("#") and not is_query(parts[0])):
            yield number, parts


def _rows(sample: Sequence[Numbered], rest: Iterator[Numbered], layout: Layout, path: Path) -> Iterator[Row]:
    for lines in (sample, rest):
        for number, parts in lines:
            if len(parts) != layout.width:
                raise InputError(
                    f"line {number} of {path} has {len(parts)} fields, the others have {layout.width}; expected the 6 "
                    f"of a TREC run ({_EXPECTED}), or the same 3 to 5 of them on every line"
                )
            value = score_of(parts[layout.value], f"line {number} of {path}")
            yield number, parts[layout.query], parts[layout.product], -value if layout.by_rank else value


def _layout(sample: Sequence[Numbered], path: Path) -> Layout:
    """Raises InputError where a line has too few or too many fields, or nobody can tell a rank from a score."""
    number, first = sample[0]
    width = len(first)
    if not 3 <= width <= 6:
        raise InputError(
            f"line {number} of {path} has {width} fields; expected the 6 of a TREC run ({_EXPECTED}), or 3 to 5 of them"
        )
    rows = [parts for _, parts in sample if len(parts) == width]
    has_q0 = all(parts[1].lower() in _Q0 for parts in rows)
    if width == 6:
        return Layout(6, 0, 2, 4)
    if width == 5:
        return Layout(5, 0, 2, 4) if has_q0 and _all_numbers(rows, 4) else Layout(5, 0, 1, 3)
    if width == 4 and not has_q0:
        return Layout(4, 0, 1, 3) if _all_numbers(rows, 3) else Layout(4, 0, 1, 2)
    layout = Layout(width, 0, width - 2, width - 1)
    return Layout(width, 0, width - 2, width - 1, by_rank=_are_ranks(rows, layout, path))


def _all_numbers(rows: Sequence[Sequence[str]], column: int) -> bool:
    return all(number_of(parts[column]) is not None for parts in rows)


def _are_ranks(rows: Sequence[Sequence[str]], layout: Layout, path: Path) -> bool:
    """Whether each query's values count upwards by one, from 0 or 1, in the order of the file."""
    by_query: dict[str, list[str]] = {}
    for parts in rows:
        by_query.setdefault(parts[layout.query], []).append(parts[layout.value])
    if all(_counts(values) for values in by_query.values()):
        return True
    if all(_counts(sorted(values, key=_whole)) and not _counts(values[::-1]) for values in by_query.values()):
        raise InputError(
            f"{path} has one number a line, and whether it is a rank or a score cannot be told; write both, as in "
            f"{_EXPECTED}"
        )
    return False


def _counts(values: Sequence[str]) -> bool:
    return any(all(text == str(i) for i, text in enumerate(values, start=start)) for start in (0, 1))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
