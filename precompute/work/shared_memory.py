"""Memory that a pool's processes share with their parent: a batch of pictures need not go through a pipe, 64 kB at a
time, under the parent's lock. It has no name, so it is gone with the last process, however that ends."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import reduction
from typing import Any

import numpy as np

from sqid_core.types import Array

# In a process of a pool: what its parent shares with it.
_OF_PARENT: list[SharedMemory] = []


class SharedMemory:
    """places: how many arrays it holds at a time. room: bytes of one."""

    def __init__(self, places: int, room: int, fd: int | None = None) -> None:
        self.places, self.room = places, room
        self._fd = os.memfd_create("sqid pictures") if fd is None else fd
        os.ftruncate(self._fd, places * room)
        self._bytes = mmap.mmap(self._fd, places * room)

    def __reduce__(self) -> Any:
        """For a process that is being started, and no other way."""
        return _received, (self.places, self.room, reduction.DupFd(self._fd))

    def close(self) -> None:
        """Nothing is shared from now on. Arrays that were taken live on."""
        os.close(self._fd)

    def array(self, place: int, shape: tuple[int, ...], dtype: str) -> Array:
        """The array in a place, as it stands there: whoever is next put there is seen in it."""
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(self._bytes, dtype, count, place * self.room).reshape(shape)

    def taken(self, found: Array | tuple[int, tuple[int, ...], str]) -> Array:
        """What `InPlace` gave, in this process."""
        return found if isinstance(found, np.ndarray) else self.array(*found)


def _received(places: int, room: int, fd: Any) -> SharedMemory:
    return SharedMemory(places, room, fd.detach())


def share(memory: SharedMemory) -> None:
    """In a process of a pool, before its first work."""
    _OF_PARENT[:] = [memory]


@dataclass(frozen=True)
class InPlace:
    """Prepares a batch in a process of the pool, and leaves the array in a place of the memory. May be pickled."""

    prepare: Callable[[Any], Array]

    def __call__(self, job: tuple[int, Any]) -> Array | tuple[int, tuple[int, ...], str]:
        """job: the place and the batch. Gives the place, shape and type; the array itself where it has no room."""
        place, batch = job
        array = self.prepare(batch)
        memory = _OF_PARENT[0]
        if array.nbytes > memory.room:
            return array
        memory.array(place, array.shape, array.dtype.str)[...] = array
        return place, array.shape, array.dtype.str


def can_share() -> bool:
    """Whether this system has memory without a name: Linux."""
    return hasattr(os, "memfd_create")
