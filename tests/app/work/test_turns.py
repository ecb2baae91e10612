"""Turns: never more than the slots, everybody in turn, slow work never holds all of them, places that come true."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sqid_ui.work.turns import Lane, Ticket, TooManyError, Turns, aside, give_way, holding, holds_a_slot

LANES = some.sampled_from(list(Lane))
ASKED = some.lists(some.tuples(some.integers(0, 4), LANES), max_size=40)


class Told:
    """Tickets in the order in which they began."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.begun = turns, []
        self.running: list[Ticket] = []

    def ask(self, asker: object, lane: Lane = Lane.QUICK, wanted: bool = True, first: bool = False) -> Ticket:
        ticket = Ticket(asker, lane, lambda: self._start(ticket), lambda: wanted)
        self.turns.ask(ticket, first)
        return ticket

    def _start(self, ticket: Ticket) -> None:
        self.begun.append(ticket)
        self.running.append(ticket)

    def end_one(self) -> None:
        self.turns.over(self.running.pop(0))


def full(slots: int) -> Told:
    """Slots that are all held: by quick work, which ends when told."""
    told = Told(Turns(slots))
    for number in range(slots):
        told.ask(("holder", number))
    told.begun.clear()
    return told


@given(ASKED, some.integers(1, 4))
def test_never_more_than_the_slots_and_nobody_is_forgotten(asked: list[tuple[int, Lane]], slots: int) -> None:
    told = Told(Turns(slots))
    for asker, lane in asked:
        told.ask(asker, lane)
        held = Counter(ticket.lane for ticket in told.running)
        assert held.total() == told.turns.running() <= slots
        assert held[Lane.SLOW] + held[Lane.AHEAD] <= max(slots - 1, 1)
    while told.running:
        told.end_one()
        assert told.turns.running() <= slots
    assert len(told.begun) == len(asked)
    assert told.turns.running() == 0
    assert not any(told.turns.waiting().values())


@given(some.lists(some.integers(0, 4), max_size=40), some.integers(1, 3))
def test_everybody_has_one_turn_after_the_other(askers: list[int], slots: int) -> None:
    told = full(slots)
    for asker in askers:
        told.ask(asker)
    while told.running:
        told.end_one()
    turns_of, left = Counter(), Counter(askers)
    for ticket in told.begun:
        turns_of[ticket.asker] += 1
        left[ticket.asker] -= 1
        # Who still waits has had at most one turn less than anybody else.
        assert all(turns_of[other] >= turns_of[ticket.asker] - 1 for other in left if left[other])


@given(some.lists(some.integers(0, 4), min_size=1, max_size=30))
def test_a_place_comes_true(askers: list[int]) -> None:
    told = full(1)
    tickets = [told.ask(asker) for asker in askers]
    told_places = {id(ticket): told.turns.place(ticket) for ticket in tickets}
    assert sorted(told_places.values()) == list(range(len(askers)))
    while told.running:
        told.end_one()
    assert [told_places[id(ticket)] for ticket in told.begun] == list(range(len(askers)))
    assert told.turns.place(tickets[0]) == 0


def test_quick_work_goes_first_and_slow_work_does_not_starve() -> None:
    told = full(2)
    for number in range(12):
        told.ask(("quick", number))
    for number in range(2):
        told.ask(("slow", number), Lane.SLOW)
    told.ask("ahead", Lane.AHEAD)
    while told.running:
        told.end_one()
    lanes = [ticket.lane for ticket in told.begun]
    slow = [place for place, lane in enumerate(lanes) if lane is Lane.SLOW]
    assert slow[0] <= 4
    assert slow[1] - slow[0] == 5
    assert lanes[-1] is Lane.AHEAD


def test_what_is_not_wanted_has_no_turn_however_many_there_are() -> None:
    told = full(1)
    for number in range(500):
        told.ask(number, wanted=False)
    last = told.ask("last")
    told.end_one()
    assert told.begun == [last]


def test_the_queue_is_bounded() -> None:
    told = Told(Turns(1, most_waiting=2))
    running = told.ask("a")
    waiting = [told.ask("b"), told.ask("b")]
    with pytest.raises(TooManyError, match="2 pieces of work wait already"):
        told.ask("c")
    assert told.turns.withdraw(waiting[0])
    assert not told.turns.withdraw(waiting[0])
    assert not told.turns.withdraw(running)
    assert told.turns.place(told.ask("c")) == 1


def test_first_is_before_what_else_one_waits_for() -> None:
    told = full(1)
    later, now = told.ask("a"), told.ask("a", first=True)
    assert (told.turns.place(now), told.turns.place(later)) == (0, 1)


def test_who_waits_for_another_steps_aside() -> None:
    turns = Turns(1)
    told, seen = Told(turns), []
    ticket, go, back = Ticket("a", Lane.QUICK, lambda: None), Event(), Event()
    turns.ask(ticket)

    def work() -> None:
        with holding(turns, ticket):
            seen.append((holds_a_slot(), turns.running()))
            with aside():
                other = told.ask("b")
                seen.append(ticket.state)
                go.wait(30)
                Thread(target=lambda: (back.wait(30), turns.over(other))).start()
                late = told.ask("c")
                back.set()
            # Before all who have not begun.
            seen.append((turns.running(), late in told.begun))

    thread = Thread(target=work)
    go.set()
    thread.start()
    thread.join(30)
    assert seen == [(True, 1), "aside", (1, False)]
    assert told.begun[-1].asker == "c"
    assert not holds_a_slot()


def test_slow_work_that_comes_back_leaves_the_last_slot_free() -> None:
    turns = Turns(2)
    told, slow = Told(turns), [Ticket(name, Lane.SLOW, lambda: None) for name in "ab"]
    turns.ask(slow[0])
    turns.step_aside(slow[0])
    turns.ask(slow[1])
    thread = Thread(target=turns.come_back, args=(slow[0],))
    thread.start()
    while slow[0].state != "coming back":
        Event().wait(0.001)
    assert told.ask("quick") in told.begun
    told.end_one()
    assert slow[0].state == "coming back"
    turns.over(slow[1])
    thread.join(30)
    assert slow[0].state == "running"


def in_a_thread(turns: Turns, ticket: Ticket, begun: Event, work: Callable[[], None]) -> Thread:
    def run() -> None:
        begun.wait()
        with holding(turns, ticket):
            work()

    thread = Thread(target=run)
    thread.start()
    return thread


def waits(asker: str, lane: Lane) -> tuple[Ticket, Event]:
    begun = Event()
    return Ticket(asker, lane, begun.set), begun


@pytest.mark.parametrize("lane", [Lane.SLOW, Lane.AHEAD])
def test_slow_work_gives_way_between_its_pieces_and_comes_back(lane: Lane) -> None:
    turns, order = Turns(2), []
    (slow, slow_begun), (quick, quick_begun) = waits("slow", lane), waits("quick", Lane.QUICK)
    slow_may, gave_way = Event(), Event()

    def work() -> None:
        slow_may.wait()
        time.sleep(0.2)  # it may be away for three times as long
        order.append("first piece")
        gave_way.set()
        give_way()
        order.append("second piece")

    turns.ask(slow)
    turns.ask(quick)
    thread = in_a_thread(turns, slow, slow_begun, work)
    quick_begun.wait()
    slow_may.set()
    gave_way.wait()
    while turns.running() > 1:
        time.sleep(0.001)
    order.append("quick")
    turns.over(quick)
    thread.join()
    assert order == ["first piece", "quick", "second piece"]
    assert turns.running() == 0


def test_quick_work_without_end_does_not_stop_slow_work() -> None:
    turns, done = Turns(2), []
    (slow, begun), (quick, _) = waits("slow", Lane.SLOW), waits("quick", Lane.QUICK)
    turns.ask(slow)
    turns.ask(quick)
    thread = in_a_thread(turns, slow, begun, lambda: [(time.sleep(0.01), give_way(), done.append(1)) for _ in range(5)])
    thread.join(60)
    assert len(done) == 5


@pytest.mark.parametrize(("polite", "lane"), [(False, Lane.SLOW), (True, Lane.QUICK)])
def test_who_need_not_goes_on(polite: bool, lane: Lane) -> None:
    turns = Turns(2, polite=polite)
    (ticket, begun), (quick, _) = waits("one", lane), waits("quick", Lane.QUICK)
    turns.ask(quick)
    turns.ask(ticket)
    held: list[int] = []
    in_a_thread(turns, ticket, begun, lambda: (give_way(), held.append(turns.running()))).join()
    assert held == [2]
    give_way()  # nothing, without a slot
