"""Work that takes a while: a pool of processes that ends with its parent."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from precompute.work.shared_memory import SharedMemory, share

WORKERS = 2


def spare_the_cores() -> None:
    """Lets torch's idle threads sleep, not spin, beside other busy processes; to be called before torch is imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@contextmanager
def process_pool(workers: int = WORKERS, memory: SharedMemory | None = None) -> Iterator[ProcessPoolExecutor]:
    """A pool of new processes (not forks: the parent may have imported torch), which ends at once with an error.
    memory: what they share with their parent.

    An error may be Ctrl-C or SIGTERM in the midst of the executor's own start, and then the executor waits for workers
    that nobody tells to end. So each of them watches a pipe: it closes with an error here, and with a killed parent.
    """
    context = get_context("spawn")
    watched, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(watched, memory))
    try:
        yield pool
        pool.shutdown()
    finally:
        held.close()
        with suppress(RuntimeError):  # its thread may not have started yet, and then there is nothing to join
            pool.shutdown(cancel_futures=True)
        watched.close()


def _start(pipe: Connection, memory: SharedMemory | None) -> None:
    """In a worker: ends it where the other end of `pipe` closes."""
    if memory is not None:
        share(memory)

    def watch() -> None:
        pipe.poll(None)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
