"""The next pairs of a book for one judge, with what a browser shows of them and nothing that a blind book hides."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.judging.acts import WORDS, live, standing
from sqid_core.judging.books import Book
from sqid_core.judging.queue import queue
from sqid_core.judging.store import Judge, Store, models_among
from sqid_ui.caches.judging import pair_ids
from sqid_ui.judge.faces import faces
from sqid_ui.judge.known import DONE, Pair, known_of

# What the judge did last and may come back to.
_PAST = 20
_FINDINGS = ("tag", "note")
_OF_FINDING = ["query_id", "product_id", "kind", "key", "value"]


def queue_for(dataset: Dataset, store: Store, book: Book, judge: Judge, most: int) -> dict[str, Any]:
    """pairs: the next, at most so many; past: the last that the judge has done with, oldest first; count, done: how
    many pairs the book asks of this judge, and how many of them are done; number: of the judge's last act; seconds:
    what a pair takes, None before the first."""
    acts = store.acts(dataset.name, book=book.id, columns=WORDS)
    words = standing(acts)
    found = queue(book, pair_ids(store, book.id), words, judge.id, most, models_among(store.judges()))
    own = acts[acts["judge"] == judge.id]
    said = words[(words["judge"] == judge.id) & words["kind"].isin(DONE)]
    # A pair that was shown again is done twice.
    done = found.progress.done + int((said["showing"] == 2).sum())
    past = said.sort_values("number").tail(_PAST)
    shown = [*_pairs(past), *_pairs(found.pairs)]
    known = known_of(dataset, store, book, judge, words, _pairs(past) if book.blind else shown)
    findings = _findings(own)
    # Shown again, a pair of a blind book is judged without what was to be seen when it was done.
    hidden = [False] * len(past) + [book.blind] * len(found.pairs)
    entries = [
        {**face, "showing": int(showing), "known": None if hides else known.get(pair), "word": word, **findings[pair]}
        for pair, hides, face, showing, word in zip(
            shown,
            hidden,
            faces(dataset, shown),
            [*past["showing"], *found.pairs["showing"]],
            [*_words(past), *(None for _ in range(len(found.pairs)))],
            strict=True,
        )
        if face is not None
    ]
    behind = sum(entry["word"] is not None for entry in entries)
    return {
        "judge": judge.id,
        "number": int(own["number"].max()) if len(own) else 0,
        "count": done + found.progress.left,
        "done": done,
        "seconds": None if math.isnan(found.progress.seconds) else found.progress.seconds,
        "past": entries[:behind],
        "pairs": entries[behind:],
        "more": len(found.pairs) == most,
    }


def _pairs(frame: pd.DataFrame) -> list[Pair]:
    return list(zip(frame["query_id"], frame["product_id"], strict=True))


def _words(past: pd.DataFrame) -> list[dict[str, str]]:
    return [dict(zip(("key", "kind", "value"), row, strict=True)) for row in past[["key", "kind", "value"]].to_numpy()]


def _findings(own: pd.DataFrame) -> dict[Pair, dict[str, Any]]:
    """The tags and the note that a judge gave each pair."""
    found: dict[Pair, dict[str, Any]] = defaultdict(lambda: {"tags": [], "note": ""})
    given = live(own[own["kind"].isin((*_FINDINGS, "undo"))]).sort_values("number", kind="stable")
    for query_id, product_id, kind, key, value in given[_OF_FINDING].to_numpy():
        entry = found[query_id, product_id]
        if kind == "note":
            entry["note"] = value
        else:
            entry["tags"].append({"key": key, "value": value})
    return found
