"""How many small faults the tests of the core see: `python .ci/mutants.py [--sample 40] [--seed 0] [--least 0.8]`.

Each mutant is a copy of the checkout with one operator, comparison or number of one module changed; the module's own
tests (tests/**/test_MODULE*.py) should fail on it. Prints those that live, and exits with 1 where too many do: some
always will, since a change may mean the same (a tolerance, a capacity).
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("sqid_core/ranking", "sqid_core/evaluation", "sqid_core/bundle", "sqid_core/analysis")
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
    """The tests that bear the module's name."""
    return sorted((ROOT / "tests").rglob(f"test_{module.stem}.py")) + sorted(
        (ROOT / "tests").rglob(f"test_{module.stem}_*.py")
    )


def passes(module: Path, source: str) -> bool:
    """Whether the module's tests pass with this text in its place. Tests that go on for ever do not."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "checkout"
        for name in COPIED:
            copied = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            home.mkdir(exist_ok=True)
            copied(ROOT / name, home / name)
        (home / module.relative_to(ROOT)).write_text(source, encoding="utf-8")
        tests = [str(path.relative_to(ROOT)) for path in tests_of(module)]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        try:
            return subprocess.run(command, cwd=home, capture_output=True, timeout=PATIENCE_S).returncode == 0
        except subprocess.TimeoutExpired:
            return False


def main() -> int:
    """Prints the mutants that live, and how many of the sample were seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=40, help="how many mutants (default 40)")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other mutants (default 0)")
    parser.add_argument("--least", type=float, default=0.8, help="the least share that must be seen (default 0.8)")
    args = parser.parse_args()
    modules = [path for room in ROOMS for path in sorted((ROOT / room).glob("*.py")) if tests_of(path)]
    every = [(module, place) for module in modules for place in places(ast.parse(module.read_text(encoding="utf-8")))]
    drawn = [mutant(*one) for one in random.Random(args.seed).sample(every, args.sample)]
    touched = sorted({mutant.module for mutant in drawn})
    with ThreadPoolExecutor(2) as pool:
        healthy = pool.map(passes, touched, [path.read_text(encoding="utf-8") for path in touched])
        if broken := [path.stem for path, well in zip(touched, healthy, strict=True) if not well]:
            print(f"the tests of {', '.join(broken)} fail without any change")
            return 1
        lived = list(pool.map(passes, [mutant.module for mutant in drawn], [mutant.source for mutant in drawn]))
    for mutant in (mutant for mutant, alive in zip(drawn, lived, strict=True) if alive):
        print(f"lives: {mutant.module.relative_to(ROOT)}:{mutant.line}  {mutant.before}  ->  {mutant.after}")
    seen = lived.count(False)
    drawn_from = f"of {len(every)} in {len(modules)} modules, seed {args.seed}"
    print(f"the tests see {seen} of {len(lived)} mutants ({drawn_from})")
    return int(seen < args.least * len(lived))


if __name__ == "__main__":
    sys.exit(main())
