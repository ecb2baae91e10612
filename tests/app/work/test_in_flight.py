"""Tasks: once for all who ask, never for nobody, and what they raise is told to everybody."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event, Lock
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sqid_ui.work.in_flight import MOST_OF_ONE, Tasks
from sqid_ui.work.turns import Lane, Turns

# Who asks for which key, or leaves.
STEPS = some.lists(some.tuples(some.integers(0, 3), some.integers(0, 5), some.booleans()), max_size=30)


def pool(slots: int = 2, **more: Any) -> Tasks:
    return Tasks(Turns(slots), slots, **more)


def busy(tasks: Tasks, slots: int) -> Event:
    """All slots are held until the event."""
    go, begun = Event(), [Event() for _ in range(slots)]
    for number in range(slots):
        tasks.submit("holder", ("held", number), lambda number=number: (begun[number].set(), go.wait(30)), Lane.QUICK)
    assert all(each.wait(30) for each in begun)
    return go


def test_equal_questions_are_done_once() -> None:
    tasks, done, lock = pool(), Counter(), Lock()

    def work(key: int) -> int:
        with lock:
            done[key] += 1
        return key * 2

    go = busy(tasks, 2)
    with ThreadPoolExecutor(8) as askers:
        asked = [askers.submit(tasks.submit, n, n % 5, lambda n=n: work(n % 5)) for n in range(40)]
        found = [each.result() for each in asked]
    go.set()
    assert [each.result(30) for each in found] == [n % 5 * 2 for n in range(40)]
    assert done == Counter(range(5))
    assert tasks.submit("again", 1, lambda: "anew").result(30) == "anew"


@settings(max_examples=50)
@given(STEPS)
def test_a_task_runs_once_if_somebody_waits_for_it_and_never_if_nobody_does(
    steps: list[tuple[int, int, bool]],
) -> None:
    tasks, done = pool(1), Counter()
    go, wanted, handles = busy(tasks, 1), {}, {}
    for asker, key, leaves in steps:
        if leaves:
            tasks.drop(asker)
            for askers in wanted.values():
                askers.discard(asker)
        else:
            handles[key] = tasks.submit(asker, key, lambda key=key: done.update([key]), Lane.QUICK)
            wanted.setdefault(key, set()).add(asker)
    go.set()
    for key, askers in wanted.items():
        if askers:
            handles[key].result(30)
        else:
            assert handles[key].cancelled()
    assert done == Counter(key for key, askers in wanted.items() if askers)
    assert not any(tasks.turns.waiting().values())


def test_who_left_the_server_is_not_worked_for() -> None:
    here = {"a", "b", "holder"}
    tasks, done = pool(1, is_here=lambda asker: asker in here), []
    go = busy(tasks, 1)
    alone, shared = tasks.submit("a", 1, lambda: done.append(1)), tasks.submit("a", 2, lambda: done.append(2))
    tasks.submit("b", 2, lambda: done.append("never: the first work is done"))
    here.discard("a")
    go.set()
    shared.result(30)
    assert (alone.cancelled(), done) == (True, [2])


def test_all_askers_hear_what_was_raised_and_the_next_one_tries_again() -> None:
    tasks = pool(1)
    go = busy(tasks, 1)
    both = [tasks.submit(asker, "key", lambda: 1 / 0) for asker in "ab"]
    go.set()
    for each in both:
        with pytest.raises(ZeroDivisionError):
            each.result(30)
    assert tasks.submit("a", "key", lambda: 3).result(30) == 3
    assert tasks.submit("a", "other", lambda: 4).result(30) == 4  # the slot came back


def test_tasks_that_wait_for_each_other_never_stop_the_pool() -> None:
    for slots in (1, 2):
        tasks = pool(slots)
        go = busy(tasks, slots)

        def chain(depth: int, tasks: Tasks = tasks) -> int:
            return 0 if not depth else tasks.submit(("asker", depth), depth - 1, lambda: chain(depth - 1)).result() + 1

        # Those that wait come before what they wait for.
        found = [tasks.submit("first", depth, lambda depth=depth: chain(depth)) for depth in (8, 7, 3)]
        go.set()
        assert [each.result(30) for each in found] == [8, 7, 3]
        deadline = time.monotonic() + 30
        while tasks.turns.running() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert tasks.turns.running() == 0


def test_one_asker_has_so_many() -> None:
    tasks = pool(1)
    go = busy(tasks, 1)
    asked = [tasks.submit("a", number, lambda: 1, Lane.QUICK) for number in range(MOST_OF_ONE + 3)]
    assert [each.cancelled() for each in asked] == [True] * 3 + [False] * MOST_OF_ONE
    with pytest.raises(CancelledError):
        asked[0].result()
    go.set()
    assert asked[-1].result(30) == 1


def test_what_is_asked_for_still_stays() -> None:
    tasks = pool(1)
    go = busy(tasks, 1)
    kept, left = (tasks.submit("a", key, lambda: 1) for key in "xy")
    tasks.drop("a", [kept])
    assert (left.cancelled(), kept.cancelled()) == (True, False)
    go.set()
    assert kept.result(30) == 1


def test_one_may_ask_for_what_has_its_turn_but_no_thread_yet() -> None:
    tasks = Tasks(Turns(9), threads=1)
    go = busy(tasks, 1)
    waits = tasks.submit("a", "key", lambda: 1)
    assert tasks.submit("b", "key", lambda: 2) is waits
    go.set()
    assert waits.result(30) == 1
