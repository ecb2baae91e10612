"""How long each kind of work took lately: what /metrics and the log say. Nothing in here says what was asked."""

from __future__ import annotations

import logging
import statistics
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

# The quantiles are of the last so many of a kind.
_LATELY = 1_024
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Spent:
    """One kind of work. p50, p95: seconds, of the last 1,024 that were done; nan for none. count, total: of all that
    were done, and their seconds. outcomes: how often it was done, failed, cut short."""

    p50: float
    p95: float
    count: int
    total: float
    outcomes: dict[str, int]


class Times:
    """Seconds by kind of work, as many threads report them. Kinds are words of the program, so they are few."""

    def __init__(self, lately: int = _LATELY) -> None:
        self._last: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=lately))
        self._total: defaultdict[str, float] = defaultdict(float)
        self._outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._lock = Lock()

    def note(self, kind: str, seconds: float, outcome: str = "done") -> None:
        """One piece of work. What did not come to its end counts in the outcomes alone."""
        with self._lock:
            self._outcomes[kind][outcome] += 1
            if outcome == "done":
                self._last[kind].append(seconds)
                self._total[kind] += seconds

    def spent(self) -> dict[str, Spent]:
        """Every kind so far, by name."""
        with self._lock:
            lists = {kind: sorted(self._last[kind]) for kind in sorted(self._outcomes)}
            outcomes = {kind: dict(self._outcomes[kind]) for kind in lists}
            totals = {kind: self._total[kind] for kind in lists}
        return {
            kind: Spent(
                quantile(last, 0.5),
                quantile(last, 0.95),
                outcomes[kind].get("done", 0),
                totals[kind],
                outcomes[kind],
            )
            for kind, last in lists.items()
        }


def quantile(ordered: list[float], share: float) -> float:
    """Of ascending numbers the one below which a share of them lies, between two of them in proportion; nan of none."""
    if len(ordered) < 2:
        return ordered[0] if ordered else float("nan")
    return statistics.quantiles(ordered, n=100, method="inclusive")[round(share * 100) - 1]


# Of this process.
TIMES = Times()


@contextmanager
def timed(kind: str, asked: Mapping[str, str] | None = None, times: Times = TIMES) -> Iterator[None]:
    """Notes how long the block takes, and tells the log. What is no error but ends the block, as Streamlit's rerun
    does, cuts it short. asked: what somebody typed, for a log that may have it."""
    begun, outcome = time.perf_counter(), "done"
    try:
        yield
    except Exception:
        outcome = "failed"
        raise
    except BaseException:
        outcome = "cut short"
        raise
    finally:
        seconds = time.perf_counter() - begun
        times.note(kind, seconds, outcome)
        fields = {"kind": kind, "seconds": round(seconds, 4), "outcome": outcome}
        _LOG.info("work", extra={"fields": fields, "asked": asked or {}})
