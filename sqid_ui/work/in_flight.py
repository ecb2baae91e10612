"""Tasks of the pool: each done once however many ask for it, and not at all once nobody does."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

from sqid_ui.work.turns import Lane, Ticket, Turns, aside, holding, holds_a_slot

# What one asker may have that was not begun: what he asked for first is dropped for more.
MOST_OF_ONE = 64


class Task(Future[Any]):
    """A piece of work, as its askers see it. Who waits for its result in a slot gives that back meanwhile, or does the
    work himself where it was not begun: pieces that wait for each other never stop the pool."""

    def __init__(self, tasks: Tasks, key: Hashable, work: Callable[[], Any]) -> None:
        super().__init__()
        self.key, self.taken = key, False
        self._tasks, self._work = tasks, work

    def result(self, timeout: float | None = None) -> Any:
        """What the work gives, or raises."""
        if not self.done() and holds_a_slot():
            if self._tasks.claimed(self):
                self.run()
            else:
                with aside():
                    return super().result(timeout)
        return super().result(timeout)

    def run(self) -> None:
        """Does the work in this thread; what it raises is its result. It must have been taken from the queue."""
        if not self.set_running_or_notify_cancel():
            return
        try:
            found = self._work()
        except BaseException as error:
            self._tasks.landed(self)
            self.set_exception(error)
        else:
            self._tasks.landed(self)
            self.set_result(found)
        # What it holds on to would live as long as its result.
        del self._work


class Tasks:
    """What is asked for and not done yet, by key. threads: as many as the slots, if those are few. is_here: whether an
    asker is still there."""

    def __init__(self, turns: Turns, threads: int, is_here: Callable[[Hashable], bool] = lambda _: True) -> None:
        self.turns, self._is_here = turns, is_here
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._flying: dict[Hashable, Task] = {}
        self._askers: dict[Task, set[Hashable]] = {}
        self._tickets: dict[Task, list[Ticket]] = {}
        self._of: dict[Hashable, OrderedDict[Task, None]] = {}
        self._lock = Lock()

    def submit(self, asker: Hashable, key: Hashable, work: Callable[[], Any], lane: Lane = Lane.SLOW) -> Task:
        """The task of a key: one that waits or runs already, or a new one. Raises TooManyError."""
        while True:
            with self._lock:
                task = self._flying.get(key)
                if task is None:
                    task = self._flying[key] = Task(self, key, work)
                    self._askers[task], self._tickets[task] = set(), []
            self.wanted(asker, task, lane)
            if not task.cancelled():  # its last asker may have left in this very moment
                return task

    def wanted(self, asker: Hashable, task: Task, lane: Lane = Lane.SLOW) -> None:
        """One more asks for a task: its turn is the first that any of its askers has."""
        with self._lock:
            if task not in self._askers or asker in self._askers[task]:
                return
            self._askers[task].add(asker)
            own = self._of.setdefault(asker, OrderedDict())
            own[task] = None
            dropped = next(iter(own)) if len(own) > MOST_OF_ONE else None
            begun = task.taken
            ticket = Ticket(asker, lane, lambda: self._start(task, ticket), lambda: self._is_wanted(asker))
            if not begun:
                self._tickets[task].append(ticket)
        if dropped is not None:
            self._leave(asker, dropped)
        if not begun:
            try:
                self.turns.ask(ticket)
            except BaseException:
                self._leave(asker, task)
                raise

    def drop(self, asker: Hashable, but: Collection[Task] = ()) -> None:
        """An asker no longer wants what he asked for, but for these."""
        with self._lock:
            left = [task for task in self._of.get(asker, ()) if task not in but]
        for task in left:
            self._leave(asker, task)

    def claimed(self, task: Task) -> bool:
        """Takes a task that nobody has begun out of the queue; False where it is running or done."""
        with self._lock:
            if task not in self._tickets or task.taken:
                return False
            task.taken = True
            tickets = self._tickets.pop(task)
        for ticket in tickets:
            self.turns.withdraw(ticket)
        return True

    def landed(self, task: Task) -> None:
        """A task is done: what is known of it is forgotten, before its askers see its result."""
        with self._lock:
            self._forget(task)

    def _start(self, task: Task, ticket: Ticket) -> None:
        """In a slot: the other askers' tickets are not needed any more."""
        if not self.claimed(task):
            self.turns.over(ticket)
            return
        self._threads.submit(self._run, task, ticket)

    def _run(self, task: Task, ticket: Ticket) -> None:
        with holding(self.turns, ticket):
            task.run()

    def _is_wanted(self, asker: Hashable) -> bool:
        if self._is_here(asker):
            return True
        self.drop(asker)
        return False

    def _leave(self, asker: Hashable, task: Task) -> None:
        with self._lock:
            self._of.get(asker, OrderedDict()).pop(task, None)
            if not self._of.get(asker, True):
                del self._of[asker]
            askers = self._askers.get(task)
            if askers is None:
                return
            askers.discard(asker)
            tickets = [ticket for ticket in self._tickets.get(task, ()) if ticket.asker == asker]
            alone = not askers and not task.taken
            if alone:
                self._forget(task)
        for ticket in tickets:
            self.turns.withdraw(ticket)
        if alone:
            task.cancel()

    def _forget(self, task: Task) -> None:
        if self._flying.get(task.key) is task:
            del self._flying[task.key]
        self._tickets.pop(task, None)
        for asker in self._askers.pop(task, ()):
            self._of.get(asker, OrderedDict()).pop(task, None)
            if not self._of.get(asker, True):
                del self._of[asker]
