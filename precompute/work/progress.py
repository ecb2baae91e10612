"""Progress on standard error: how many of how many, how fast, how long still."""

from __future__ import annotations

import sys
import time
from io import StringIO
from types import TracebackType
from typing import TextIO

# Between two updates, in seconds: a terminal's line is rewritten, a log gets another line.
_TERMINAL_SECONDS, _LOG_SECONDS = 0.1, 10.0


class Progress:
    """`with Progress("encoding", total, "texts") as progress: progress.advance(n)`.

    done: what an earlier, interrupted run already finished; it does not count into the rate.
    """

    def __init__(self, what: str, total: int, unit: str, done: int = 0, stream: TextIO | None = None) -> None:
        self._what, self._total, self._unit = what, total, unit
        self._done = self._at_start = done
        # A program that is started without a standard error (a service) has None there.
        self._stream = stream or sys.stderr or StringIO()
        self._terminal = self._stream.isatty()
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def advance(self, count: int = 1) -> None:
        """Counts `count` more, and shows it if it is time to."""
        self._done += count
        now = time.monotonic()
        if now - self._shown >= (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS):
            self._shown = now
            self._print(self.line(now - self._started), end="" if self._terminal else "\n")

    def line(self, seconds: float) -> str:
        """The state after `seconds`, such as "encoding: 512 of 6,597 texts, 180/s, 34 s left"."""
        rate = (self._done - self._at_start) / seconds if seconds > 0 else 0.0
        parts = [f"{self._what}: {self._done:,} of {self._total:,} {self._unit}"]
        if rate > 0:
            parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
            if self._done < self._total:
                parts.append(f"{duration((self._total - self._done) / rate)} left")
            else:
                parts.append(duration(seconds))
        return ", ".join(parts)

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._print(self.line(time.monotonic() - self._started), end="\n")

    def _print(self, line: str, end: str) -> None:
        start = "\r\033[K" if self._terminal else ""
        print(f"{start}{line}", end=end, file=self._stream, flush=True)


def duration(seconds: float) -> str:
    """A time as a person says it: 0.4 s, 34 s, 12 min, 3.5 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
