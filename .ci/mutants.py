"""How many small faults the tests of the core see: `.ci/mutants.py [--sample 40] [--seed 0] [--seen FILE] [ROOM...]`.

A mutant is a checkout with one operator, comparison or number of one module changed; the tests of the module's room
should fail on it, its own first (tests/core/ROOM/test_MODULE*.py, then all others of the room). Prints those that live,
and exits with 1 where too many do. A change that means the same is no fault: `.ci/equivalent_mutants.toml` names those
that somebody has looked at, with the reason, and they are left out. With `--seen` an interrupted run goes on: the file
keeps what was seen, one fingerprint a line, and only the others are tried. It holds as long as tests are only added.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import copy
import hashlib
import py_compile
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("ranking", "evaluation", "indexes", "analysis", "bundle")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
WORKERS = 2
COPIED = ("sqid_core", "sqid_ui", "precompute", "tests", "pages", "app.py", "pyproject.toml")
OTHER: dict[type, type[Any]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
PATIENCE_S = 600


@dataclass(frozen=True)
class Mutant:
    """One change of a module, and the whole text with it."""

    module: Path
    line: int
    before: str
    after: str
    source: str

    @property
    def fingerprint(self) -> str:
        """Of the module and its whole changed text."""
        return hashlib.sha256(f"{self.module.relative_to(ROOT)}\n{self.source}".encode()).hexdigest()


def places(tree: ast.AST) -> Iterator[int]:
    """The numbers, in the order of the walk, of the nodes inside functions that can be changed."""
    inside = {
        id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef) for node in _body(function)
    }
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in inside and _changed(node) is not None:
            yield number


def _body(function: ast.FunctionDef) -> Iterator[ast.AST]:
    # Not the annotations: `int | None` is an operation too, but means nothing when the program runs.
    for statement in function.body:
        yield from (node for node in ast.walk(statement) if not isinstance(statement, ast.AnnAssign))


def _changed(node: ast.AST) -> ast.AST | None:
    """The node with another meaning; None where this kind is left alone."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[operator, *_]) if type(operator) in OTHER:
            new.ops[0] = OTHER[type(operator)]()
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) if type(operator) in OTHER:
            new.op = OTHER[type(operator)]()
        case ast.UnaryOp(op=ast.Not()):
            return new.operand
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            new.value = value + 1
        case _:
            return None
    return new


class Change(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The new node for the old, all others as they are."""
        return self.new if node is self.old else super().generic_visit(node)


def mutant(module: Path, place: int) -> Mutant:
    """The mutant of a module whose node number `place` is changed."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    old = next(node for number, node in enumerate(ast.walk(tree)) if number == place)
    new = _changed(old)
    assert new is not None
    before, line = ast.unparse(old), getattr(old, "lineno", 0)
    source = ast.unparse(ast.fix_missing_locations(Change(old, new).visit(tree)))
    return Mutant(module, line, before, ast.unparse(new), source)


def tests_of(module: Path) -> list[Path]:
    """The tests of the module's room, those that bear the module's name first."""
    room = sorted((ROOT / "tests" / "core" / module.parent.name).glob("test_*.py"))
    return sorted(room, key=lambda test: not f"{test.stem}_".startswith(f"test_{module.stem}_"))


def checkout(home: Path) -> Path:
    """A copy of the checkout whose compiled files are held to their sources by content: a clock is too coarse here."""
    home.mkdir()
    for name in COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, home / name)
    compileall.compile_dir(home, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return home


def passes(home: Path, module: Path, source: str) -> bool:
    """Whether the tests of the module pass with this text in its place. Tests that go on for ever do not."""
    place = home / module.relative_to(ROOT)
    tests = [str(path.relative_to(ROOT)) for path in tests_of(module)]
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    place.write_text(source, encoding="utf-8")
    try:
        return subprocess.run(command, cwd=home, capture_output=True, timeout=PATIENCE_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        shutil.copy(module, place)


def is_equivalent(mutant: Mutant) -> bool:
    """Whether somebody found that this mutant means the same as the module itself."""
    named = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"] if EQUIVALENT.exists() else []
    module = str(mutant.module.relative_to(ROOT))
    return any((one["module"], one["before"], one["after"]) == (module, mutant.before, mutant.after) for one in named)


def main() -> int:
    """Prints the mutants that live, and how many of the sample were seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=40, help="how many mutants (default 40)")
    parser.add_argument("room", nargs="*", default=ROOMS, help=f"of sqid_core (default: {' '.join(ROOMS)})")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other mutants (default 0)")
    parser.add_argument("--least", type=float, default=0.9, help="the least share that must be seen (default 0.9)")
    parser.add_argument("--seen", type=Path, help="a file that keeps what was seen, to go on after an interruption")
    args = parser.parse_args()
    modules = [path for room in args.room for path in sorted((ROOT / "sqid_core" / room).glob("*.py"))]
    every = [(module, place) for module in modules for place in places(ast.parse(module.read_text(encoding="utf-8")))]
    sample = random.Random(args.seed).sample(every, min(args.sample, len(every)))
    drawn = [one for one in (mutant(*place) for place in sample) if not is_equivalent(one)]
    known = set(args.seen.read_text(encoding="utf-8").split()) if args.seen and args.seen.exists() else set()
    left = [one for one in drawn if one.fingerprint not in known]
    touched = sorted({one.module for one in left})
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        homes: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for worker in range(WORKERS):
            homes.put(checkout(Path(folder) / str(worker)))

        def alive(module: Path, source: str) -> bool:
            home = homes.get()
            try:
                return passes(home, module, source)
            finally:
                homes.put(home)

        def lives(one: Mutant) -> bool:
            if alive(one.module, one.source):
                print(f"lives: {one.module.relative_to(ROOT)}:{one.line}  {one.before}  ->  {one.after}", flush=True)
                return True
            if args.seen:
                with args.seen.open("a", encoding="utf-8") as file:
                    file.write(f"{one.fingerprint}\n")
            return False

        rooms = {path.parent: path for path in touched}.values()
        healthy = pool.map(alive, rooms, [path.read_text(encoding="utf-8") for path in rooms])
        if broken := [path.parent.name for path, well in zip(rooms, healthy, strict=True) if not well]:
            print(f"the tests of {', '.join(broken)} fail without any change")
            return 1
        lived = sum(pool.map(lives, left))
    seen = len(drawn) - lived
    drawn_from = (
        f"of {len(every)} in {len(modules)} modules, seed {args.seed}; {len(sample) - len(drawn)} mean the same"
    )
    print(f"the tests see {seen} of {len(drawn)} mutants ({drawn_from})")
    return int(seen < args.least * len(drawn))


if __name__ == "__main__":
    sys.exit(main())
