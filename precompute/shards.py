"""Encoding in shards, each written under a temporary name and renamed: an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from sqid_core.errors import InputError

from .progress import Progress

Vectors = npt.NDArray[np.float32]
# Inside the bundle, hidden: what the manifest does not name is no part of the bundle.
_WORK = ".encode"


@contextmanager
def work_folder(bundle: Path, identity: Any) -> Iterator[Path]:
    """A folder for the shards of one task, named after everything that decides its vectors; removed when all went well.

    Raises InputError where another process is at the same task.
    """
    key = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]
    folder, lock = bundle / _WORK / key, bundle / _WORK / f"{key}.lock"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            yield folder
            shutil.rmtree(folder)
            lock.unlink(missing_ok=True)
    except Timeout:
        raise InputError(f"another process is encoding the same signal of {bundle}; wait for it") from None
    # Other tasks, running or interrupted, may keep their shards here.
    with suppress(OSError):
        (bundle / _WORK).rmdir()


def encode_in_shards(
    folder: Path, items: Sequence[Any], encode: Callable[[Sequence[Any]], Vectors], dim: int, rows: int, unit: str
) -> Vectors:
    """encode(items) (n, D), computed and kept `rows` items at a time; shards that are there already are not redone."""
    starts = range(0, len(items), rows)
    whole = np.empty((len(items), dim), dtype=np.float32)
    todo = [start for start in starts if not _read(whole[start : start + rows], _path(folder, start))]
    done = len(items) - sum(len(items[start : start + rows]) for start in todo)
    if done:
        print(f"{done:,} of {len(items):,} {unit} were encoded before")
    with Progress("encoding", len(items), unit, done) as progress:
        for start in todo:
            shard = whole[start : start + rows]
            shard[:] = encode(items[start : start + rows])
            _write(shard, _path(folder, start))
            progress.advance(len(shard))
    return whole


def _path(folder: Path, start: int) -> Path:
    return folder / f"{start:09d}.npy"


def _read(into: Vectors, path: Path) -> bool:
    """Fills `into` from a finished shard; False where there is none."""
    if not path.exists():
        return False
    shard = np.load(path, allow_pickle=False)
    if shard.shape != into.shape or shard.dtype != into.dtype:
        return False
    into[:] = shard
    return True


def _write(shard: Vectors, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.save(file, shard, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
