"""Many questions under way at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TypeVar

Question = TypeVar("Question")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class _Over:
    """A worker has ended, by an error or with its work."""

    error: BaseException | None = None


def batches(
    questions: Sequence[Question],
    ask: Callable[[Question], Outcome],
    at_once: int,
    stop: threading.Event,
    most: int = 20,
) -> Iterator[list[tuple[Question, Outcome]]]:
    """Each question with its outcome, as they come: all that are there by now, at most so many.

    After `stop` no question is begun; those that are under way still come. An error of `ask` is raised here, behind
    what came before it. Leaving the iteration sets `stop`.
    """
    results: SimpleQueue[tuple[Question, Outcome] | _Over] = SimpleQueue()
    waiting, lock = iter(questions), threading.Lock()

    def work() -> None:
        try:
            while not stop.is_set():
                with lock:
                    try:
                        question = next(waiting)
                    except StopIteration:
                        break
                results.put((question, ask(question)))
        except BaseException as error:  # raised again where the results are read
            results.put(_Over(error))
        else:
            results.put(_Over())

    workers = min(at_once, len(questions))
    for _ in range(workers):
        # Daemons: a thread that waits for a slow server must not hold up Ctrl-C.
        threading.Thread(target=work, daemon=True).start()
    try:
        while workers:
            found, over = _gathered(results, most)
            if found:
                yield found
            if over is not None:
                workers -= 1
                if over.error is not None:
                    raise over.error
    finally:
        stop.set()


def _gathered(results: SimpleQueue, most: int) -> tuple[list, _Over | None]:
    """What has come, up to the next end of a worker; waits for the first."""
    found: list = []
    result = results.get()
    while not isinstance(result, _Over):
        found.append(result)
        if len(found) == most:
            return found, None
        try:
            result = results.get_nowait()
        except Empty:
            return found, None
    return found, result
