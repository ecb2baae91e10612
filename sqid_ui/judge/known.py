"""What else is known of a pair: its published label, why it is in the book, what others said. Hidden until it may be
seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.judging.books import Book
from sqid_core.judging.store import Judge, Store, models_among
from sqid_ui.caches.bundles import product_row
from sqid_ui.caches.judging import pair_numbers, query_texts

Pair = tuple[str, str]
# What ends a pair for a judge; "judge later" does not.
DONE = ("label", "unrateable")
_UNRATEABLE = "Unrateable"


def known_of(
    dataset: Dataset, store: Store, book: Book, judge: Judge, words: pd.DataFrame, pairs: Collection[Pair]
) -> dict[Pair, dict[str, Any]]:
    """Of each pair that this judge may know more of: `published`, a label or None; `why`, as the book says; `others`,
    the labels of other people. words: what stands of the book's acts.

    In a blind book all of it waits until the judge is done with the pair, and what others said until as many have
    judged it as the book asks for: whoever takes a label back must not have seen theirs.
    """
    if not pairs:
        return {}
    said = _said(words[words["query_id"].isin({query_id for query_id, _ in pairs})], store)
    why, found = _why(store, book, pairs), {}
    for pair in pairs:
        heard = said.get(pair, {})
        if book.blind and judge.id not in heard:
            continue
        shown = not book.blind or len(heard) >= book.judges
        found[pair] = {
            "published": published_label(dataset, *pair),
            "why": why.get(pair, ""),
            "others": [word for other, word in heard.items() if shown and other != judge.id],
        }
    return found


def _why(store: Store, book: Book, pairs: Collection[Pair]) -> Mapping[Pair, str]:
    """What the book says of some of its pairs."""
    numbers = pair_numbers(store, book.id)
    drawn = store.pairs(book.id, numbers=[numbers[pair] for pair in pairs if pair in numbers])
    return dict(zip(zip(drawn["query_id"], drawn["product_id"], strict=True), drawn["why"].astype(str), strict=True))


def published_label(dataset: Dataset, query_id: str, product_id: str) -> str | None:
    """The label's name that the bundle has for a pair, None where it has none."""
    judgements, product = dataset.judgements, product_row(dataset, product_id)
    if product < 0 or query_id not in query_texts(dataset):
        return None  # a bundle that was built anew may have others
    query = judgements.row_of(query_id)
    places = np.flatnonzero(judgements.rows[query] == product)
    return dataset.scale.names[int(judgements.labels[query, places[0]])] if len(places) else None


def _said(words: pd.DataFrame, store: Store) -> Mapping[Pair, Mapping[str, str]]:
    """What people said of each pair, by judge. Models are seen beside their agreement with people, and not here."""
    models = models_among(store.judges())
    found: dict[Pair, dict[str, str]] = defaultdict(dict)
    words = words[words["kind"].isin(DONE) & ~words["judge"].isin(models)]
    for judge, query_id, product_id, kind, value in words[
        ["judge", "query_id", "product_id", "kind", "value"]
    ].itertuples(index=False):
        found[query_id, product_id][judge] = value if kind == "label" else _UNRATEABLE
    return found
