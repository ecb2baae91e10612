"""The open store of judgements, and what acts are held against."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.judging.rules import Ground
from sqid_core.judging.store import Store
from sqid_core.store.opening import open_store, place_of
from sqid_ui.caches.bundles import product_index
from sqid_ui.caches.keys import Keyed, cached


def judging_store() -> Store:
    """The store of this server, opened at its first use. Raises StoreError where there can be none, as without the
    extra."""
    return _store(place_of(os.environ))


@cached(max_entries=2)
def _store(place: str) -> Store:
    return open_store(place if "://" in place else Path(place))


@cached(max_entries=4, any_order=True)
def ground(shown: Dataset) -> Ground:
    """What acts about a bundle may name."""
    return Ground(frozenset(shown.scale.names), frozenset(query_texts(shown)), product_index(shown))


@cached(max_entries=4, any_order=True)
def query_texts(shown: Dataset) -> Mapping[str, str]:
    """The text of every query by its id."""
    return dict(zip(shown.queries["query_id"].astype(str), shown.queries["query"].astype(str), strict=True))


def pairs_of(store: Store, book_id: str) -> pd.DataFrame:
    """The pairs of a book, as the store gives them. They never change."""
    return _pairs(Keyed(book_id, store))


@cached(max_entries=4)
def _pairs(book: Keyed[Store]) -> pd.DataFrame:
    return book.value.pairs(str(book.key))


def pair_ids(store: Store, book_id: str) -> pd.DataFrame:
    """Number, query_id and product_id of a book's pairs: what is read of all of them before one is shown."""
    return _ids(Keyed(book_id, store))


@cached(max_entries=4)
def _ids(book: Keyed[Store]) -> pd.DataFrame:
    return book.value.pairs(str(book.key), columns=("number", "query_id", "product_id"))


def pair_count(store: Store, book_id: str) -> int:
    """How many pairs a book has."""
    return _count(Keyed(book_id, store))


@cached(max_entries=1_000)
def _count(book: Keyed[Store]) -> int:
    return len(book.value.pairs(str(book.key), columns=("number",)))


def pair_numbers(store: Store, book_id: str) -> Mapping[tuple[str, str], int]:
    """The number of each (query id, product id) in a book."""
    return _numbers(Keyed(book_id, store))


@cached(max_entries=4)
def _numbers(book: Keyed[Store]) -> Mapping[tuple[str, str], int]:
    pairs = _ids(book)
    ids = zip(pairs["query_id"], pairs["product_id"], strict=True)
    return dict(zip(ids, pairs["number"].tolist(), strict=True))
