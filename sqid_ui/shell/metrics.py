"""What Prometheus reads at /metrics: sessions, queue, times by kind of work, caches, encoders, the process itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from streamlit.runtime import Runtime

from sqid_core.extras import needs
from sqid_ui.caches.encoders import loaded_encoders
from sqid_ui.caches.keys import kept_bytes
from sqid_ui.work.pool import TURNS
from sqid_ui.work.times import TIMES

QUANTILES = {"0.5": "p50", "0.95": "p95"}


def metrics_text() -> tuple[bytes, str]:
    """The text and its media type. Raises InputError where the library is not installed."""
    library = needs("hosting", "prometheus_client")
    registry = library.CollectorRegistry(auto_describe=False)
    library.ProcessCollector(registry=registry)
    registry.register(_Collector(library))
    return library.generate_latest(registry), library.CONTENT_TYPE_LATEST


class _Collector:
    """Looks when it is asked: nothing is counted twice."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def collect(self) -> Iterator[Any]:
        """A family of numbers after the other."""
        kept, most = kept_bytes()
        yield self._gauge("sqid_sessions", "Visitors who are connected.", {"": sessions()})
        yield self._gauge("sqid_cache_bytes", "What all caches keep.", {"": kept})
        yield self._gauge("sqid_cache_limit_bytes", "What they may keep: SQID_CACHE_MB.", {"": most})
        waiting = {lane.name.lower(): count for lane, count in TURNS.waiting().items()}
        yield self._gauge("sqid_queue_length", "Pieces of work that wait for a slot, by lane.", waiting)
        yield self._gauge("sqid_slots_held", "Pieces of work that go on now.", {"": TURNS.running()})
        yield from self._work()
        encoders = self._library.Metric("sqid_encoder_info", "Encoders that are loaded, and where they run.", "gauge")
        for name, device in loaded_encoders():
            encoders.add_sample("sqid_encoder_info", {"encoder": name, "device": device}, 1)
        yield encoders

    def _gauge(self, name: str, about: str, values: Mapping[str, float]) -> Any:
        found = self._library.Metric(name, about, "gauge")
        for label, value in values.items():
            found.add_sample(name, {"lane": label} if label else {}, value)
        return found

    def _work(self) -> Iterator[Any]:
        seconds = self._library.Metric(
            "sqid_work_seconds", "Seconds by kind of work; quantiles of the last 1,024.", "summary"
        )
        outcomes = self._library.Metric("sqid_work", "Pieces of work by kind and outcome.", "counter")
        for kind, spent in TIMES.spent().items():
            for share, name in QUANTILES.items():
                seconds.add_sample("sqid_work_seconds", {"kind": kind, "quantile": share}, getattr(spent, name))
            seconds.add_sample("sqid_work_seconds_count", {"kind": kind}, spent.count)
            seconds.add_sample("sqid_work_seconds_sum", {"kind": kind}, spent.total)
            for outcome, count in spent.outcomes.items():
                outcomes.add_sample("sqid_work_total", {"kind": kind, "outcome": outcome}, count)
        yield seconds
        yield outcomes


def sessions() -> int:
    """How many visitors are connected."""
    if not Runtime.exists():
        return 0
    stats: Iterable[Any] = chain(*Runtime.instance().stats_mgr.get_stats(["active_sessions"]).values())
    return sum(int(each.value) for each in stats)
