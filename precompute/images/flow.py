"""Fetching and decoding at the same time: fetchers wait for the network, decoders use the processor."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, Full, Queue

from precompute.images.outcome import Outcome

# How long a thread waits before it looks whether it should stop.
_TICK = 0.2
# Bodies that wait for a decoder, so that slow decoding holds the fetchers back, not the memory.
_WAITING_PER_DECODER = 8

Fetched = bytes | Outcome


def outcomes(
    sources: Sequence[str],
    fetch: Callable[[str], Fetched],
    decode: Callable[[bytes], Outcome],
    workers: int,
    stop: threading.Event,
) -> Iterator[tuple[str, Outcome]]:
    """Each source with its outcome, in the order they are ready.

    An error of `fetch` or `decode`, such as a full disk, is raised here. Leaving the iteration sets `stop`.
    """
    decoders = os.cpu_count() or 1
    results: Queue[tuple[str, Outcome] | BaseException] = Queue()
    bodies: Queue[tuple[str, bytes]] = Queue(decoders * _WAITING_PER_DECODER)
    remaining, lock = iter(sources), threading.Lock()

    def fetch_all() -> None:
        while not stop.is_set():
            with lock:
                source = next(remaining, None)
            if source is None:
                return
            fetched = fetch(source)
            if isinstance(fetched, Outcome):
                results.put((source, fetched))
            else:
                _put(bodies, (source, fetched), stop)

    def decode_all() -> None:
        while not stop.is_set():
            try:
                source, body = bodies.get(timeout=_TICK)
            except Empty:
                continue
            results.put((source, decode(body)))

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # raised again where the results are read
                results.put(error)

        return run

    for work, count in ((fetch_all, workers), (decode_all, decoders)):
        for _ in range(count):
            # Daemons: a thread that waits for a slow server must not hold up Ctrl-C.
            threading.Thread(target=guarded(work), daemon=True).start()
    try:
        for _ in range(len(sources)):
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        stop.set()


def _put(queue: Queue, item: tuple[str, bytes], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            queue.put(item, timeout=_TICK)
        except Full:
            continue
        return
