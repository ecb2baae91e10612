"""Decoding beside the model: batches are prepared by a pool while a GPU is at work, in turn with a model on the CPU."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL.Image import new as new_picture

from precompute.work.bundle_pictures import read_picture
from precompute.work.pool import process_pool
from precompute.work.shared_memory import InPlace, SharedMemory, can_share
from sqid_core.encoders.families import Encoder, Stages
from sqid_core.types import Array, Modality, Vectors


class Encoding(Protocol):
    """What encodes batches, here or on other machines."""

    @property
    def encoder(self) -> Encoder:
        """The encoder of this machine, which says what comes out."""
        ...

    def encoded(self, modality: Modality, batches: Iterable[Sequence[Any]]) -> Iterator[Vectors]:
        """The vectors (n, D) of each batch of texts or of picture files, in order."""
        ...


Prepare = Callable[[Sequence[Any]], Any]
# Small enough to share out a batch evenly, some 30 ms of work each.
_PICTURES_A_CUT = 8


@dataclass(frozen=True)
class FromFiles:
    """Reads picture files, then prepares them. May be pickled, if `prepare` may."""

    prepare: Prepare

    def __call__(self, paths: Sequence[Path]) -> Any:
        """What `prepare` makes of the pictures. Raises InputError for a file that is missing or no picture."""
        return self.prepare([read_picture(path) for path in paths])


def ahead(batches: Iterable[Any], prepare: Callable[[Any], Any], pool: Executor, most: int) -> Iterator[Any]:
    """prepare(batch) of each batch, in order, `most` of them at work or waiting: the bound on memory."""
    waiting: deque[Future[Any]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(prepare, batch))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def in_turn(batches: Iterable[Sequence[Any]], prepare: Prepare, pool: Executor) -> Iterator[Array]:
    """prepare(batch) of each batch, in order, by all of the pool and not before it is asked for.

    For a model on the CPU: its threads wait for each other, so a core that decodes meanwhile holds up all of them.
    """
    for batch in batches:
        cuts = [batch[start : start + _PICTURES_A_CUT] for start in range(0, len(batch), _PICTURES_A_CUT)]
        yield np.concatenate(list(pool.map(prepare, cuts)))


@dataclass(frozen=True, eq=False)
class Pipeline:
    """An encoder with the pool that prepares for it. most: batches that are prepared ahead. shared: whether the pool
    and the model share the cores, so that they take turns at pictures. memory: where processes leave pictures."""

    encoder: Encoder
    pool: Executor
    most: int
    shared: bool
    memory: SharedMemory | None = None

    def encoded(self, modality: Modality, batches: Iterable[Sequence[Any]]) -> Iterator[Vectors]:
        """The vectors of each batch of texts or of picture files, in order."""
        return self.texts(batches) if modality == "text" else self.pictures(batches)

    def texts(self, batches: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        """The vectors of each batch of texts, in order."""
        return self._run(batches, self.encoder.stages("text"), lambda prepare: prepare)

    def pictures(self, batches: Iterable[Sequence[Path]]) -> Iterator[Vectors]:
        """The vectors of each batch of picture files, in order. Raises InputError for a file that is no picture."""
        stages = self.encoder.stages("image")
        if self.shared:
            return stages.run(in_turn(batches, FromFiles(stages.prepare), self.pool))
        if self.memory is None:
            return self._run(batches, stages, FromFiles)
        # A place is used again once the model is through with it: `most` wait, and it is at work on one more.
        jobs = zip(cycle(range(self.memory.places)), batches, strict=False)
        found = ahead(jobs, InPlace(FromFiles(stages.prepare)), self.pool, self.most)
        return stages.run(map(self.memory.taken, found))

    def _run(
        self, batches: Iterable[Sequence[Any]], stages: Stages, preparing: Callable[[Prepare], Prepare]
    ) -> Iterator[Vectors]:
        return stages.run(ahead(batches, preparing(stages.prepare), self.pool, self.most))


@contextmanager
def pipeline(encoder: Encoder, workers: int, processes: bool) -> Iterator[Pipeline]:
    """A pipeline with so many workers. Threads share the interpreter and the cores, which is enough for a model on the
    CPU; a GPU needs whole processes to keep up with it."""
    most = workers + 2
    if not processes:
        with ThreadPoolExecutor(workers) as pool:
            yield Pipeline(encoder, pool, most, shared=True)
        return
    with _memory_for(encoder, most) as memory, process_pool(workers, memory) as pool:
        yield Pipeline(encoder, pool, most, shared=False, memory=memory)


@contextmanager
def _memory_for(encoder: Encoder, most: int) -> Iterator[SharedMemory | None]:
    """Room for the batches of pictures that wait, and for the one that the model takes; None where none can be had."""
    stages = encoder.stages("image")
    if not can_share() or stages.batch is None:
        yield None
        return
    one = stages.prepare([new_picture("RGB", (8, 8))])
    with closing(SharedMemory(most + 1, one.nbytes * stages.batch)) as memory:
        yield memory


def default_workers(is_cpu: bool) -> int:
    """Beside a GPU all cores but one prepare; on a CPU all of them do, in turn with the model."""
    cores = os.cpu_count() or 1
    return cores if is_cpu else max(2, cores - 1)
