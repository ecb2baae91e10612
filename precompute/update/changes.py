"""What is different between a bundle and the tables that are to be its own: rows kept, added and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.tables import Tables, taken, unpacked
from sqid_core.types import Bools, Positions

_KEYS = {"products": ["product_id"], "queries": ["query_id"], "judgements": ["query_id", "product_id"]}


@dataclass(frozen=True, eq=False)
class Changes:
    """old, new: the tables before and after. moved: (M,) where each product's row is now, -1 where it is gone;
    came_from: (N,) the other way round, -1 where it is new."""

    old: Tables
    new: Tables
    moved: Positions = field(repr=False)
    came_from: Positions = field(repr=False)

    def same(self, column: str) -> Bools:
        """(N,) the products that were there and hold the same in a column, or nothing both times."""
        if column not in self.old.products.column_names or column not in self.new.products.column_names:
            return np.zeros(len(self.came_from), dtype=bool)
        before = self.old.products[column].to_pandas().astype(object).to_numpy()
        now = self.new.products[column].to_pandas().astype(object).to_numpy()
        then = before[self.came_from]  # of a new product: the last one's, which does not count
        equal = np.asarray(now == then, dtype=bool) | (pd.isna(now) & pd.isna(then))
        return np.asarray(equal & (self.came_from >= 0), dtype=bool)

    @property
    def products_or_queries(self) -> bool:
        """Whether one of the tables that vectors are about is another."""
        return not (self.old.products.equals(self.new.products) and self.old.queries.equals(self.new.queries))

    def said(self) -> Iterator[str]:
        """A line a table that is another, for people."""
        for name, keys in _KEYS.items():
            old, new = getattr(self.old, name), getattr(self.new, name)
            if not old.equals(new):
                yield f"{name}: {_counts(old, new, keys)}"


def changes(before: Dataset, new: Tables) -> Changes:
    """What is different. Reads the tables of before, so it must be called before they are written over."""
    old = Tables(*(pq.read_table(before.folder / f"{name}.parquet") for name in _KEYS))
    products = new.products if new.order is None else taken(new.products, new.order)
    new = Tables(products, new.queries, unpacked(new.judgements))
    ids = pd.Index(old.products["product_id"].to_pylist())
    came_from = ids.get_indexer(pd.Index(new.products["product_id"].to_pylist()))
    moved = np.full(len(ids), -1, dtype=np.int64)
    moved[came_from[came_from >= 0]] = np.flatnonzero(came_from >= 0)
    return Changes(old, new, moved, came_from.astype(np.int64))


def _counts(old: pa.Table, new: pa.Table, keys: list[str]) -> str:
    before, now = (pd.MultiIndex.from_frame(table.select(keys).to_pandas()) for table in (old, new))
    place = before.get_indexer(now)
    kept, rows = int((place >= 0).sum()), np.flatnonzero(place >= 0)
    shared = [name for name in new.column_names if name in old.column_names and not pa.types.is_nested(new[name].type)]
    then = old.select(shared).take(place[rows]).to_pandas().astype(object)
    after = new.select(shared).take(rows).to_pandas().astype(object)
    edited = int((~((then == after) | (then.isna() & after.isna()))).any(axis=1).sum())
    more = f" ({edited:,} of them with other values)" if edited else ""
    return f"{kept:,} kept{more}, {len(now) - kept:,} added, {len(before) - kept:,} dropped"
