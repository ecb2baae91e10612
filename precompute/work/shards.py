"""Encoding in shards, each written under a temporary name and renamed: an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from precompute.work.progress import Counter, Progress, quiet, tell
from sqid_core.errors import InputError
from sqid_core.types import Positions, Vectors

# Inside the bundle, hidden: what the manifest does not name is no part of the bundle.
_WORK = ".encode"


@contextmanager
def work_folder(
    bundle: Path, identity: Any, room: str = _WORK, doing: str = "encoding the same signal"
) -> Iterator[Path]:
    """A folder for the parts of one task, named after everything that decides its result; removed when all went well.

    room: where such folders lie, hidden inside the bundle. doing: what a second process is told that the first is at.
    Raises InputError where another process is at the same task.
    """
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
    folder, lock = bundle / room / key, bundle / room / f"{key}.lock"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield folder
            shutil.rmtree(folder)
            lock.unlink(missing_ok=True)
    except Timeout:
        raise InputError(f"another process is {doing} of {bundle}; wait for it") from None
    # Other tasks, running or interrupted, may keep their shards here.
    with suppress(OSError):
        (bundle / room).rmdir()


@dataclass(frozen=True)
class Shards:
    """How a task is cut. rows: items in a shard, some seconds of work. batch: items that go through the model at a
    time; shards begin a batch of their own, so that a task that went on gives the bytes of one that was not cut off."""

    folder: Path
    dim: int
    rows: int
    batch: int

    def starts(self, count: int) -> range:
        """The first item of each shard."""
        return range(0, count, self.rows)

    def path(self, start: int) -> Path:
        """The file of a shard."""
        return self.folder / f"{start:09d}.npy"

    def is_written(self, start: int, count: int) -> bool:
        """Whether a shard is there, whole."""
        try:
            found = np.load(self.path(start), mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return False
        return found.shape == (min(self.rows, count - start), self.dim) and found.dtype == np.float32


def encode_in_shards(
    shards: Shards,
    items: Sequence[Any],
    encode: Callable[[Iterable[Sequence[Any]]], Iterator[Vectors]],
    unit: str,
    progress: Progress = quiet,
    doing: tuple[str, str] = ("encoding", "encoded"),
) -> None:
    """Writes the vectors (n, D) of all items; shards that are there already are not redone.

    encode: the vectors of each batch, in order; it may work ahead. A shard is written while the next is encoded. doing:
    what the work is called, and what is done to what is finished.
    """
    count = len(items)
    todo = [start for start in shards.starts(count) if not shards.is_written(start, count)]
    done = count - sum(min(shards.rows, count - start) for start in todo)
    if done:
        tell(progress, doing[0], f"{done:,} of {count:,} {unit} were {doing[1]} before")
    cuts = [range(start, min(start + shards.rows, count), shards.batch) for start in todo]
    batches = (items[first : min(first + shards.batch, cut.stop)] for cut in cuts for first in cut)
    vectors = encode(batches)
    with Counter(progress, doing[0], count, unit, done) as counter, ThreadPoolExecutor(1) as writer:
        writing: Future[None] | None = None
        for start, cut in zip(todo, cuts, strict=True):
            parts = []
            for _ in cut:
                parts.append(next(vectors))
                counter.advance(len(parts[-1]))
            if writing is not None:
                writing.result()
            writing = writer.submit(_write, np.concatenate(parts), shards.path(start))
        if writing is not None:
            writing.result()


def fill(into: Vectors, rows: Positions, shards: Shards) -> Vectors:
    """Puts the written vectors of all items into their rows of `into` (N, D), and returns it."""
    for start in shards.starts(len(rows)):
        into[rows[start : start + shards.rows]] = np.load(shards.path(start), allow_pickle=False)
    return into


def _write(shard: Vectors, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.save(file, shard, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
