"""The one rule of all caches: shared by all visitors, read-only, bounded, and a data set is known by its key.

Arrays stay in st.cache_resource (st.cache_data would copy them at every hit). Everything that a result depends on is an
argument, and so part of its key; the weight never is, where it does not matter.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

import streamlit as st

from sqid_core.bundle.load import Dataset

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, eq=False)
class Keyed(Generic[T]):
    """Something that is known by its key: an uploaded picture by its hash, work by what it works out."""

    key: Hashable
    value: T = field(repr=False)


def cached(
    max_entries: int, spinner: str | bool = False, any_order: bool = False
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A function whose results are kept, at most so many, the least recent let go first. What raises is not kept.

    spinner: what the page says meanwhile. any_order: for what is the same in whatever order the signals stand, which is
    then no part of a data set's key.
    """
    known_by: dict[str | type, Callable[[Any], Any]] = {
        Dataset: attrgetter("fingerprint" if any_order else "key"),
        Keyed: attrgetter("key"),
    }

    def keeping(function: Callable[P, T]) -> Callable[P, T]:
        return st.cache_resource(max_entries=max_entries, show_spinner=spinner, hash_funcs=known_by)(function)

    return keeping


class Kept(Generic[K, T]):
    """At most `most` values by key, the least recently asked for let go first. For what is made several at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, T] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: K) -> bool:
        return key in self._values

    def of(self, keys: Sequence[K], make: Callable[[list[int]], Iterable[T]]) -> list[T]:
        """The value of each key. make: gets the places of those that are not kept, and gives their values in order."""
        with self._lock:
            found = {key: self._values[key] for key in keys if key in self._values}
        new = [place for place, key in enumerate(keys) if key not in found]
        if new:
            found.update(zip((keys[place] for place in new), make(new), strict=True))
        with self._lock:
            for key in keys:
                self._values[key] = found[key]
                self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return [found[key] for key in keys]
