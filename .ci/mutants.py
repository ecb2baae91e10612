"""How many small faults the tests of the core see: `.ci/mutants.py [--sample 100] [--seed 0] [--least 0.9] [ROOM...]`.

A mutant has one operator, comparison or number of one function changed; the tests of its module's room should fail on
it (`mutant_tests.py` runs them). Prints those that live, and exits with 1 where too many do. A change that means the
same is no fault: `.ci/equivalent_mutants.toml` names those that somebody has looked at, with the reason, and they are
left out (`line`, where it is so on that line of the module alone).
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("ranking", "evaluation", "indexes", "analysis", "bundle")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
WORKERS = 2
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


@dataclass(frozen=True)
class Mutant:
    """One change of a module: of the node with this number in `ast.walk`."""

    module: Path
    place: int

    @property
    def node(self) -> ast.AST:
        """The node as it is."""
        return _node(_tree(self.module), self.place)

    @property
    def before(self) -> str:
        """What stands there."""
        return ast.unparse(self.node)

    @property
    def after(self) -> str:
        """What stands there instead."""
        changed = _changed(self.node)
        assert changed is not None
        return ast.unparse(changed)

    @property
    def words(self) -> str:
        """Where it is and what it changes."""
        line = getattr(self.node, "lineno", 0)
        return f"{self.module.relative_to(ROOT)}:{line}  {self.before}  ->  {self.after}"

    @property
    def is_equivalent(self) -> bool:
        """Whether somebody found that it means the same as the module itself."""
        found = (str(self.module.relative_to(ROOT)), self.before, self.after)
        return (*found, "") in _equivalent() or (*found, self.line) in _equivalent()

    @property
    def line(self) -> str:
        """The line that it stands on."""
        return self.module.read_text(encoding="utf-8").splitlines()[getattr(self.node, "lineno", 1) - 1].strip()


@cache
def _equivalent() -> frozenset[tuple[str, str, str, str]]:
    """Module, before, after, and the line: "" where it means the same wherever it stands in the module."""
    named = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"] if EQUIVALENT.exists() else []
    return frozenset((one["module"], one["before"], one["after"], one.get("line", "")) for one in named)


@cache
def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _node(tree: ast.AST, place: int) -> ast.AST:
    return next(node for number, node in enumerate(ast.walk(tree)) if number == place)


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


class _Change(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The new node for the old, all others as they are."""
        return self.new if node is self.old else super().generic_visit(node)


def changed_tree(module: Path, place: int) -> ast.Module:
    """The module with one node changed; all else stands where it stood."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    old = _node(tree, place)
    new = _changed(old)
    assert new is not None
    found = _Change(old, ast.copy_location(new, old)).visit(tree)
    assert isinstance(found, ast.Module)
    return ast.fix_missing_locations(found)


def statement_of(module: Path, place: int) -> tuple[int, int]:
    """The first and the last line of the smallest statement that holds a node."""
    tree, found = _tree(module), (0, 0)
    node = _node(tree, place)
    for each in ast.walk(tree):  # from the outside to the inside
        if isinstance(each, ast.stmt) and any(inner is node for inner in ast.walk(each)):
            found = each.lineno, each.end_lineno or each.lineno
    return found


def _run(room: str, mutants: list[Mutant]) -> Iterator[tuple[str, str, int]]:
    """Verdict, module and place of each, as they become known."""
    command = [sys.executable, str(Path(__file__).with_name("mutant_tests.py")), room]
    # One thread for arithmetic: a forked child has none of the others.
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=alone) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("\n".join(f"{one.module} {one.place}" for one in mutants))
        child.stdin.close()
        for line in child.stdout:
            verdict, module, place = line.rstrip("\n").split("\t")
            yield verdict, module, int(place)


def _verdicts(room: str, mutants: list[Mutant]) -> Counter[str]:
    found: Counter[str] = Counter()
    for verdict, module, place in _run(room, mutants):
        found[verdict] += 1
        if verdict == "broken":
            print(f"fails without any change: {module}", flush=True)
        elif verdict != "seen":
            print(f"{verdict}: {Mutant(Path(module), place).words}", flush=True)
    return found


def main() -> int:
    """Prints the mutants that live, and how many of the sample were seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=100, help="how many mutants (default 100)")
    parser.add_argument("room", nargs="*", default=ROOMS, help=f"of sqid_core (default: {' '.join(ROOMS)})")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other mutants (default 0)")
    parser.add_argument("--least", type=float, default=0.9, help="the least share that must be seen (default 0.9)")
    args = parser.parse_args()
    modules = [path for room in args.room for path in sorted((ROOT / "sqid_core" / room).glob("*.py"))]
    every = [Mutant(module, place) for module in modules for place in places(_tree(module))]
    sample = random.Random(args.seed).sample(every, min(args.sample, len(every)))
    drawn = [one for one in sample if not one.is_equivalent]
    rooms = {room: [one for one in drawn if one.module.parent.name == room] for room in args.room}
    with ThreadPoolExecutor(WORKERS) as pool:
        found = sum(pool.map(_verdicts, rooms, rooms.values()), Counter[str]())
    # One that goes on for ever is seen too: its tests never end well.
    seen, tried = found["seen"] + found["for ever"], found.total() - found["broken"]
    drawn_from = (
        f"of {len(every)} in {len(modules)} modules, seed {args.seed}; {len(sample) - len(drawn)} mean the same"
    )
    print(f"the tests see {seen} of {len(drawn)} mutants ({drawn_from})")
    return int(found["broken"] > 0 or tried < len(drawn) or seen < args.least * len(drawn))


if __name__ == "__main__":
    sys.exit(main())
