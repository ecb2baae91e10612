"""What a step tells while it works: values for a program to read, which the command line writes and the app draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class ProgressEvent:
    """How far a step is, or a sentence about it.

    step: what is done, in few words. done, total: how many of how many; total is 0 where nothing is counted. unit: what
    is counted. sentence: something worth keeping, "" where there is only a count. last: nothing more is counted.
    """

    step: str
    done: float = 0
    total: float = 0
    unit: str = ""
    sentence: str = ""
    last: bool = False


Progress = Callable[[ProgressEvent], None]


def quiet(_: ProgressEvent) -> None:
    """Progress that nobody watches."""


def tell(progress: Progress, step: str, sentence: str) -> None:
    """Hands on a sentence."""
    progress(ProgressEvent(step, sentence=sentence))


def share(progress: Progress, done: float, step: str) -> None:
    """Hands on what share of the whole, 0 to 1, is done, and what is under way."""
    progress(ProgressEvent(step, done, 1))


class Counter:
    """`with Counter(progress, "encoding", total, "texts") as counter: counter.advance(n)`.

    done: what an earlier, interrupted run already finished.
    """

    def __init__(self, progress: Progress, step: str, total: int, unit: str, done: int = 0) -> None:
        self._progress, self._step, self._total, self._unit, self._done = progress, step, total, unit, done

    def __enter__(self) -> Counter:
        self._send()
        return self

    def advance(self, count: int = 1) -> None:
        """Counts `count` more."""
        self._done += count
        self._send()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._send(last=True)

    def _send(self, last: bool = False) -> None:
        self._progress(ProgressEvent(self._step, self._done, self._total, self._unit, last=last))
