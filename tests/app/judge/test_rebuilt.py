"""A bundle that was built anew: what is judged stays, what is gone is left out and harms nothing."""

from __future__ import annotations

import pandas as pd
from judging_app import Send, label_act, make_book, pairs_of, queue_of

from sqid_core.bundle.load import Dataset
from sqid_core.judging.books import Book
from sqid_core.judging.store import Store


def test_pairs_that_are_gone_are_left_out(store: Store, send: Send, dataset: Dataset) -> None:
    book = make_book(store, dataset.folder, count=4)
    gone = pd.DataFrame({"query_id": ["q-gone", "00"], "product_id": ["P000", "p-gone"]})
    pairs = pd.concat([pairs_of(dataset, 4), gone], ignore_index=True)
    pairs = pairs.assign(number=range(6), stratum="", why="")
    store.create_book(Book("old", "Old", book.bundle, "0ld", "from before", blind=False), pairs)
    found = queue_of("anna", "old").json()
    assert len(found["pairs"]) == 4
    assert all(each["query"] and each["title"] for each in found["pairs"])
    answer = send("anna", label_act({"query_id": "q-gone", "product_id": "P000"}, 1, book="old")).json()
    assert "no query q-gone" in answer["refused"]["k1"]
