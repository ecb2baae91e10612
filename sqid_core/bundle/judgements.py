"""Judgements: which products were judged for each query, as padded slates."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError
from ..types import Bools, Floats, Labels, Names, Positions, Rows
from ..wording import counted
from .labels import ESCI, LabelScale

PADDING = -1
Ids = Sequence[str] | pd.Series | Names
# Row numbers of queries, and the length of the longest slate among them.
Groups = list[tuple[Positions, int]]
_QUERIES_A_GROUP = 512
_COLUMNS = ("query_id", "product_id", "label")


@dataclass(frozen=True, eq=False)
class Judgements:
    """One slate (judged products) a query, padded to the longest with -1.

    query_ids: (Q,) str. rows: (Q, C) int32 product rows, ascending within a slate, so that a stable sort
    breaks ties by row, the label-blind rule. labels: (Q, C) int8 positions in the label scale.

    >>> frame = pd.DataFrame({"query_id": ["q1", "q1"], "product_id": ["p1", "p2"], "label": ["Exact", "I"]})
    >>> judgements = Judgements.from_frame(frame, products=["p1", "p2", "p3"])
    >>> judgements
    Judgements(1 query, 2 pairs)
    >>> judgements.gains(ESCI.gains()).tolist()
    [[1.0, 0.0]]
    """

    query_ids: Names
    rows: npt.NDArray[np.int32]
    labels: Labels
    scale: LabelScale = ESCI

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, products: Ids, queries: Ids | None = None, scale: LabelScale = ESCI
    ) -> Judgements:
        """Slates from a table of pairs, in any order.

        frame: columns query_id, product_id, label (name or letter of `scale`). products (N,), queries (Q,): every id
        of the bundle, in row order; the queries of the frame, sorted, if None. A query without judgements gets an empty
        slate. Raises InputError for a missing column, an unknown label, query or product, or a pair judged twice.
        """
        missing = [column for column in _COLUMNS if column not in frame]
        if missing:
            raise InputError(
                f"judgements lack the column {missing[0]!r}; they have: {', '.join(map(str, frame.columns))}"
            )
        query_ids = sorted(frame["query_id"].dropna().unique()) if queries is None else queries
        return cls.from_rows(*_sorted_pairs(frame, products, query_ids, scale), query_ids, scale)

    @classmethod
    def from_rows(
        cls, query_rows: Rows, product_rows: Rows, codes: Labels, query_ids: Ids, scale: LabelScale
    ) -> Judgements:
        """Slates from pairs (P,) by their rows, each once, ascending by query and product. codes: (P,) their labels."""
        lengths = np.bincount(query_rows, minlength=len(query_ids))
        slot = np.arange(len(query_rows), dtype=np.int32)
        slot -= np.repeat((np.cumsum(lengths) - lengths).astype(np.int32), lengths)
        shape = (len(query_ids), int(lengths.max(initial=0)))
        rows, labels = np.full(shape, PADDING, dtype=np.int32), np.full(shape, PADDING, dtype=np.int8)
        rows[query_rows, slot], labels[query_rows, slot] = product_rows, codes
        for array in (rows, labels):
            array.flags.writeable = False
        return cls(np.asarray(query_ids, dtype=object), rows, labels, scale)

    @cached_property
    def mask(self) -> Bools:
        """(Q, C) True where there is a judged product."""
        return self.rows != PADDING

    @cached_property
    def lengths(self) -> Positions:
        """(Q,) number of judged products."""
        return self.mask.sum(axis=1)

    @cached_property
    def groups(self) -> Groups:
        """All queries, those with slates of similar length together: see `length_groups`."""
        return length_groups(self.lengths)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What is worked out of these labels and asked for again, as long as they live: see `judged_slates`."""
        return {}

    @cached_property
    def index(self) -> pd.Index:
        """(Q,) the query ids as frames have them."""
        return pd.Index(self.query_ids, name="query_id")

    @cached_property
    def digest(self) -> str:
        """Equal for equal labels of equal pairs."""
        parts = (str(self.rows.shape).encode(), self.rows.tobytes(), self.labels.tobytes())
        return hashlib.blake2b(b"".join(parts), digest_size=16).hexdigest()

    def __len__(self) -> int:
        return len(self.query_ids)

    def __repr__(self) -> str:
        pairs = counted(int(self.lengths.sum()), "pair", "pairs")
        return f"Judgements({counted(len(self), 'query', 'queries')}, {pairs})"

    def take(self, queries: slice) -> Judgements:
        """Those of some queries, as wide as before."""
        return Judgements(self.query_ids[queries], self.rows[queries], self.labels[queries], self.scale)

    def laid_out_as(self, other: Judgements, values: Floats) -> Floats:
        """(Q, D) values of these pairs (Q, C) in the layout of other judgements of the same queries and products; nan
        for pairs that are not here."""
        width = int(max(self.rows.max(initial=0), other.rows.max(initial=0))) + 1
        here, there = (np.nonzero(each.mask)[0] * width + each.rows[each.mask] for each in (self, other))
        # Queries and slates ascend, and so do these numbers of pairs.
        places = np.minimum(np.searchsorted(here, there), max(len(here) - 1, 0))
        known = here[places] == there if len(here) else np.zeros(len(there), dtype=bool)
        found = np.full(other.rows.shape, np.nan)
        found[other.mask] = np.where(known, values[self.mask][places], np.nan) if len(here) else np.nan
        return found

    def row_of(self, query_id: str) -> int:
        """The row of a query's id. Raises KeyError for one that is not there."""
        found = np.flatnonzero(self.query_ids == query_id)
        if not len(found):
            raise KeyError(query_id)
        return int(found[0])

    def gains(self, table: Floats) -> Floats:
        """(Q, C) gain of each judged product under a gain per label (L,); 0 at padding."""
        return np.where(self.mask, table[self.labels], 0.0)

    def gains_of(self, queries: Rows, rows: Rows, table: Floats) -> Floats:
        """(q, k) gain of retrieved products for queries (q,): rows (q, k), -1 where there is none; 0 where unjudged."""
        gains = np.zeros(rows.shape)
        for found, row, slate, labels in zip(gains, rows, self.rows[queries], self.labels[queries], strict=True):
            # Slates ascend, with their padding behind.
            length = int(np.count_nonzero(slate != PADDING))
            place = np.searchsorted(slate[:length], row)
            judged = np.flatnonzero(place < length)
            judged = judged[slate[place[judged]] == row[judged]]
            found[judged] = table[labels[place[judged]]]
        return gains


def length_groups(lengths: Rows) -> Groups:
    """All queries, those with slates of similar length (Q,) together, so that little padding is worked on."""
    by_length = np.argsort(lengths.astype(np.uint32), kind="stable")
    parts = np.array_split(by_length, max(1, len(lengths) // _QUERIES_A_GROUP))
    return [(part, int(lengths[part[-1]]) if len(part) else 0) for part in parts]


def _sorted_pairs(frame: pd.DataFrame, products: Ids, queries: Ids, scale: LabelScale) -> tuple[Rows, Rows, Labels]:
    """(P,) each: the query's row, the product's and the label's code, ascending by both rows."""
    width = max(len(products), 1)
    pairs = _known_rows(frame, "query_id", queries).astype(np.int64)
    pairs *= width
    pairs += _known_rows(frame, "product_id", products)
    order = np.argsort(pairs)
    pairs = pairs[order]
    twice = pairs[1:] == pairs[:-1]
    if twice.any():
        pair = frame[["query_id", "product_id"]].iloc[order[int(np.argmax(twice))]]
        raise InputError(
            f"query {pair['query_id'][:80]!r} and product {pair['product_id'][:80]!r} are judged twice; "
            "keep one judgement a pair"
        )
    codes = _label_codes(frame["label"], scale)[order]
    return (pairs // width).astype(np.int32), (pairs % width).astype(np.int32), codes


def _known_rows(frame: pd.DataFrame, column: str, ids: Ids) -> npt.NDArray[np.int32]:
    """(P,) the row of each pair's query or product; an id is looked up once, however many pairs name it."""
    codes, texts = pd.factorize(frame[column])
    # Of a missing id the code is -1, and so is the last row.
    rows = np.append(pd.Index(ids).get_indexer(texts), -1).astype(np.int32)[codes]
    if (rows < 0).any():
        unknown = frame[column].iloc[int(np.argmax(rows < 0))]
        raise InputError(
            f"a judgement names the {column} {str(unknown)[:80]!r}, which is not in the bundle; "
            "add it or drop the judgement"
        )
    return rows


def _label_codes(labels: pd.Series, scale: LabelScale) -> Labels:
    codes, texts = pd.factorize(labels)
    if (codes < 0).any():
        raise InputError(f"a judgement has no label; expected one of: {', '.join(scale.names)}")
    return np.array([scale.code(str(text)) for text in texts], dtype=np.int8)[codes]
