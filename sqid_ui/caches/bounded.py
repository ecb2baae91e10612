"""What all caches keep, in one place with one bound in bytes: the least recently asked for goes first."""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from threading import Lock
from typing import Any

import numpy as np
import pandas as pd

from sqid_ui.work.turns import aside, give_way

# A small machine has so much to spare beside the program; SQID_CACHE_MB sets another bound.
USUAL_MEGABYTES = 600
# Values behind values that are looked at, at most: what is larger is counted as far as that.
_MOST_PARTS = 20_000


@dataclass(frozen=True)
class _Entry:
    value: Any
    size: int


class Store:
    """Values by the cache that they belong to and their key. Each cache has at most so many, all together so many
    bytes. One asks; others who ask for the same meanwhile wait for it. What raises is not kept."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._entries: OrderedDict[tuple[str, Hashable], _Entry] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._making: dict[tuple[str, Hashable], Lock] = {}
        self._lock = Lock()
        self.size = 0

    def of(self, whose: str, key: Hashable, most: int, make: Callable[[], Any]) -> Any:
        """The value, made where it is not kept."""
        place = (whose, key)
        with self._lock:
            if (found := self._touched(place)) is not None:
                return found.value
            making = self._making.setdefault(place, Lock())
        with _held(making):
            with self._lock:
                if (found := self._touched(place)) is not None:
                    return found.value
            try:
                give_way()
                value = make()
                self._keep(place, _Entry(value, size_of(value)), most)
            finally:
                with self._lock:
                    self._making.pop(place, None)
        return value

    def found(self, whose: str, keys: Iterable[Hashable]) -> dict[Any, Any]:
        """What is kept of some keys, by key."""
        with self._lock:
            entries = {key: self._touched((whose, key)) for key in keys}
        return {key: entry.value for key, entry in entries.items() if entry is not None}

    def keep(self, whose: str, values: Mapping[Any, Any], most: int) -> None:
        """Keeps values that were made together, by key."""
        for key, value in values.items():
            self._keep((whose, key), _Entry(value, size_of(value)), most)

    def weigh(self, whose: str, key: Hashable) -> None:
        """Counts a value whose size was not known when it was kept, as of work that was not done yet."""
        with self._lock:
            place = (whose, key)
            entry = self._entries.get(place)
            if entry is not None and not entry.size:
                self._entries[place] = _Entry(entry.value, size_of(entry.value))
                self.size += self._entries[place].size
                self._make_room(place)

    def values(self, whose: str) -> list[Any]:
        """What one cache keeps, the least recently asked for first."""
        with self._lock:
            return [entry.value for place, entry in self._entries.items() if place[0] == whose]

    def forget(self, whose: str, key: Hashable) -> None:
        """Lets one value go."""
        with self._lock:
            self._drop((whose, key))

    def _touched(self, place: tuple[str, Hashable]) -> _Entry | None:
        if place in self._entries:
            self._entries.move_to_end(place)
        return self._entries.get(place)

    def _keep(self, place: tuple[str, Hashable], entry: _Entry, most: int) -> None:
        with self._lock:
            self._drop(place)
            self._entries[place] = entry
            self._counts[place[0]] += 1
            self.size += entry.size
            if self._counts[place[0]] > most:
                self._drop(next(other for other in self._entries if other[0] == place[0]))
            self._make_room(place)

    def _make_room(self, place: tuple[str, Hashable]) -> None:
        """What was made last stays, whatever its size: it is asked for in a moment."""
        for other in [each for each in self._entries if self._entries[each].size and each != place]:
            if self.size <= self.most_bytes:
                break
            self._drop(other)

    def _drop(self, place: tuple[str, Hashable]) -> None:
        entry = self._entries.pop(place, None)
        if entry is not None:
            self._counts[place[0]] -= 1
            self.size -= entry.size


@contextmanager
def _held(lock: Lock) -> Iterator[None]:
    """While this thread has a lock. Who waits for it lets others work meanwhile."""
    if not lock.acquire(blocking=False):
        with aside():
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def size_of(value: Any) -> int:
    """About the bytes of memory that a value holds: its arrays, frames, texts and models. What the system can take
    back, as mapped files, counts nothing, and nor do threads and pools."""
    total, seen, waiting = 0, set[int](), [value]
    while waiting and len(seen) < _MOST_PARTS:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        total += _own_size(here)
        waiting.extend(_parts(here))
    return total


def _own_size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return 0 if _is_mapped(value) or value.base is not None else int(value.nbytes)
    if isinstance(value, pd.DataFrame):
        return int(value.memory_usage(deep=False).sum())
    if isinstance(value, pd.Series | pd.Index):
        return int(value.memory_usage(deep=False))
    if isinstance(value, str | bytes | bytearray | int | float):
        return sys.getsizeof(value)
    if callable(getattr(value, "parameters", None)) and callable(getattr(value, "buffers", None)):  # a torch module
        return sum(each.numel() * each.element_size() for each in (*value.parameters(), *value.buffers()))
    if callable(getattr(value, "getbands", None)):  # a picture
        return int(value.width * value.height * len(value.getbands()))
    return 0


def _is_mapped(array: Any) -> bool:
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


def _parts(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        return [value.base] if isinstance(value.base, np.ndarray) else []
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, Future):
        fine = value.done() and not value.cancelled() and value.exception() is None
        return [value.result()] if fine else []
    if is_dataclass(value) and not isinstance(value, type):
        held = list(vars(value).values()) if hasattr(value, "__dict__") else []
        return [getattr(value, each.name) for each in fields(value)] + held
    if type(value).__module__.startswith("sqid_core"):
        return list(vars(value).values()) if hasattr(value, "__dict__") else []
    return []
