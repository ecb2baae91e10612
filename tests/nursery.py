"""Verbs in forked children of one process that has imported everything already: a verb's whole time is then its own
work, so a kill lands in it, and hundreds of kills take a minute.

    with Nursery() as nursery:
        done = nursery.run(["import", ...])                    # done.code, done.changes, done.seconds, done.said
        killed = nursery.run(["import", ...], Stop(change=3))  # right before its third change: killed.code == -9

Clocks say little on a busy machine, so a run counts what it changes on the disk: a stop at a change always lands.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[1]
# Audited events that change the disk; and an opened file is one where it is opened for writing.
CHANGES = {f"os.{name}" for name in ("mkdir", "rename", "remove", "rmdir", "link", "symlink", "truncate")}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Stop:
    """A signal: right before the change of that number, or so many seconds after it; change 0 is the verb's start."""

    change: int
    late: float = 0.0
    by: int = signal.SIGKILL


@dataclass(frozen=True)
class Outcome:
    """code: as of subprocess, -9 after kill -9. changes: seconds from the start to each change on the disk.
    said: standard output and error."""

    code: int
    seconds: float
    changes: list[float]
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

    def run(self, words: Sequence[str], stop: Stop | None = None, largest_file: int = 0) -> Outcome:
        """Runs a verb to its end, or until it is stopped. largest_file: in bytes, 0 for any."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"words": list(words), "stop": stop and asdict(stop), "largest_file": largest_file}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._process.stdout.readline()))


def _import_all() -> None:
    import importlib.util

    from precompute.__main__ import VERBS, command_of

    for verb in VERBS:
        command_of(verb)
    for module in ("pyarrow.parquet", "precompute.demo.build", "hnswlib"):
        if importlib.util.find_spec(module):
            importlib.import_module(module)


def _child(order: dict[str, Any], stop: Stop | None, log: int, told: int) -> None:
    """Never returns: the child ends here. told: where each change is told."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout, sys.stderr = (os.fdopen(os.dup(log), "w", buffering=1) for _ in range(2))
    if order["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    from precompute.__main__ import main

    os.write(told, struct.pack("d", time.monotonic()))
    sys.addaudithook(_telling(told, stop))
    code = 70
    try:
        code = main(order["words"])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    os._exit(code)


def _telling(told: int, stop: Stop | None) -> Callable[[str, tuple[Any, ...]], None]:
    numbers = itertools.count(1)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and arguments[2] & WRITING and not str(arguments[0]).endswith("lock")):
            number = next(numbers)
            os.write(told, struct.pack("d", time.monotonic()))
            if stop and not stop.late and number == stop.change:
                os.kill(os.getpid(), stop.by)

    return hook


def _run(order: dict[str, Any]) -> dict[str, Any]:
    stop = Stop(**order["stop"]) if order["stop"] else None
    with tempfile.TemporaryFile() as log:
        heard, told = os.pipe()
        os.set_blocking(heard, False)
        child = os.fork()
        if not child:
            _child(order, stop, log.fileno(), told)
        instants: list[float] = []
        # The child's end is waited for, not slept through, so that `seconds` is right where the signal comes late.
        while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            instants += _all_heard(heard)
            if stop and _is_due(stop, instants):
                os.kill(child, stop.by)
                break
            time.sleep(0.0005)
        _, status = os.waitpid(child, 0)
        started, *changes, ended = *instants, *_all_heard(heard), time.monotonic()
        os.close(told)
        os.close(heard)
        log.seek(0)
        said = log.read().decode(errors="replace")
    seconds = {"seconds": ended - started, "changes": [instant - started for instant in changes]}
    return {"code": os.waitstatus_to_exitcode(status), "said": said} | seconds


def _is_due(stop: Stop, instants: Sequence[float]) -> bool:
    """instants: of the start and the changes. Where it is not to be late, the child sends it itself."""
    return stop.late > 0 and len(instants) > stop.change and time.monotonic() >= instants[stop.change] + stop.late


def _all_heard(pipe: int) -> list[float]:
    with suppress(BlockingIOError):
        return [instant for (instant,) in struct.iter_unpack("d", os.read(pipe, 1 << 16))]
    return []


def _main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore Ctrl-C
    _import_all()
    for line in sys.stdin:
        order = json.loads(line)
        if order["words"][0] == "encode":
            import open_clip  # noqa: F401 - not before it is needed: a large process is slow to fork
        elif order["words"][0] == "rerank":
            import sentence_transformers  # noqa: F401 - likewise
        print(json.dumps(_run(order)), flush=True)


if __name__ == "__main__":
    _main()
