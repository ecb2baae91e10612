"""Measures what a query costs while a verb works, and keeps it beside the bundle."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqid_core.bundle.costs import COSTS, Cost, digest_of, read_costs
from sqid_core.bundle.manifest import read_manifest


class Stopwatch:
    """Seconds of work, and how many items they were spent on: what an interrupted run did before is in neither."""

    def __init__(self) -> None:
        self.seconds, self.items = 0.0, 0

    @contextmanager
    def over(self, items: int) -> Iterator[None]:
        """Times the work on some items."""
        start = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - start
        self.items += items

    def of(self, items: float) -> float | None:
        """Seconds for so many items; None where nothing was timed."""
        return self.seconds / self.items * items if self.items else None


def keep_cost(bundle: Path, place: str, seconds: float | None) -> None:
    """Keeps what a query costs by the files of a place, such as `signals/NAME`. None: it was not measured."""
    manifest = read_manifest(bundle)
    known = read_costs(bundle, manifest)
    if seconds is not None:
        known[place] = Cost(seconds, digest_of(manifest, place))
    if not known:
        return
    plain = {name: {"seconds": each.seconds, "of": each.of} for name, each in sorted(known.items())}
    # Cut off it is no JSON, and then nothing was measured.
    (bundle / COSTS).write_text(json.dumps(plain, indent=1), encoding="utf-8")
