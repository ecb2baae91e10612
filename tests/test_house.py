"""How the house is kept: no circles, nobody in another's private rooms, names that cannot be mixed up, short files."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqid_core.bundle.signal_kinds import SIGNAL_KINDS
from sqid_core.encoders.families import FAMILIES
from sqid_core.evaluation.metrics import METRICS
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.missing import MISSING_IMAGE
from sqid_core.ranking.norms import NORMS

ROOT = Path(__file__).parents[1]
OURS = ("app.py", "pages", "sqid_ui", "sqid_core", "precompute")
EVERYTHING = (*OURS, "tests", "benchmarks")
LONGEST = 300
# A folder may have one of each.
ONE_A_FOLDER = {"page.py", "__init__.py", "__main__.py", "conftest.py"}


def files(places: Iterable[str], *endings: str) -> list[Path]:
    found = [path for place in places for path in ((ROOT / place).rglob("*") if "." not in place else [ROOT / place])]
    return sorted(path for path in found if path.suffix in endings and "node_modules" not in path.parts)


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {module(path): path for path in files(OURS, ".py")}


def imports(name: str, path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of every import, at the top or not, for typing or not; the name is "" where there is none."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".")[: -node.level] if node.level else []
            whole = ".".join([*package, *([node.module] if node.module else [])])
            yield from ((whole, alias.name) for alias in node.names)


def imported(name: str, path: Path) -> set[str]:
    """Which of our modules a module imports."""
    found = {candidate for whole, part in imports(name, path) for candidate in (f"{whole}.{part}", whole)}
    return {m for each in found for m in (each, f"{each}.__init__") if m in MODULES} - {name}


def circles(edges: Iterable[tuple[str, str]]) -> set[str]:
    """The folders in which two files or folders need each other, by whatever way."""
    inside: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for user, used in edges:
        a, b = user.split("."), used.split(".")
        shared = next(i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
        inside[".".join(a[:shared])][a[shared]].add(b[shared])
    return {folder for folder, uses in inside.items() if any(name in reached(uses, name) for name in list(uses))}


def reached(uses: Mapping[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(uses[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += uses.get(name, ())
    return seen


def test_no_files_or_folders_need_each_other():
    edges = [(name, used) for name, path in MODULES.items() for used in imported(name, path)]
    assert len(edges) > 500
    assert circles(edges) == set()


def test_a_circle_is_seen_through_others_and_through_the_folders():
    assert circles([("a.x", "a.y"), ("a.y", "b.z"), ("b.z", "c")]) == set()
    assert circles([("a.x", "a.y"), ("a.y", "a.z"), ("a.z", "a.x")]) == {"a"}
    assert circles([("r.a.x", "r.b.y"), ("r.b.z", "r.a.u")]) == {"r"}
    assert circles([("a.x", "a.__init__"), ("a.__init__", "a.x")]) == {"a"}


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_uses(name: str, path: Path) -> Iterator[str]:
    """What a module takes of our other modules' private names, by importing them or through the module."""
    ours = [
        pair for pair in imports(name, path) if pair[0].partition(".")[0] in {place.split(".")[0] for place in OURS}
    ]
    yield from (f"{whole}.{part}" for whole, part in ours if any(map(private, [*whole.split("."), part])))
    modules = {part for whole, part in ours if f"{whole}.{part}" in MODULES}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and private(node.attr) and ast.unparse(node.value) in modules:
            yield ast.unparse(node)


def test_nobody_uses_private_names():
    assert not {name: found for name, path in MODULES.items() if (found := list(private_uses(name, path)))}


def test_private_uses_are_seen(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        "import os\nfrom sqid_core import errors, sampling\nfrom ..types import Floats, _own\nos._exit(sampling._x)\n"
    )
    assert list(private_uses("sqid_core.ranking.module", path)) == ["sqid_core.types._own", "sampling._x"]


def test_no_two_names_differ_only_by_an_s():
    names = {path.name for path in files(EVERYTHING, ".py", ".js", ".css")}
    assert len(names) > 200
    pairs = {path.stem for path in files(EVERYTHING, ".py", ".js", ".css") if f"{path.stem}s{path.suffix}" in names}
    assert pairs == set()


def test_few_files_have_one_name():
    names = Counter(path.name for path in files(EVERYTHING, ".py", ".js", ".css"))
    assert not {name for name, count in names.items() if count > 2 and name not in ONE_A_FOLDER}


def test_no_file_is_long():
    counts = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(EVERYTHING, ".py", ".js", ".css")
    }
    assert len(counts) > 300
    assert {name for name, lines in counts.items() if lines > LONGEST} == set()


def test_no_two_files_of_tests_have_one_name():
    counts = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in counts.items() if count > 1] == [], "pytest imports them by these names"


def test_a_kind_of_array_has_one_name():
    """All are in sqid_core.types: a second Floats would mean something else some day."""
    elsewhere = [path for path in files(EVERYTHING, ".py") if path != ROOT / "sqid_core" / "types.py"]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in elsewhere}
    assert not [
        f"{path.name}: {ast.unparse(node)}"
        for path, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("npt.NDArray")
    ]


def compared_names(path: Path, names: set[str]) -> Iterator[str]:
    """Comparisons with one of the names, and dicts with several of them as keys."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            sides = [part for side in (node.left, *node.comparators) for part in ast.walk(side)]
            if any(isinstance(part, ast.Constant) and part.value in names for part in sides):
                yield ast.unparse(node)
        elif isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            if len(names.intersection(keys)) > 1:
                yield ast.unparse(node)


def test_what_a_value_is_is_asked_of_it_and_not_of_its_name():
    names = {*METHODS, *NORMS, *MISSING_IMAGE, *METRICS, *FAMILIES, *SIGNAL_KINDS} - {"none", "text"}  # other words too
    # The words of drawn products, and what was measured on an index, are no measures or methods.
    others = ("precompute.demo", "precompute.steps.verify")
    elsewhere = {name: path for name, path in MODULES.items() if not name.startswith(others)}
    assert not {name: found for name, path in elsewhere.items() if (found := list(compared_names(path, names)))}


def test_compared_names_are_seen(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("a == 'rrf'\nb in ('x', 'max')\nc = {'rrf': 1, 'max': 2}\nd = {'rrf': 1}\ne = f('max')\n")
    found = list(compared_names(path, {"rrf", "max"}))
    assert found == ["a == 'rrf'", "b in ('x', 'max')", "{'rrf': 1, 'max': 2}"]
