"""Many who write at once, in threads and in processes, some of which are killed."""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
from judged import act
from judging_writer import judge_on

from sqid_core.errors import InputError
from sqid_core.judging.acts import Act
from sqid_core.judging.store import Store
from sqid_core.store.opening import open_store

JUDGES, ACTS, KILLS = 20, 100, 10
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["sqid_core.store.sql_store", "alembic.command", "psycopg"])


def sent_out_of_order(secret: str, rng: random.Random) -> Iterator[list[Act]]:
    """A judge's acts in parcels, some of them twice, some before those with smaller numbers."""
    numbers = list(range(1, ACTS + 1))
    for start in range(0, ACTS, 10):
        part = numbers[start : start + 10]
        rng.shuffle(part)
        for cut in range(0, 10, 2):
            parcel = [act(f"{secret}-{number}", number=number) for number in part[cut : cut + 2]]
            yield parcel
            if rng.random() < 0.1:
                yield parcel


def test_twenty_judges_at_once(place: Path | str) -> None:
    """2,000 acts are stored once each, and what was read "until" stays the same."""
    stores = [open_store(place), open_store(place)]  # as two servers have them
    judges = [stores[0].enrol(f"secret {i}", "Ann") for i in range(JUDGES)]
    seen: dict[int, pd.DataFrame] = {}
    done = threading.Event()

    def judge(i: int) -> None:
        for parcel in sent_out_of_order(f"s{i}", random.Random(i)):
            told = stores[i % 2].add(parcel, judges[i].id, "demo", "f")
            assert told.confirmed == tuple(one.key for one in parcel)

    def read() -> None:
        while not done.is_set():
            version = stores[0].version("demo")
            seen[version] = stores[1].acts("demo", until=version)
            time.sleep(0.1)

    with ThreadPoolExecutor(JUDGES + 1) as pool:
        reader = pool.submit(read)
        list(pool.map(judge, range(JUDGES)))
        done.set()
        reader.result()
    found = stores[0].acts("demo")
    assert list(found["seq"]) == list(range(1, JUDGES * ACTS + 1))
    assert found["key"].is_unique
    for i, one in enumerate(judges):
        own = found[found["judge"] == one.id].sort_values("number")
        assert list(own["key"]) == [f"s{i}-{number}" for number in range(1, ACTS + 1)]
    assert len(seen) > 1
    for version, frame in seen.items():
        pd.testing.assert_frame_equal(found[found["seq"] <= version], frame)


def started(place: Path | str, secret: str, first: int, last: int = 0) -> tuple[multiprocessing.Process, Connection]:
    told, tells = processes.Pipe(duplex=False)
    process = processes.Process(target=judge_on, args=(place, secret, first, last, tells))
    process.start()
    tells.close()
    return process, told  # type: ignore[return-value]


def numbers(told: Connection) -> Iterator[int]:
    """What a process confirms, until it ends."""
    while True:
        try:
            yield told.recv()
        except (EOFError, ConnectionResetError):
            return


def test_servers_that_begin_and_judge_together(place: Path | str) -> None:
    """Two processes on one database, which neither has seen before: both make its tables, one is first."""
    running = [started(place, f"s{i}", 1, 100) for i in range(2)]
    assert [list(numbers(told)) for _, told in running] == [list(range(1, 101))] * 2
    for process, _ in running:
        process.join()
    found = open_store(place).acts("demo")
    assert list(found["seq"]) == list(range(1, 201))
    assert sorted(found["key"]) == sorted(f"s{i}-{number}" for i in range(2) for number in range(1, 101))


def test_what_was_confirmed_survives_kill_9(place: Path | str) -> None:
    """And what was not is sent again, and is there once."""
    rng, confirmed = random.Random(1), 0
    for _ in range(KILLS):
        process, told = started(place, "secret", confirmed + 1)
        heard = numbers(told)
        for _ in range(rng.randint(0, 20)):
            confirmed = next(heard)
        time.sleep(rng.random() * 0.02)
        process.kill()
        process.join()
        confirmed = max([confirmed, *heard])
    store: Store = open_store(place)
    stored = sorted(store.acts("demo")["number"])
    assert stored in (list(range(1, confirmed + 1)), list(range(1, confirmed + 2)))
    process, told = started(place, "secret", confirmed + 1, confirmed + 5)
    assert list(numbers(told)) == list(range(confirmed + 1, confirmed + 6))
    process.join()
    found = store.acts("demo")
    assert list(found["number"]) == list(range(1, confirmed + 6))
    assert list(found["seq"]) == list(range(1, confirmed + 6))


def test_a_code_is_spent_once_by_whoever_is_first(place: Path | str) -> None:
    stores = [open_store(place), open_store(place)]
    code = stores[0].lead_code()
    judges = [stores[0].enrol(f"secret {i}", "Ann").id for i in range(JUDGES)]
    with ThreadPoolExecutor(JUDGES) as pool:
        good = list(pool.map(lambda i: stores[i % 2].redeem(code, judges[i]), range(JUDGES)))
    assert good.count(True) == 1
    leads = [judge.id for judge in stores[0].judges().values() if judge.role == "lead"]
    assert leads == [judges[good.index(True)]]


def test_one_who_is_unknown_does_not_stop_the_others(place: Path | str) -> None:
    """Acts that arrive together are written together, but nobody pays for another's fault."""
    store = open_store(place)
    ann = store.enrol("secret", "Ann")

    def add(i: int) -> str:
        try:
            return store.add([act(f"k{i}")], ann.id if i % 3 else "nobody", "demo", "f").confirmed[0]
        except InputError as error:
            return str(error)

    with ThreadPoolExecutor(JUDGES) as pool:
        told = list(pool.map(add, range(60)))
    assert all("no judge 'nobody'" in said for said in told[::3])
    assert [said for i, said in enumerate(told) if i % 3] == [f"k{i}" for i in range(60) if i % 3]
    assert sorted(store.acts("demo")["seq"]) == list(range(1, 41))
