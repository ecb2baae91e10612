"""The tests of one room against mutants of it: `.ci/mutant_tests.py ROOM < places`, a line `MODULE PLACE` each.

To start pytest for each mutant takes longer than most tests. So one pytest runs the room's tests once and notes which
lines each enters; then each mutant gets a forked child, in which the changed function has its new code, and which runs
the tests that enter the changed statement, quickest first, until one fails. Prints a line a mutant as soon as it is
known: `seen`, `lives`, `never run` or `for ever`, and the mutant's place.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from mutants import ROOT, changed_tree, statement_of

PATIENCE_S = 60  # and four times what its tests take without a change


class Mutants:
    """A pytest plugin in the place of the loop over all tests."""

    def __init__(self, places: Sequence[tuple[Path, int]]) -> None:
        self.places = places
        self.broken: list[str] = []
        # What pytest and the tests print goes nowhere.
        self.out = os.fdopen(os.dup(1), "w")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def tell(self, *words: object) -> None:
        """A line for whoever started this."""
        print(*words, sep="\t", file=self.out, flush=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Runs all tests once, then each mutant's."""
        modules = {str(module) for module, _ in self.places}
        entered, seconds, self.broken = _in_a_child(lambda: _entered(session, modules))
        if self.broken:
            return True
        functions = _functions(modules)
        gc.freeze()  # what children share stays shared
        for module, place in self.places:
            first, last = statement_of(module, place)
            tests = [
                each
                for each, lines in entered.items()
                if any((str(module), n) in lines for n in range(first, last + 1))
            ]
            tests.sort(key=seconds.__getitem__)
            self.tell(_verdict(session, module, place, tests, seconds, functions), module, place)
        return True


def _verdict(
    session: pytest.Session,
    module: Path,
    place: int,
    tests: Sequence[int],
    seconds: dict[int, float],
    functions: dict[str, list[types.FunctionType]],
) -> str:
    if not tests:
        return "never run"
    code = compile(changed_tree(module, place), str(module), "exec")

    def fails() -> bool:
        changed = {(part.co_qualname, part.co_firstlineno): part for part in _parts(code)}
        for function in functions[str(module)]:
            own = function.__code__
            function.__code__ = changed.get((own.co_qualname, own.co_firstlineno), own)
        return any(_fails(session, number) for number in tests)

    ended = _ended(fails, PATIENCE_S + 4 * sum(seconds[number] for number in tests))
    return {None: "for ever", 0: "lives"}.get(ended, "seen")


def _fails(session: pytest.Session, number: int) -> bool:
    before, item = session.testsfailed, session.items[number]
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return session.testsfailed > before


def _entered(
    session: pytest.Session, modules: set[str]
) -> tuple[dict[int, set[tuple[str, int]]], dict[int, float], list[str]]:
    """By a test's number the lines it enters, and the seconds it takes; the names of those that fail as they are."""
    entered: dict[int, set[tuple[str, int]]] = defaultdict(set)
    seconds: dict[int, float] = {}
    broken: list[str] = []
    for number, item in enumerate(session.items):
        lines = entered[number]

        def of_line(frame: types.FrameType, _event: str, _value: Any, lines: set[tuple[str, int]] = lines) -> Any:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            return of_line

        def of_call(frame: types.FrameType, event: str, value: Any, of_line: Callable[..., Any] = of_line) -> Any:
            return of_line(frame, event, value) if frame.f_code.co_filename in modules else None

        start = time.process_time()
        threading.settrace(of_call)
        sys.settrace(of_call)
        try:
            failed = _fails(session, number)
        finally:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
        seconds[number] = time.process_time() - start
        if failed:
            broken.append(item.nodeid)
    return dict(entered), seconds, broken


def _functions(modules: set[str]) -> dict[str, list[types.FunctionType]]:
    """All functions that there are of some modules, those inside classes and others too."""
    found: dict[str, list[types.FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType) and each.__code__.co_filename in modules:
            found[each.__code__.co_filename].append(each)
    return found


def _parts(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _parts(constant)


def _in_a_child(compute: Callable[[], Any]) -> Any:
    """What a forked child computes, so that this process stays as it was."""
    with tempfile.NamedTemporaryFile() as file:
        if _ended(lambda: file.write(pickle.dumps(compute())) < 0 or file.flush() is not None) != 0:
            raise SystemExit("the tests ended without a word")
        return pickle.loads(Path(file.name).read_bytes())  # noqa: S301 (our own child wrote it)


def _ended(act: Callable[[], bool], patience: float = float("inf")) -> int | None:
    """What a forked child ends with: 1 where `act` is true or raises, 0 where not; None where it had to be stopped."""
    child = os.fork()
    if not child:
        status = 1
        try:
            status = int(act())
        finally:
            os._exit(status)
    until = time.monotonic() + patience
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.005)


def main() -> int:
    """Ends with 1 where a test fails without a change."""
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    lines = [line.rsplit(" ", 1) for line in sys.stdin.read().splitlines()]
    plugin = Mutants([(Path(module), int(place)) for module, place in lines])
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no"]
    pytest.main([*options, f"tests/core/{sys.argv[1]}"], plugins=[plugin])
    for name in plugin.broken:
        plugin.tell("broken", name, 0)
    return int(bool(plugin.broken))


if __name__ == "__main__":
    sys.exit(main())
