"""Progress for a program that started the command, as the app does: a line of JSON an event, and one end for both."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from types import FrameType
from typing import Any

import click

from precompute.work.progress import Progress, ProgressEvent


def progress_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--progress text or json."""
    kinds = click.Choice(("text", "json"))
    return click.option("--progress", type=kinds, default="text", help="json: a line an event, for a program")(function)


def events(kind: str) -> Progress:
    """What shows the events of a command that is ended politely: the app closes, a container stops."""
    # It must tidy up then as Ctrl-C does.
    signal.signal(signal.SIGTERM, _leave)
    if kind == "text":
        return as_text
    _end_with_the_reader()
    return as_json


def as_text(event: ProgressEvent) -> None:
    """One line of progress on standard output."""
    print(event.sentence or f"progress {event.done / event.total:.3f} {event.step}", flush=True)


def as_json(event: ProgressEvent) -> None:
    """The event as a line of JSON on standard output."""
    print(json.dumps(asdict(event)), flush=True)


def _end_with_the_reader() -> None:
    """The program that reads the events may be killed, and then nobody waits for what is made."""
    reader = os.getppid()

    def watch() -> None:
        while os.getppid() == reader:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
