"""Building the demo bundle in a process of its own, watched by every visitor at once. No Streamlit here."""

from __future__ import annotations

import atexit
import re
import subprocess
import sys
from collections import deque
from pathlib import Path
from threading import Lock, Thread

_HOME = Path(__file__).resolve().parent.parent
# What the command prints: "progress 0.42 Drawing pictures".
_PROGRESS = re.compile(r"progress\s+([01](?:\.\d+)?)\s*(.*)")
_KEPT_LINES = 12


class DemoBuild:
    """One run of `python -m precompute demo` at a time; starting it while it runs joins the run."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.fraction = 0.0
        self.step = "Starting"
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

    def start(self) -> None:
        """Starts the command unless it runs already or has ended; `retry` starts it again."""
        with self._lock:
            if self._process is not None:
                return
            self.fraction, self.step, self.exit_code = 0.0, "Starting", None
            self.lines.clear()
            self.out.parent.mkdir(parents=True, exist_ok=True)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "precompute", "demo", "--out", str(self.out.resolve())],
                cwd=_HOME,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
            atexit.register(self._process.terminate)
            Thread(target=self._follow, args=(self._process,), daemon=True).start()

    def retry(self) -> None:
        """Starts again after a failure."""
        with self._lock:
            if not self.failed:
                return
            self._process = None
        self.start()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self._read(line.rstrip())
        code = process.wait()
        atexit.unregister(process.terminate)
        self.exit_code = code

    def _read(self, line: str) -> None:
        match = _PROGRESS.fullmatch(line)
        if match is None:
            self.lines.append(line)
            return
        self.fraction = min(float(match[1]), 1.0)
        self.step = match[2] or self.step
