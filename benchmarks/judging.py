"""Acts stored per second on both databases and the first view of a book of 100,000 pairs, beside the drivers alone; and
how long a key takes to the next pair.

    python tests/postgres_server.py python -m benchmarks.judging    # beside a PostgreSQL of its own
    SQID_TEST_DATABASE_URL=postgresql://… python -m benchmarks.judging [--bundle BUNDLE]

An act a transaction, as the Judge page sends them: ours checks key, judge and book and hands out the version; the peer
(sqlite3, psycopg) inserts the same row, as durably, under a number that the database counts. Writers are threads of one
server. First view: what the page reads of all pairs and acts of the book, what stands of these, and the judge’s next
pairs; the peer only fetches the same columns. Both take turns, so that other work on the machine hurts them alike. Key
to the next pair: 100 presses at the Judge page of a bundle, in Chromium, to the frame that shows the pair. Goals: far
more acts than 20 judges give (one a second each, in spurts five), a first view within 1 s, the next pair within 100 ms
(p95).
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from benchmarks.judging_keys import key_times
from benchmarks.sqid_like import table
from sqid_core.judging.acts import WORDS, Act, standing
from sqid_core.judging.books import Book
from sqid_core.judging.queue import queue
from sqid_core.judging.store import Store
from sqid_core.store.opening import open_store
from sqid_core.store.state_folder import FILE

PAIRS, WRITERS, ACTS, TURNS = 100_000, (1, 20), 400, 3
VALUES = ("judge", "key", "label", "demo", "f", "b", "q1", "p1", "Exact", "", 2.5, 1)
COLUMNS = "judge, key, kind, bundle, fingerprint, book, query_id, product_id, value, link, seconds, showing"
_TYPES = ", ".join(f"{name} text" for name in COLUMNS.split(", ")[:-2]) + ", seconds double precision, showing int"
BOOK = Book("b", "Benchmark", "demo", "f", "all")
_PAIRS_QUERY = "SELECT number, query_id, product_id FROM judging_pairs WHERE book = 'b' ORDER BY number"
_ACTS_QUERY = f"SELECT {', '.join(WORDS)} FROM judging_acts WHERE book = 'b' ORDER BY seq"

Adding = Callable[[str], object]
Connect = Callable[[], Any]


def main() -> None:
    """Prints two tables, or three."""
    parser = argparse.ArgumentParser(description="Judging: the store's speed, and the page's")
    parser.add_argument("--bundle", type=Path, help="judge in this one, in a browser, and time the keys")
    bundle: Path | None = parser.parse_args().bundle
    with tempfile.TemporaryDirectory() as folder:
        places = [("SQLite", Path(folder), lambda: _sqlite(Path(folder)))]
        url = os.environ.get("SQID_TEST_DATABASE_URL")
        if url:
            places.append(("PostgreSQL", url, lambda: psycopg.connect(url, autocommit=True)))  # type: ignore[arg-type]
        else:
            print("SQID_TEST_DATABASE_URL names no PostgreSQL: SQLite alone\n", file=sys.stderr)
        rates, views = [], []
        for name, place, connect in places:
            store = open_store(place)
            made = _judge_and_book(store)
            rates += [(f"{name}, {count} writers", *_rates(store, made, connect, count)) for count in WRITERS]
            views += _views(name, store, made, connect)
    print(table(("acts stored per second", "SQID Explorer", "plain inserts", "ratio"), rates))
    print()
    print(table(("first view of 100,000 pairs, ms", "SQID Explorer", "rows alone", "ratio"), views))
    if bundle is not None:
        with tempfile.TemporaryDirectory() as folder:
            found = key_times(bundle.resolve(), Path(folder))
        heads = ("key to the next pair", "p50, ms", "p95, ms", "next pair there", "its picture")
        print(f"\n{table(heads, [('Chromium', *found)])}")


def _sqlite(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / FILE, timeout=60, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _judge_and_book(store: Store) -> str:
    numbers = np.arange(PAIRS)
    pairs = {
        "number": numbers,
        "query_id": [f"q{i // 20}" for i in numbers],
        "product_id": [f"B00{i:07}" for i in numbers],
        "probability": np.full(PAIRS, 0.1),
        "stratum": "shoes",
        "why": "drawn at random",
    }
    began = time.perf_counter()
    store.create_book(BOOK, pd.DataFrame(pairs))
    print(f"a book of {PAIRS:,} pairs is made in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return store.enrol(uuid.uuid4().hex, "Ann").id


def _rates(store: Store, judge: str, connect: Connect, writers: int) -> tuple[str, str, str]:
    with _peers(connect, writers) as peers:
        ours: list[Adding] = [
            lambda key: store.add([Act(key, "label", 1, "q1", "p1", "Exact", seconds=2.5)], judge, "demo", "f")
        ] * writers
        times = [(_acts_a_second(ours), _acts_a_second(peers)) for _ in range(TURNS)]
    our, peer = (statistics.median(each) for each in zip(*times, strict=True))
    return f"{our:,.0f}", f"{peer:,.0f}", f"{our / peer:.2f}"


def _acts_a_second(adders: list[Adding]) -> float:
    """All writers at once, each with its share of the acts."""

    def write(add: Adding) -> None:
        for _ in range(ACTS // len(adders)):
            add(uuid.uuid4().hex)

    began = time.perf_counter()
    with ThreadPoolExecutor(len(adders)) as pool:
        list(pool.map(write, adders))
    return ACTS / (time.perf_counter() - began)


@contextmanager
def _peers(connect: Connect, writers: int) -> Iterator[list[Adding]]:
    """A connection a writer, each with nothing but an insert."""
    connections = [connect() for _ in range(writers)]
    lite = isinstance(connections[0], sqlite3.Connection)
    number = "seq integer primary key" if lite else "seq bigserial primary key"
    connections[0].execute("DROP TABLE IF EXISTS plain_acts")
    connections[0].execute(f"CREATE TABLE plain_acts ({number}, {_TYPES}, UNIQUE (key))")
    marks = ", ".join(["?" if lite else "%s"] * len(VALUES))
    insert = f"INSERT INTO plain_acts ({COLUMNS}) VALUES ({marks})"

    def adding(connection: Any) -> Adding:
        return lambda key: connection.execute(insert, (VALUES[0], key, *VALUES[2:]))

    yield [adding(connection) for connection in connections]
    for connection in connections:
        connection.close()


def _views(name: str, store: Store, judge: str, connect: Connect) -> Iterator[tuple[str, str, str, str]]:
    yield (f"{name}, nothing judged", *_view(store, judge, connect))
    acts = [Act(uuid.uuid4().hex, "label", i + 1, f"q{i // 20}", f"B00{i:07}", "Exact", "b") for i in range(PAIRS)]
    store.add(acts, judge, "demo", "f")
    yield (f"{name}, {PAIRS:,} acts", *_view(store, judge, connect))


def _view(store: Store, judge: str, connect: Connect) -> tuple[str, str, str]:
    connection = connect()

    def ours() -> None:
        pairs = store.pairs(BOOK.id, columns=("number", "query_id", "product_id"))
        assert len(pairs) == PAIRS
        queue(BOOK, pairs, standing(store.acts("demo", book=BOOK.id, columns=WORDS)), judge)

    def rows() -> None:
        for query in (_PAIRS_QUERY, _ACTS_QUERY):
            connection.execute(query).fetchall()

    times = [(_ms(ours), _ms(rows)) for _ in range(TURNS)]
    connection.close()
    our, peer = (statistics.median(each) for each in zip(*times, strict=True))
    return f"{our:,.0f}", f"{peer:,.0f}", f"{our / peer:.1f}"


def _ms(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
