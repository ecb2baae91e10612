"""Build the demo's bundle: some 2,000 drawn products, 200 judged queries, both signals of a tiny CLIP, HNSW indexes.

Takes less than a minute. The same seed gives the same bytes on the same machine."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import click

from precompute.commands.verb import FILE, verb
from precompute.work.progress import ProgressEvent


@verb("demo", __doc__, "python -m precompute demo --out data/demo")
@click.option("--out", type=FILE, default=Path("data/demo"), help="the bundle's folder")
@click.option("--seed", type=int, default=0, help="another seed draws another shop")
@click.option(
    "--progress", type=click.Choice(("text", "json")), default="text", help="json: a line an event, for a program"
)
def command(out: Path, seed: int, progress: str) -> None:
    """Builds the demo; a line for each step of it."""
    from precompute.demo.build import build_demo
    from precompute.work.pool import spare_the_cores

    # A polite end (the app closes, a container stops) must tidy up as Ctrl-C does.
    signal.signal(signal.SIGTERM, _leave)
    spare_the_cores()
    if progress == "json":
        _end_with_the_reader()
    build_demo(out, seed, as_json if progress == "json" else as_text)


def as_text(event: ProgressEvent) -> None:
    """One line of progress on standard output."""
    print(f"progress {event.done / event.total:.3f} {event.step}", flush=True)


def as_json(event: ProgressEvent) -> None:
    """The event as a line of JSON on standard output."""
    print(json.dumps(asdict(event)), flush=True)


def _end_with_the_reader() -> None:
    """The program that reads the events may be killed, and then nobody waits for the demo."""
    reader = os.getppid()

    def watch() -> None:
        while os.getppid() == reader:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
