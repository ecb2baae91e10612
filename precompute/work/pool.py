"""Work that takes a while: a pool of processes that ends with its parent."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

WORKERS = 2


def spare_the_cores() -> None:
    """Lets torch's idle threads sleep, not spin, beside other busy processes; to be called before torch is imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@contextmanager
def process_pool(workers: int = WORKERS) -> Iterator[ProcessPoolExecutor]:
    """A pool of new processes (not forks: the parent may have imported torch); an error drops work not begun."""
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """A killed parent cannot say so: each worker watches it and ends by itself."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
