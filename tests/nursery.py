"""Verbs in forked children of one process that has imported everything already: a verb's whole time is then its own
work, so a kill lands in it, and hundreds of kills take a minute.

    with Nursery() as nursery:
        done = nursery.run(["import", ...])                           # done.code, done.seconds, done.said
        killed = nursery.run(["import", ...], after=done.seconds / 2)  # killed.code == -9 where it came in time
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Outcome:
    """code: as of subprocess, -9 after kill -9. changed: seconds until the watched folder changed first, or all.
    said: standard output and error."""

    code: int
    seconds: float
    changed: float
    said: str


class Nursery:
    """One process that forks a child a run."""

    def __enter__(self) -> Nursery:
        # One thread each: a process whose libraries have started threads cannot be forked.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = os.environ | threads | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._process.communicate()

    def run(
        self,
        words: Sequence[str],
        after: float | None = None,
        by: int = signal.SIGKILL,
        watched: Path | None = None,
        largest_file: int = 0,
    ) -> Outcome:
        """Runs a verb to its end, or sends it a signal `after` seconds, counted from the start, or from the moment that
        something in the watched folder has changed. largest_file: in bytes, 0 for any."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "words": list(words),
            "after": after,
            "by": int(by),
            "watched": str(watched or ""),
            "largest_file": largest_file,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._process.stdout.readline()))


def _import_all() -> None:
    import importlib.util

    from precompute.__main__ import VERBS

    for module, _ in VERBS.values():
        importlib.import_module(module)
    for module in ("pyarrow.parquet", "precompute.demo.build", "hnswlib"):
        if importlib.util.find_spec(module):
            importlib.import_module(module)


def _child(order: dict[str, Any], log: int) -> None:
    """Never returns: the child ends here."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout, sys.stderr = (os.fdopen(os.dup(log), "w", buffering=1) for _ in range(2))
    if order["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    code = 70
    try:
        from precompute.__main__ import main

        code = main(order["words"])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    os._exit(code)


def _run(order: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as log:
        before = _state(order["watched"])
        started = time.monotonic()
        child = os.fork()
        if not child:
            _child(order, log.fileno())
        changed = None if order["watched"] else started
        # The child's end is waited for, not slept through, so that `seconds` is right where the signal comes late.
        while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if changed is None and _state(order["watched"]) != before:
                changed = time.monotonic()
            if order["after"] is not None and changed is not None and time.monotonic() - changed >= order["after"]:
                os.kill(child, order["by"])
                break
            time.sleep(0.0005)
        _, status = os.waitpid(child, 0)
        seconds = time.monotonic() - started
        log.seek(0)
        said = log.read().decode(errors="replace")
    waited = seconds if changed is None else changed - started
    return {"code": os.waitstatus_to_exitcode(status), "seconds": seconds, "changed": waited, "said": said}


def _state(folder: str) -> set[tuple[str, int, int]]:
    """Name, size and time of all that is there, but locks and pictures, which are many and come after a journal."""
    found = set()
    for place, folders, files in os.walk(folder) if folder else ():
        folders[:] = [name for name in folders if name != "images"]
        for name in (*folders, *(name for name in files if not name.endswith("lock"))):
            with suppress(OSError):
                status = os.stat(os.path.join(place, name))  # noqa: PTH116, PTH118 - thousands of times a second
                found.add((os.path.join(place, name), status.st_size, status.st_mtime_ns))  # noqa: PTH118
    return found


def _main() -> None:
    _import_all()
    for line in sys.stdin:
        order = json.loads(line)
        if order["words"][0] == "encode":
            import open_clip  # noqa: F401 - not before it is needed: a large process is slow to fork
        print(json.dumps(_run(order)), flush=True)


if __name__ == "__main__":
    _main()
