"""What the routes answer: acts stored, the next pairs, a product's long text. Runs in threads; the page asks it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.judging.acts import WORDS, standing
from sqid_core.judging.books import Book
from sqid_core.judging.rules import may_judge, refusal
from sqid_core.judging.store import Judge, Store, Stored
from sqid_core.ranking.one_product import description
from sqid_ui.caches import judging as kept
from sqid_ui.caches.bundles import product_row
from sqid_ui.judge.grounds import book_in, dataset_named
from sqid_ui.judge.known import DONE, known_of
from sqid_ui.judge.queueing import queue_for
from sqid_ui.judge.receiving import Letter, letter_of
from sqid_ui.judge.refused import Refused
from sqid_ui.login.configured import login_settings
from sqid_ui.login.who import judge_with, person_with

AT_ONCE, MOST_AT_ONCE = 20, 200
_LONGEST_TEXT = 20_000


def stored(body: bytes, cookies: Mapping[str, str]) -> dict[str, Any]:
    """Stores what a browser sent. confirmed: keys that are stored, now or before; refused: key to the sentence; known:
    what may be seen of the pairs that this ended."""
    letter = letter_of(body)
    store = kept.judging_store()
    judge = _somebody(store, cookies)
    if letter.judge != judge.id:
        raise Refused(409, "Another judge uses this browser now; reload the page.")
    dataset = dataset_named(letter.bundle, letter.fingerprint, person_with(cookies))
    books = {name: book_in(store, dataset.name, name) for name in {act.book for act in letter.acts}}
    refused = {**letter.refused, **_refused(store, letter, judge, dataset, books)}
    fit = [act for act in letter.acts if act.key not in refused]
    done = store.add(fit, judge.id, dataset.name, letter.fingerprint) if fit else Stored(0, (), {})
    return {
        "confirmed": list(done.confirmed),
        "refused": {**refused, **done.refused},
        "known": _known(dataset, store, letter, judge, done, books),
    }


def queue(asked: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, Any]:
    """See `queueing.queue_for`."""
    store = kept.judging_store()
    judge = _somebody(store, cookies)
    dataset = _dataset(asked, cookies)
    book = book_in(store, dataset.name, asked.get("book", ""))
    if book is None:
        raise Refused(404, "This bundle has no such book.")
    if not may_judge(judge, book):
        raise Refused(403, "This book is closed." if book.closed else "This book is for those who were made judges.")
    count = asked.get("count", "")
    most = min(int(count), MOST_AT_ONCE) if count.isascii() and count.isdigit() and len(count) < 6 else AT_ONCE
    return queue_for(dataset, store, book, judge, most)


def described(asked: Mapping[str, str], cookies: Mapping[str, str]) -> dict[str, Any]:
    """The long text of a product, which is no secret from whoever may see the bundle."""
    dataset = _dataset(asked, cookies)
    row = product_row(dataset, asked.get("product", ""))
    if row < 0:
        raise Refused(404, "This bundle has no such product.")
    return {"text": description(dataset, row)[:_LONGEST_TEXT]}


def _dataset(asked: Mapping[str, str], cookies: Mapping[str, str]) -> Dataset:
    return dataset_named(asked.get("bundle", ""), asked.get("fingerprint", ""), person_with(cookies))


def _somebody(store: Store, cookies: Mapping[str, str]) -> Judge:
    judge = judge_with(store, cookies)
    if judge is None:
        how = "signs in" if login_settings() else "takes a name on the Judge page"
        raise Refused(401, f"Whoever judges {how} first.")
    return judge


def _refused(
    store: Store, letter: Letter, judge: Judge, dataset: Dataset, books: Mapping[str, Book | None]
) -> dict[str, str]:
    if not letter.fingerprint.isalnum():
        raise InputError("A fingerprint is made of letters and digits.")
    ground = kept.ground(dataset)
    pairs = {name: kept.pair_numbers(store, name) if book else {} for name, book in books.items()}
    said = {act.key: refusal(act, judge, books[act.book], pairs[act.book], ground) for act in letter.acts}
    return {key: sentence for key, sentence in said.items() if sentence}


def _known(
    dataset: Dataset, store: Store, letter: Letter, judge: Judge, done: Stored, books: Mapping[str, Book | None]
) -> list[dict[str, Any]]:
    """What may be seen now of the pairs that the judge has done with."""
    found = []
    confirmed = frozenset(done.confirmed)
    for name, book in books.items():
        ended = {
            (act.query_id, act.product_id)
            for act in letter.acts
            if act.book == name and act.kind in DONE and act.key in confirmed
        }
        if book is None or not ended:
            continue
        asked = {query_id for query_id, _ in ended}
        words = standing(store.acts(dataset.name, book=name, columns=WORDS, queries=asked))
        for pair, known in known_of(dataset, store, book, judge, words, ended).items():
            found.append({"query_id": pair[0], "product_id": pair[1], **known})
    return found
