"""A set of judged queries that somebody walks: how it is defined, written in a link, and which queries it holds.

In text it is terms in a fixed order, those that say nothing left out, and a name that somebody gave it comes last:

    preset-fusion hurts~run-fused%7Ew0.3~find-lamp~by-category~group-Home~sort--text~~My lamps

A definition holds for every bundle. A list of queries is written by their rows with the bundle's fingerprint before
them: `rows-1a2b3c4d.0-5.9`, or packed where that would be long. There is one way to write a set, and no other is read.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import pairwise
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd

from ..bundle.load import Dataset
from ..errors import InputError
from ..evaluation.run_specs import tidy_name
from ..types import Positions
from ..wording import counted, short
from .groupings import Groups
from .query_table import PRESETS, RUN_PRESETS, preset_rows

# What a link holds of a set at most: about as much as the half of 10,000 queries, drawn at random, takes.
LONGEST_SET = 2_000
# Rows that take more letters than this are packed.
_READABLE = 240
_STAMP = 8
_PLAIN = re.compile(r"[0-9a-f]{8}(\.\d{1,9}(-\d{1,9})?)+")
_PACKED = re.compile(r"[0-9a-f]{8}_[\w-]+", re.ASCII)
# Unpacked, in bytes: a text from a link must not fill the memory.
_MOST_BYTES = 1_000_000
# Columns of a fused ranking's facts.
_FUSED = ("fused", "gain", "best", "best_low", "best_high")


@dataclass(frozen=True)
class SetSpec:
    """How a set is defined. Hashable: cache key, link state and value of a setting at once. "" says nothing.

    preset: of `PRESETS` or `RUN_PRESETS`. run: the text of the fused run that the preset or the order reads. a, b: of
    the two runs. gains: their table. find: part of a query's text, or its id. by, group: a grouping and one of its
    groups. rows: a list, see `write_rows`. sort: a column of the table of queries, with - for the highest first. name:
    what somebody called it; two specs that differ in it alone are one set.
    """

    preset: str = ""
    run: str = ""
    a: str = ""
    b: str = ""
    gains: str = ""
    find: str = ""
    by: str = ""
    group: str = ""
    rows: str = ""
    sort: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        """Whether it says anything: without, it is all judged queries."""
        return self != SetSpec()

    @property
    def unnamed(self) -> SetSpec:
        """The same set without the name that somebody gave it: the key of what was computed for it."""
        return replace(self, name="")

    @property
    def reads_fused(self) -> bool:
        """Whether which fusion it is changes the set."""
        needs = PRESETS[self.preset].needs if self.preset in PRESETS else ()
        return "fused" in needs or self.sort.removeprefix("-") in _FUSED

    @property
    def reads_curves(self) -> bool:
        """Whether it needs every query's best weights."""
        return self.sort.removeprefix("-").startswith("best")

    @property
    def title(self) -> str:
        """Its name, or what it is made of in words; "a list" for rows alone."""
        if self.name:
            return self.name
        parts = (
            self.preset,
            f"“{short(self.find)}”" if self.find else "",
            f"{self.by}: {short(self.group)}" if self.group else "",
            "a list" if self.rows else "",
        )
        return " · ".join(filter(None, parts)) or "all judged queries"


@dataclass(frozen=True)
class QuerySet:
    """Some judged queries in an order. ids: theirs, each once."""

    name: str
    ids: tuple[str, ...] = field(repr=False)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each query, from 0."""
        return {query_id: place for place, query_id in enumerate(self.ids)}

    def stepped(self, query_id: str, by: int, left_at: int = 0) -> str:
        """The query so many steps on, as far as the set reaches. Whoever is at none of them comes back to where he was,
        left_at, with the first step. "" where the set is empty."""
        if not self.ids:
            return ""
        place = self.places.get(query_id, -1)
        found = left_at + by - (by > 0) + (by < 0) if place < 0 else place + by
        return self.ids[min(max(found, 0), len(self.ids) - 1)]

    def rows(self, dataset: Dataset) -> Positions:
        """The rows of its queries among the judged ones of the data set that it was worked out in, in its order."""
        return np.asarray(pd.Index(dataset.judgements.query_ids).get_indexer(pd.Index(self.ids)), dtype=np.int64)


# --- which queries it holds ---


def query_set(dataset: Dataset, spec: SetSpec, table: pd.DataFrame, groups: Groups | None = None) -> QuerySet:
    """The set's queries in its order. table: as of `query_table`, with the columns that the spec reads. groups: of its
    grouping.

    Raises InputError: rows of another bundle, a preset or an order without its columns, a group that is not there.
    """
    kept = dataset.judgements.lengths > 0
    rows = _listed(dataset, spec, table)
    if spec.find:
        wanted = spec.find.strip().casefold()
        found = table["query"].str.casefold().str.contains(wanted, regex=False)
        kept &= (found | (table["query_id"].str.casefold() == wanted)).to_numpy(dtype=bool)
    if spec.group:
        if groups is None or spec.group not in groups.names:
            raise InputError(f"this bundle has no group {short(spec.group)} by {short(spec.by)}")
        kept &= groups.of_query == groups.names.index(spec.group)
    rows = rows[kept[rows]]
    in_order = ordered(table.iloc[rows], spec.sort)
    name = spec.title if spec.name or spec.title != "a list" else counted(len(rows), "query", "queries")
    return QuerySet(name, tuple(in_order["query_id"]))


def _listed(dataset: Dataset, spec: SetSpec, table: pd.DataFrame) -> Positions:
    """The rows of the preset, of the list, or of the one in the other."""
    listed = read_rows(spec.rows, dataset.fingerprint, len(table)) if spec.rows else np.arange(len(table))
    if not spec.preset:
        return listed
    needs = (PRESETS | RUN_PRESETS)[spec.preset].needs
    if not set(needs) <= set(table):
        raise InputError(f"this bundle cannot tell where {spec.preset}: it takes {' and '.join(needs)}")
    rows = preset_rows(table, spec.preset)
    return rows[np.isin(rows, listed)]


def ordered(frame: pd.DataFrame, order: str) -> pd.DataFrame:
    """The frame by a column: `gain` ascending, `-gain` descending, "" as it is; gaps last, ties as they were."""
    column = order.removeprefix("-")
    if column not in frame:
        return frame
    return frame.sort_values(column, ascending=order == column, kind="stable", na_position="last")


def list_spec(dataset: Dataset, query_ids: Sequence[str], name: str = "") -> SetSpec:
    """The set of these judged queries, in this order. Raises InputError for one that is not judged here, or none."""
    judged, ids = dataset.judgements.lengths > 0, dataset.judgements.query_ids
    rows = {str(ids[row]): row for row in np.flatnonzero(judged).tolist()}
    wanted = list(dict.fromkeys(query_ids))
    missing = [each for each in wanted if each not in rows]
    if missing:
        told = ", ".join(map(short, missing[:3])) + (" …" if len(missing) > 3 else "")
        none = counted(len(missing), "of these is no judged query", "of these are no judged queries")
        raise InputError(f"{none}: {told}")
    if not wanted:
        raise InputError("there is no id in this list")
    return SetSpec(rows=write_rows([rows[each] for each in wanted], dataset.fingerprint), name=tidy_name(name))


# --- the text form ---


def write_set(spec: SetSpec) -> str:
    """The set in text, which `read_set` turns back into an equal one; "" for all judged queries without a name."""
    named = {each.name: getattr(spec, each.name) for each in fields(spec)}
    terms = [f"{key}-{_quoted(value)}" for key, value in named.items() if value and key != "name"]
    return "~".join(terms) + (f"~~{spec.name}" if spec.name else "")


def read_set(text: str) -> SetSpec:
    """The set that `write_set` wrote. Raises InputError for any other text."""
    terms, _, name = text.partition("~~")
    try:
        found = dict(term.split("-", 1) for term in terms.split("~") if term)
        spec = SetSpec(**{key: unquote(value) for key, value in found.items()}, name=name)
    except (TypeError, ValueError):
        raise InputError(f"{short(text)!r} is no set of queries") from None
    known = not spec.preset or spec.preset in PRESETS or spec.preset in RUN_PRESETS
    listed = not spec.rows or _PLAIN.fullmatch(spec.rows) or _PACKED.fullmatch(spec.rows)
    if len(text) > LONGEST_SET or write_set(spec) != text or name != tidy_name(name) or not known or not listed:
        raise InputError(f"{short(text)!r} is no set of queries")
    return spec


def _quoted(value: str) -> str:
    return quote(value, safe=" ").replace("~", "%7E")


def write_rows(rows: Sequence[int], fingerprint: str) -> str:
    """Rows in their order, with the bundle that they are of: `1a2b3c4d.0-5.9`, or packed where that would be long."""
    ends = [0, *(place for place, (one, other) in enumerate(pairwise(rows), 1) if other != one + 1), len(rows)]
    spans = [(rows[start], rows[end - 1]) for start, end in pairwise(ends)]
    plain = "".join(f".{low}" if low == high else f".{low}-{high}" for low, high in spans)
    return fingerprint[:_STAMP] + (plain if len(plain) <= _READABLE else f"_{_packed(rows)}")


def read_rows(text: str, fingerprint: str, count: int) -> Positions:
    """The rows that `write_rows` wrote. count: of the bundle's queries. Raises InputError."""
    if not text.startswith(fingerprint[:_STAMP]):
        raise InputError("this list of queries was made in another bundle, or before this one changed")
    try:
        body = text[_STAMP + 1 :]
        rows = _unpacked(body) if text[_STAMP] == "_" else _spanned(body, count)
    except (ValueError, zlib.error):
        rows = np.empty(0, dtype=np.int64)
    if not len(rows) or rows.min() < 0 or rows.max() >= count or len(np.unique(rows)) < len(rows):
        raise InputError("this list of queries cannot be read: the link was cut or changed")
    return rows


def _spanned(body: str, count: int) -> Positions:
    ends = [tuple(map(int, span.split("-"))) for span in body.split(".")]
    if any(each[-1] >= count for each in ends):
        raise ValueError("no such row")
    return np.concatenate([np.arange(each[0], each[-1] + 1, dtype=np.int64) for each in ends])


def _packed(rows: Sequence[int]) -> str:
    """The steps from row to row, as numbers of seven bits a byte, compressed."""
    steps = np.diff(np.asarray(rows, dtype=np.int64), prepend=0)
    found = bytearray()
    for step in np.where(steps < 0, -2 * steps - 1, 2 * steps).tolist():
        while step > 127:
            found.append(step & 127 | 128)
            step >>= 7
        found.append(step)
    # Steps of a drawn list repeat no strings, those of a regular one do.
    strategies = (zlib.Z_HUFFMAN_ONLY, zlib.Z_DEFAULT_STRATEGY)
    zipped = min((_zipped(bytes(found), strategy) for strategy in strategies), key=len)
    return base64.urlsafe_b64encode(zipped).rstrip(b"=").decode()


def _zipped(data: bytes, strategy: int) -> bytes:
    zipper = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, strategy)
    return zipper.compress(data) + zipper.flush()


def _unpacked(body: str) -> Positions:
    unzip = zlib.decompressobj()
    found = unzip.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), _MOST_BYTES)
    if not unzip.eof:
        raise ValueError("too long, or cut off")
    steps, value, shift = [], 0, 0
    for byte in found:
        value |= (byte & 127) << shift
        shift = shift + 7 if byte & 128 else 0
        if shift > 35:
            raise ValueError("no row is so large")
        if not shift:
            steps.append(-(value + 1) // 2 if value & 1 else value // 2)
            value = 0
    return np.cumsum(np.array(steps, dtype=np.int64))
