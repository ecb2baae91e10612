"""Making the demo or fetching a bundle, in a process of its own that all visitors watch at once. No Streamlit here."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from threading import Lock, Thread

from sqid_core.bundle.files_on_disk import unfinished

_HOME = Path(__file__).resolve().parents[2]
# Tells an event a line, as JSON; any other line is what went wrong.
_VERB = ("-m", "precompute")
_KEPT_LINES = 12
# Before so much is done, its pace says nothing.
_TELLING = 0.08
_WRITTEN, _SHOWN = 8, 6
# As a shell has it for a command that cannot be executed.
_NOT_STARTED = 126


class BundleBuild:
    """One run of a verb at a time; starting it while it runs joins the run. verb: of `precompute`, with arguments."""

    def __init__(self, out: Path, verb: Sequence[str], command: Sequence[str] | None = None) -> None:
        self.out = out
        told = ("--progress", "json", "--out", str(out.resolve()))
        # Behind --, since what SQID_BUNDLE names may look like an option.
        self._command = command or [sys.executable, *_VERB, *verb[:1], *told, "--", *verb[1:]]
        self.fraction = 0.0
        self.step = "Starting"
        self._began = 0.0
        self.lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self.exit_code: int | None = None
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None

    @property
    def failed(self) -> bool:
        """Whether the last run ended without a bundle."""
        return self.exit_code is not None and self.exit_code != 0

    @property
    def done(self) -> bool:
        """Whether the last run ended well."""
        return self.exit_code == 0

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None before there is one."""
        if self.fraction < _TELLING:
            return None
        return (time.monotonic() - self._began) * (1 - self.fraction) / self.fraction

    def pictures(self) -> list[Path]:
        """Some of the pictures that were drawn last, newest first."""
        try:
            drawn = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(unfinished(self.out) / "images")]
        except OSError:
            return []
        # The very last may still be written.
        return [Path(path) for _, path in sorted(drawn, reverse=True)[_WRITTEN : _WRITTEN + _SHOWN]]

    def start(self) -> None:
        """Starts the command. Joins one that runs; one that failed stays so until `retry`."""
        with self._lock:
            if self.failed or (self._process is not None and not self.done):
                return
            self.fraction, self.step, self.exit_code, self._began = 0.0, "Starting", None, time.monotonic()
            self.lines.clear()
            try:
                self._process = self._started()
            except OSError as error:
                self.lines.append(str(error))
                self.exit_code = _NOT_STARTED

    def _started(self) -> subprocess.Popen[str]:
        folder = self.out.parent.resolve()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(f"{folder} cannot be made: {error}; set SQID_DATA to a folder that can be written") from error
        pipe, joined = subprocess.PIPE, subprocess.STDOUT
        process = subprocess.Popen(
            self._command, cwd=_HOME, stdout=pipe, stderr=joined, text=True, encoding="utf-8", errors="replace"
        )
        atexit.register(process.terminate)
        Thread(target=self._follow, args=(process,), daemon=True).start()
        return process

    def retry(self) -> None:
        """Starts again after a failure."""
        with self._lock:
            if not self.failed:
                return
            self._process, self.exit_code = None, None
        self.start()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self._read(line.rstrip())
        code = process.wait()
        atexit.unregister(process.terminate)
        if code:
            why = self.lines[-1] if self.lines else f"the command ended with {code}"
            print(f"SQID Explorer: no bundle {self.out.name}: {why}", file=sys.stderr)
        self.exit_code = code

    def _read(self, line: str) -> None:
        event = _event(line)
        if event is None:
            self.lines.append(line)
        else:
            self.fraction, self.step = event


def _event(line: str) -> tuple[float, str] | None:
    """The share that is done and what is under way; None where the line is no event."""
    try:
        event = json.loads(line)
        return min(event["done"] / event["total"], 1.0), str(event["step"])
    except (ValueError, TypeError, KeyError, ZeroDivisionError):
        return None
