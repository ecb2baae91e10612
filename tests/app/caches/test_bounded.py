"""One store for all caches: bounded by bytes, one maker at a time, nothing of what failed."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sqid_core.bundle.load import load_bundle
from sqid_ui.caches import encoders
from sqid_ui.caches.bounded import Store, size_of
from sqid_ui.caches.jobs import job
from sqid_ui.caches.keys import kept_bytes


def zeros(megabytes: int) -> np.ndarray:
    return np.zeros(megabytes * 2**20, np.uint8)


def test_the_oldest_goes_whosever_it_is() -> None:
    store = Store(10 * 2**20)
    for number in range(9):
        store.of("many", number, 100, lambda: zeros(1))
    store.of("many", 0, 100, lambda: zeros(1))  # asked for again
    assert store.size == 9 * 2**20
    store.of("other", "large", 100, lambda: zeros(5))
    assert store.size <= 10 * 2**20
    made: list[int] = []
    for number in (0, 8, 1):
        store.of("many", number, 100, lambda number=number: made.append(number) or zeros(1))
    assert made == [1]


def test_what_was_made_last_stays_whatever_its_size() -> None:
    store = Store(2**20)
    whole = store.of("a", 1, 9, lambda: zeros(5))
    assert store.of("a", 1, 9, lambda: zeros(5)) is whole


def test_180_settings_stay_within_the_bound() -> None:
    store = Store(50 * 2**20)
    for number in range(180):
        store.of(f"cache {number % 7}", number, 64, lambda: {"a": zeros(2), "b": (zeros(1),)})
    assert store.size <= 50 * 2**20


def test_one_makes_and_the_others_wait() -> None:
    store, made, go = Store(2**20), [], Event()

    def make() -> str:
        made.append(1)
        go.wait(30)
        return "it"

    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(store.of, "a", "key", 9, make) for _ in range(8)]
        go.set()
        assert {each.result() for each in found} == {"it"}
    assert len(made) == 1


def test_what_raises_is_not_kept() -> None:
    store = Store(2**20)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            store.of("a", 1, 9, lambda: 1 / 0)
    assert (store.of("a", 1, 9, lambda: 3), store.size > 0) == (3, True)
    store.forget("a", 1)
    assert store.size == 0


@dataclass(frozen=True, eq=False)
class Holder:
    arrays: Any


def test_sizes() -> None:
    done: Future[Any] = Future()
    done.set_result(zeros(3))
    whole = zeros(2)
    assert size_of(zeros(1)) == 2**20
    assert size_of([whole, whole, whole[: 2**20]]) == 2 * 2**20
    assert size_of(Holder({"a": (zeros(1), done)})) > 4 * 2**20
    assert size_of(pd.DataFrame({"a": np.zeros(2**17)})) >= 2**20
    assert size_of(Future()) == 0
    assert size_of("x" * 1000) > 1000


def test_a_job_that_failed_is_done_again(data_root: Any, word_encoder: Any) -> None:
    dataset = load_bundle(data_root / "tiny")
    tried: list[int] = []

    def work() -> int:
        tried.append(1)
        if len(tried) == 1:
            raise MemoryError("this once")
        return 7

    assert isinstance(job(dataset, "it", work).exception(), MemoryError)
    assert job(dataset, "it", work).result() == 7
    assert job(dataset, "it", work).result() == 7
    assert len(tried) == 2


def test_two_bundles_of_one_model_share_it(data_root: Any, word_encoder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from fixtures import build_tiny_bundle

    opened: list[Any] = []
    monkeypatch.setattr("sqid_ui.caches.encoders.load_encoder", lambda spec, *_: opened.append(spec) or word_encoder)
    both = [load_bundle(data_root / "tiny"), load_bundle(build_tiny_bundle(data_root / "other", name="other"))]
    assert encoders.encoder(both[0], "words") is encoders.encoder(both[1], "words")
    assert len(opened) == 1


def test_a_job_counts_once_it_is_done(data_root: Any, word_encoder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqid_ui.caches.jobs._SMALL", 0)
    dataset, go, before = load_bundle(data_root / "tiny"), Event(), kept_bytes()[0]
    running = job(dataset, "large", lambda: (go.wait(30), zeros(3)))
    go.set()
    assert running.result(30)[1].nbytes == 3 * 2**20
    while kept_bytes()[0] < before + 3 * 2**20:  # counted when its thread has told everybody
        Event().wait(0.001)
