"""A store with books, and who judges in them, for tests of judging in the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.judging.books import Book
from sqid_core.judging.store import Store
from sqid_ui.judge.routes import judging_routes

# Sends acts under a name; more: what the letter says otherwise.
Send = Callable[..., Any]

SECRETS = {name: f"secret-of-{name}".ljust(40, "x") for name in ("anna", "bo", "lea")}
GUIDELINES = "# Fits?\n\n**Exact**: all of it. <b>no tag</b> ![p](http://elsewhere.example/x.png) costs $5 or $6"


def pairs_of(dataset: Dataset, count: int) -> pd.DataFrame:
    """The first judged pairs of a bundle, one of each query in turn."""
    query, place = np.nonzero(dataset.judgements.mask)
    order = np.argsort(place, kind="stable")[:count]
    rows = dataset.judgements.rows[query[order], place[order]]
    return pd.DataFrame(
        {
            "number": np.arange(len(order)),
            "query_id": dataset.judgements.query_ids[query[order]],
            "product_id": dataset.products["product_id"].to_numpy()[rows],
            "probability": np.nan,
            "stratum": "",
            "why": [f"rank {number + 1} of secret ranker" for number in range(len(order))],
        }
    )


def make_book(store: Store, folder: Path, count: int = 12, **more: Any) -> Book:
    """A book of a bundle's first pairs, kept in the store."""
    dataset = load_bundle(folder)
    usual = Book("book1", "First pairs", dataset.name, dataset.fingerprint, "the first pairs", guidelines=GUIDELINES)
    book = replace(usual, **more)
    store.create_book(book, pairs_of(dataset, count))
    return book


def cookies(name: str) -> dict[str, str]:
    return {"sqid_judge": SECRETS[name]}


def client(name: str = "") -> TestClient:
    """The routes, asked by somebody."""
    return TestClient(Starlette(routes=[judging_routes()]), cookies=cookies(name) if name else {})


def queue_of(name: str, book: str = "book1", **more: Any) -> Any:
    return client(name).get("/judging/queue", params={"bundle": "tiny", "book": book, **more})


def label_act(pair: Mapping[str, Any], number: int, value: str = "Exact", **more: Any) -> dict[str, Any]:
    usual = {"key": f"k{number}", "kind": "label", "number": number, "value": value, "book": "book1"}
    return {**usual, "query_id": pair["query_id"], "product_id": pair["product_id"], **more}
