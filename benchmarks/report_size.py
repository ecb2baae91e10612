"""What a report costs at SQID's size: python -m benchmarks.report_size [--queries 8956]. Made-up products, queries and
scores without pictures; a report holds at most a hundred of those, of some 2 kB each. Goals: 60 s and 15 MB."""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace

from benchmarks.rankers import drawn
from benchmarks.sqid_like import QUERIES, table
from sqid_core.bundle.load import Dataset
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.signals import SCORED
from sqid_core.ranking.fusion import Fusion
from sqid_core.reporting.gathering import gather, heading_of
from sqid_core.reporting.page import html_of


def _named(dataset: Dataset) -> Dataset:
    """With its signals in the manifest, as the checks of the data ask for their kinds."""
    specs = {name: SignalSpec(signal.modality, "", kind=SCORED) for name, signal in dataset.signals.items()}
    return replace(dataset, manifest=replace(dataset.manifest, signals=specs))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=QUERIES)
    dataset, fusion = _named(drawn(parser.parse_args().queries)), Fusion(norm="z-score")
    rows: list[tuple[str, str, str, str]] = []
    began = last = time.perf_counter()
    doing = "start"

    def told(what: str) -> None:
        nonlocal last, doing
        now = time.perf_counter()
        rows.append((doing, f"{now - last:.1f} s", "", ""))
        last, doing = now, what

    gains = dataset.scale.default_gains
    report = gather(dataset, fusion, gains, heading_of(dataset, fusion, gains, "2026-01-01"), told)
    told("the page")
    size = len(html_of(report).encode())
    told("")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    rows.append(("all", f"{time.perf_counter() - began:.1f} s", f"{size / 1e6:.1f} MB", f"{peak:.2f} GB"))
    print(table(("step", "wall", "size", "peak memory"), rows[1:]))


if __name__ == "__main__":
    main()
