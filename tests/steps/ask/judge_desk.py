"""A book of the tiny bundle, and a model that judges it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from model_server import ModelServer

from precompute.ask.chat import Chat, Manner
from precompute.ask.endpoint import endpoint_of
from precompute.ask.endpoint_key import Key
from precompute.ask.prompt import DEFAULT, Template, read_template
from precompute.ask.spending import Prices, Purse
from precompute.fetch.retries import Patience
from precompute.steps.judge import JudgeReport, Wish, Work, judge, prepared
from sqid_core.bundle.load import load_bundle
from sqid_core.judging.books import Book
from sqid_core.judging.drawn import pair_frame
from sqid_core.judging.store import Store
from sqid_core.store.opening import open_store

# So that a test takes no time: a wait is a hundredth of a second.
QUICK = Patience(attempts=4, unreachable=2, first_wait=0.01, longest_wait=0.02, longest_asked=5.0, connect_seconds=2.0)
FREE = Prices()
SECRET = "sk-test-0123456789abcdef"


@dataclass
class Desk:
    """A bundle, a store with one book of it, and how a model is put to it."""

    bundle: Path
    state: Path
    book: Book
    template: Template

    @property
    def store(self) -> Store:
        return open_store(self.state)

    def work(self, url: str, key: str = "", **more: Any) -> Work:
        manner = replace(Manner("tiny-model", seconds=60.0), **more.pop("manner", {}))
        wish = Wish(self.book.name, endpoint_of(url, Key(key)), manner, self.template)
        return prepared(self.bundle, self.store, replace(wish, **more))

    def judge(
        self,
        server: ModelServer | str,
        key: str = "",
        prices: Prices = FREE,
        budget: float | None = None,
        at_once: int = 1,
        patience: Patience = QUICK,
        **more: Any,
    ) -> JudgeReport:
        url = server if isinstance(server, str) else server.url
        manner = replace(Manner("tiny-model", seconds=60.0), **more.get("manner", {}))
        chat = Chat(endpoint_of(url, Key(key)), Key(key), manner, Purse(prices, budget), patience)
        return judge(self.work(url, key, **more), self.store, chat, at_once)

    def acts(self, kind: str | None = None) -> pd.DataFrame:
        acts = self.store.acts("tiny")
        return acts if kind is None else acts[acts["kind"] == kind]


def made_desk(bundle: Path, state: Path) -> Desk:
    """Twelve judged pairs in a book with guidelines."""
    dataset = load_bundle(bundle)
    rows = dataset.judgements.rows
    some = np.array([(query, rows[query, place]) for query in range(4) for place in range(3)])
    pairs = pair_frame(dataset, some[:, 0], some[:, 1], ["a secret of the book: rank 3"] * len(some))
    book = Book("book1", "Lamps", "tiny", dataset.fingerprint, "some", guidelines="A lamp **without** a shade is S.")
    desk = Desk(bundle, state, book, read_template(DEFAULT))
    desk.store.create_book(book, pairs)
    return desk


def said(label: Any, **more: Any) -> str:
    return json.dumps({"explanation": "e", "label": label, "unrateable": False, **more})
