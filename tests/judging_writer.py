"""A program that judges until it is killed, for tests that start it in processes of their own."""

from __future__ import annotations

import itertools
from multiprocessing.connection import Connection
from pathlib import Path

from judged import act

from sqid_core.store.opening import open_store


def judge_on(place: Path | str, secret: str, first: int, last: int, told: Connection) -> None:
    """Stores acts number `first` to `last` (0: without end), and tells each number once it is confirmed."""
    store = open_store(place)
    judge = store.enrol(secret, secret)
    for number in range(first, last + 1) if last else itertools.count(first):
        key = f"{secret}-{number}"
        stored = store.add([act(key, number=number)], judge.id, "demo", "f")
        assert stored.confirmed == (key,)
        told.send(number)
    told.close()
