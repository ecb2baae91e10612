"""Who goes next: a bounded number of pieces of work at a time, in turn over those who ask.

A piece of work is a page that is drawn, in Streamlit's own thread, or a task in a thread of the pool (`in_flight`): all
hold one of the same few slots. Lanes say how long somebody would wait for a piece: quick ones go first, but one in
five begins from the slow lane while that waits, and one slot is never given to slow work. Within a lane everybody has
one turn after the other, however much he asks for. Between two of its pieces slow work gives way to quick work.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from threading import Condition, Event, Lock, local

from sqid_core.errors import SqidError

# So many may wait; who comes then is told to come again.
MOST_WAITING = 2_048
_QUICK_IN_A_ROW = 4
# Slow work gives way for at most so many times as long as it has worked since it did so last.
_MOST_AWAY = 3.0


class Lane(IntEnum):
    """Work that a visitor looks at the screen for; work that takes its time; work that nobody asked for yet."""

    QUICK = 0
    SLOW = 1
    AHEAD = 2


class TooManyError(SqidError):
    """More wait than may."""


@dataclass(eq=False)
class Ticket:
    """A place in the queue. asker: who waits. start: called in whatever thread when its turn comes, which it must not
    hold up. wanted: asked at that moment; where it says no the ticket is let go without a turn."""

    asker: Hashable
    lane: Lane
    start: Callable[[], None]
    wanted: Callable[[], bool] = lambda: True
    state: str = field(default="new", init=False)
    since: float = field(default=0.0, init=False)  # when its present turn began


class Turns:
    """At most `slots` tickets have their turn at a time. polite: whether slow work gives way to quick work."""

    def __init__(self, slots: int, most_waiting: int = MOST_WAITING, polite: bool = True) -> None:
        self.slots, self._most_waiting, self._polite = slots, most_waiting, polite
        self._waiting: dict[Lane, OrderedDict[Hashable, deque[Ticket]]] = {lane: OrderedDict() for lane in Lane}
        self._coming_back: deque[Ticket] = deque()
        self._running: Counter[Lane] = Counter()
        self._quick_in_a_row = 0
        self._lock = Lock()
        self._no_quick = Condition(self._lock)
        self._inside = local()

    def ask(self, ticket: Ticket, first: bool = False) -> None:
        """Queues a ticket. first: before what else its asker waits for. Raises TooManyError."""
        with self._lock:
            if self._count() >= self._most_waiting:
                raise TooManyError(f"{self._most_waiting} pieces of work wait already; try again in a moment")
            queue = self._waiting[ticket.lane].setdefault(ticket.asker, deque())
            (queue.appendleft if first else queue.append)(ticket)
            ticket.state = "waiting"
        self._begin()

    def over(self, ticket: Ticket) -> None:
        """Gives the slot back, or the place in the queue of what had no turn yet."""
        with self._lock:
            if ticket.state == "running":
                self._running[ticket.lane] -= 1
            elif ticket.state == "waiting":
                self._remove(ticket)
            ticket.state = "over"
        self._begin()

    def withdraw(self, ticket: Ticket) -> bool:
        """Leaves the queue; False where its turn has come already."""
        with self._lock:
            if ticket.state != "waiting":
                return False
            self._remove(ticket)
            ticket.state = "over"
            return True

    def step_aside(self, ticket: Ticket) -> None:
        """Gives the slot back for a while, as one who waits for somebody else's work must."""
        with self._lock:
            self._running[ticket.lane] -= 1
            ticket.state = "aside"
        self._begin()

    def come_back(self, ticket: Ticket) -> None:
        """Waits for a slot again, before all who have not begun."""
        returned = Event()
        with self._lock:
            ticket.start, ticket.state = returned.set, "coming back"
            self._coming_back.append(ticket)
        self._begin()
        returned.wait()

    def give_way(self, ticket: Ticket) -> None:
        """Steps aside while quick work goes on or waits: it and slow work would share one interpreter."""
        if not self._polite or ticket.lane is Lane.QUICK or not self._quick():
            return
        most = _MOST_AWAY * (time.perf_counter() - ticket.since)
        self.step_aside(ticket)
        with self._no_quick:
            self._no_quick.wait_for(lambda: not self._quick(), most)
        self.come_back(ticket)

    def place(self, ticket: Ticket) -> int:
        """How many have their turn before it in its lane, if nobody comes: 0 for the next, or one that has begun."""
        with self._lock:
            lane = self._waiting[ticket.lane]
            own = lane.get(ticket.asker, deque())
            if ticket.state != "waiting" or ticket not in own:
                return 0
            before, mine, passed = 0, own.index(ticket), False
            for asker, queue in lane.items():
                if asker == ticket.asker:
                    before, passed = before + mine, True
                else:
                    before += min(len(queue), mine + (not passed))
            return before

    def waiting(self) -> dict[Lane, int]:
        """How many wait, by lane."""
        with self._lock:
            return {lane: sum(map(len, queues.values())) for lane, queues in self._waiting.items()}

    def full(self) -> bool:
        """Whether nobody more may wait."""
        with self._lock:
            return self._count() >= self._most_waiting

    def running(self) -> int:
        """How many slots are held."""
        with self._lock:
            return self._running.total()

    def _quick(self) -> bool:
        return bool(self._running[Lane.QUICK] or self._waiting[Lane.QUICK])

    def _count(self) -> int:
        return sum(len(queue) for queues in self._waiting.values() for queue in queues.values())

    def _remove(self, ticket: Ticket) -> None:
        lane = self._waiting[ticket.lane]
        lane[ticket.asker].remove(ticket)
        if not lane[ticket.asker]:
            del lane[ticket.asker]

    def _begin(self) -> None:
        """Starts whoever has a turn now; outside the lock, since starting may ask for more. That comes back here, and
        is seen by the round that goes on already."""
        if getattr(self._inside, "already", False):
            return
        self._inside.already = True
        try:
            while (ticket := self._taken()) is not None:
                if ticket.wanted():
                    ticket.start()
                else:
                    self.over(ticket)
            with self._no_quick:
                if not self._quick():
                    self._no_quick.notify_all()
        finally:
            self._inside.already = False

    def _taken(self) -> Ticket | None:
        with self._lock:
            ticket = self._next()
            if ticket is not None:
                ticket.state, ticket.since = "running", time.perf_counter()
                self._running[ticket.lane] += 1
            return ticket

    def _next(self) -> Ticket | None:
        if self._running.total() >= self.slots:
            return None
        slow = self._running[Lane.SLOW] + self._running[Lane.AHEAD]
        room = slow < max(self.slots - 1, 1)
        # Slow ones that come back do not take the last slot either: those that have the others end, or step aside.
        back = next((ticket for ticket in self._coming_back if room or ticket.lane is Lane.QUICK), None)
        if back is not None:
            self._coming_back.remove(back)
            return back
        order = [Lane.QUICK, Lane.SLOW, Lane.AHEAD] if room else [Lane.QUICK]
        if room and self._quick_in_a_row >= _QUICK_IN_A_ROW:
            order = [Lane.SLOW, Lane.QUICK, Lane.AHEAD]
        lane = next((lane for lane in order if self._waiting[lane]), None)
        if lane is None:
            return None
        self._quick_in_a_row = self._quick_in_a_row + 1 if lane is Lane.QUICK else 0
        queues = self._waiting[lane]
        asker, queue = next(iter(queues.items()))
        ticket = queue.popleft()
        if queue:
            queues.move_to_end(asker)
        else:
            del queues[asker]
        return ticket


# --- what this thread holds ---

_HELD: ContextVar[tuple[Turns, Ticket] | None] = ContextVar("slot that is held", default=None)


@contextmanager
def holding(turns: Turns, ticket: Ticket) -> Iterator[None]:
    """While this thread works in a slot; gives it back at the end."""
    before = _HELD.set((turns, ticket))
    try:
        yield
    finally:
        _HELD.reset(before)
        turns.over(ticket)


def holds_a_slot() -> bool:
    """Whether this thread works in a slot."""
    return _HELD.get() is not None


def give_way() -> None:
    """Called between two pieces of work: see `Turns.give_way`. Nothing, where this thread holds no slot."""
    held = _HELD.get()
    if held is not None:
        held[0].give_way(held[1])


@contextmanager
def aside() -> Iterator[None]:
    """While this thread waits for another's work its slot is somebody else's. Nothing, where it holds none."""
    held = _HELD.get()
    if held is None:
        yield
        return
    turns, ticket = held
    turns.step_aside(ticket)
    try:
        yield
    finally:
        turns.come_back(ticket)
