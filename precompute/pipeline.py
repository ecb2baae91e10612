"""Decoding ahead of the model: batches are prepared by a pool while the device is at work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sqid_core.encoders import Encoder, Stages

from .demo.workers import drawing_pool
from .pictures import read_picture

Vectors = npt.NDArray[np.float32]
Prepare = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class FromFiles:
    """Reads picture files, then prepares them. May be pickled, if `prepare` may."""

    prepare: Prepare

    def __call__(self, paths: Sequence[Path]) -> Any:
        """What `prepare` makes of the pictures. Raises InputError for a file that is missing or no picture."""
        return self.prepare([read_picture(path) for path in paths])


def ahead(batches: Iterable[Sequence[Any]], prepare: Prepare, pool: Executor, most: int) -> Iterator[Any]:
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


@dataclass(frozen=True, eq=False)
class Pipeline:
    """An encoder with the pool that prepares for it. most: batches that are prepared ahead."""

    encoder: Encoder
    pool: Executor
    most: int

    def texts(self, batches: Iterable[Sequence[str]]) -> Iterator[Vectors]:
        """The vectors of each batch of texts, in order."""
        return self._run(batches, self.encoder.stages("text"), lambda prepare: prepare)

    def pictures(self, batches: Iterable[Sequence[Path]]) -> Iterator[Vectors]:
        """The vectors of each batch of picture files, in order. Raises InputError for a file that is no picture."""
        return self._run(batches, self.encoder.stages("image"), FromFiles)

    def _run(
        self, batches: Iterable[Sequence[Any]], stages: Stages, preparing: Callable[[Prepare], Prepare]
    ) -> Iterator[Vectors]:
        return stages.run(ahead(batches, preparing(stages.prepare), self.pool, self.most))


@contextmanager
def pipeline(encoder: Encoder, workers: int, processes: bool) -> Iterator[Pipeline]:
    """A pipeline with so many workers. Threads share the interpreter, which is enough beside a model on the CPU; a GPU
    needs whole processes to keep up with it."""
    with drawing_pool(workers) if processes else ThreadPoolExecutor(workers) as pool:
        yield Pipeline(encoder, pool, workers + 2)


def default_workers(is_cpu: bool) -> int:
    """On a CPU the model needs the cores more; beside a GPU all of them prepare."""
    cores = os.cpu_count() or 1
    return max(1, cores // 2) if is_cpu else max(2, cores - 1)
