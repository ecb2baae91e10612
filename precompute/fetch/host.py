"""What is known of a host while several threads ask it."""

from __future__ import annotations

import threading
import time


class Host:
    """What all workers know of one host: until when to leave it alone, and whether it answers at all.

    lost_after: questions in a row, each after all its tries, that found no answer; then it is taken for lost.
    """

    def __init__(self, lost_after: int) -> None:
        self._lock, self._lost_after = threading.Lock(), lost_after
        self._free_at = 0.0
        self._unanswered = 0

    def pause(self) -> float:
        """Seconds until it may be asked again."""
        with self._lock:
            return max(0.0, self._free_at - time.monotonic())

    def leave_alone(self, seconds: float) -> None:
        """No worker asks it for so long."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def note(self, answered: bool) -> None:
        """Whether a question got an answer, after all its tries."""
        with self._lock:
            self._unanswered = 0 if answered else self._unanswered + 1

    @property
    def lost(self) -> bool:
        """Whether it is pointless to ask for more."""
        with self._lock:
            return self._unanswered >= self._lost_after
