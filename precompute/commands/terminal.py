"""Progress for a person: sentences on standard output; counts, with rate and time left, on standard error."""

from __future__ import annotations

import sys
import time
from io import StringIO
from typing import TextIO

from precompute.work.progress import ProgressEvent

# Between two updates, in seconds: a terminal's line is rewritten, a log gets another line.
_TERMINAL_SECONDS, _LOG_SECONDS = 0.1, 10.0


class Terminal:
    """Shows each event that it is called with."""

    def __init__(self, stream: TextIO | None = None) -> None:
        # A program that is started without a standard error (a service) has None there.
        self._stream = stream or sys.stderr or StringIO()
        self._is_terminal = self._stream.isatty()
        self._first: ProgressEvent | None = None
        self._started = self._shown = 0.0

    def __call__(self, event: ProgressEvent) -> None:
        """Prints the sentence; a count where it is time to, and always the last one."""
        if event.sentence:
            print(event.sentence, flush=True)
            return
        now = time.monotonic()
        if self._first is None or self._first.step != event.step:
            self._first, self._started, self._shown = event, now, now
        due = now - self._shown >= (_TERMINAL_SECONDS if self._is_terminal else _LOG_SECONDS)
        if event.last or due:
            self._shown = now
            self._print(count_line(self._first, event, now - self._started), event.last)
        if event.last:
            self._first = None

    def _print(self, line: str, last: bool) -> None:
        start, end = ("\r\033[K", "\n" if last else "") if self._is_terminal else ("", "\n")
        print(f"{start}{line}", end=end, file=self._stream, flush=True)


def count_line(first: ProgressEvent, event: ProgressEvent, seconds: float) -> str:
    """Where a step is, `seconds` after its first event: "encoding: 512 of 6,597 texts, 180/s, 34 s left".

    What was done at the first event, by an earlier run, does not count into the rate.
    """
    rate = (event.done - first.done) / seconds if seconds > 0 else 0.0
    parts = [f"{event.step}: {event.done:,} of {event.total:,} {event.unit}"]
    if rate > 0:
        parts.append(f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
        left = event.total - event.done
        parts.append(f"{duration(left / rate)} left" if left > 0 else duration(seconds))
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time as a person says it: 0.4 s, 34 s, 12 min, 3.5 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
