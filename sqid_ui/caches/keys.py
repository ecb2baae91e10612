"""The one rule of all caches: shared by all visitors, read-only, bounded, and a data set is known by its key.

Values are kept as they are, in one store with one bound in bytes: caches that are each bounded by a count grew from
434 MB to 1.4 GB by 180 settings of one visitor (docs/decisions/0028). Everything that a result depends on is an
argument, and so part of its key; the weight never is, where it does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from sqid_core.bundle.load import Dataset
from sqid_ui.caches.bounded import USUAL_MEGABYTES, Store

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
    """A function whose results are kept, at most so many and with all others within one bound in bytes (`store`), the
    least recent let go first. What raises is not kept.

    spinner: what the page says meanwhile. any_order: for what is the same in whatever order the signals stand, which is
    then no part of a data set's key.
    """

    def keeping(function: Callable[P, T]) -> Callable[P, T]:
        name = _name_of(function)

        @wraps(function)
        def kept(*args: P.args, **named: P.kwargs) -> T:
            def make() -> T:
                with _said(spinner):
                    return function(*args, **named)

            found: T = _store().of(name, _key(args, named, any_order), max_entries, make)
            return found

        return kept

    return keeping


def forget(function: Callable[..., Any], *args: Any) -> None:
    """Lets go what a cached function has kept for these arguments."""
    _store().forget(_name_of(function), _key(args, {}, False))


def weigh(function: Callable[..., Any], *args: Any) -> None:
    """Counts what a cached function has kept for these arguments, once it is done."""
    _store().weigh(_name_of(function), _key(args, {}, False))


def kept_values(function: Callable[..., T]) -> list[T]:
    """What a cached function keeps now."""
    return _store().values(_name_of(function))


def kept_bytes() -> tuple[int, int]:
    """About the bytes that all caches keep, and how many they may."""
    return _store().size, _store().most_bytes


def _name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


# Streamlit's own cache holds nothing but the store, and so clears it where tests begin anew.
@st.cache_resource(max_entries=1, show_spinner=False)
def _store() -> Store:
    try:
        megabytes = int(os.environ.get("SQID_CACHE_MB", ""))
    except ValueError:
        megabytes = USUAL_MEGABYTES
    return Store(megabytes * 2**20)


def _key(args: tuple[Any, ...], named: dict[str, Any], any_order: bool) -> Hashable:
    return tuple(_known_by(each, any_order) for each in (*args, *sorted(named.items())))


def _known_by(value: Any, any_order: bool) -> Hashable:
    if isinstance(value, Dataset):
        return value.content_key if any_order else value.key
    if isinstance(value, Keyed):
        return value.key
    if isinstance(value, list | tuple):
        return tuple(_known_by(each, any_order) for each in value)
    # True == 1 == 1.0, but they may mean different things.
    return type(value).__name__, value


@contextmanager
def _said(spinner: str | bool) -> Iterator[None]:
    """The page's words while something is made; none where no page waits for it, as in work beside it."""
    if not isinstance(spinner, str) or get_script_run_ctx(suppress_warning=True) is None:
        yield
        return
    with st.spinner(spinner):
        yield


class Kept(Generic[K, T]):
    """At most `most` values by key, in the one store and its bound. For what is made several at a time."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = f"{name} (kept)", most

    def of(self, keys: Sequence[K], make: Callable[[list[int]], Iterable[T]]) -> list[T]:
        """The value of each key. make: gets the places of those that are not kept, and gives their values in order."""
        found = _store().found(self._name, keys)
        new = [place for place, key in enumerate(keys) if key not in found]
        if new:
            made = dict(zip((keys[place] for place in new), make(new), strict=True))
            _store().keep(self._name, made, self._most)
            found |= made
        return [found[key] for key in keys]
