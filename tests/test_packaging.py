"""What pyproject.toml promises: dependencies that are whole, and files derived from it that agree with it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from places import ROOT
from requirements_files import derived
from test_house import MODULES
from test_house import imported as modules_of
from test_layers import imported

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
OURS = {"app", "pages", "sqid_ui", "sqid_core", "precompute", "benchmarks", "tests"}


def declared(*lists: list[str]) -> set[str]:
    """The names of the distributions in lists of requirements, as the package index spells them."""
    return {normal(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for lines in lists for line in lines}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def third_party(*folders: str) -> Iterator[tuple[str, Path]]:
    """(module, file) for every import that is neither Python's own nor ours."""
    for folder in folders:
        paths = [ROOT / folder] if folder.endswith(".py") else sorted((ROOT / folder).rglob("*.py"))
        helpers = {path.stem for path in paths} if folder == "tests" else set()
        for path in paths:
            yield from ((name, path) for name in set(imported(path)) - OURS - helpers - sys.stdlib_module_names)


def undeclared(found: Iterator[tuple[str, Path]], names: set[str]) -> set[str]:
    """Imports that no named distribution brings. An optional one that is not installed here is known by its name."""
    brought_by = packages_distributions()
    return {
        f"{module} in {path.relative_to(ROOT)}"
        for module, path in found
        if not {normal(name) for name in brought_by.get(module, [module])} & names
    }


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_requirements_files_agree_with_the_project(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == derived()[name], "run python tests/requirements_files.py"


def test_a_package_that_is_named_twice_has_one_range() -> None:
    lines = {*PROJECT["dependency-groups"]["dev"], *(line for extra in EXTRAS.values() for line in extra)}
    assert len(declared(sorted(lines))) == len(lines)


def test_every_import_of_the_program_is_declared() -> None:
    names = declared(PROJECT["project"]["dependencies"], *EXTRAS.values())
    assert not undeclared(third_party("app.py", "pages", "sqid_ui", "sqid_core", "precompute"), names)


def test_every_import_of_the_tests_and_benchmarks_is_declared() -> None:
    names = declared(PROJECT["project"]["dependencies"], *EXTRAS.values(), PROJECT["dependency-groups"]["dev"])
    assert not undeclared(third_party("tests", "benchmarks"), names)


def test_an_import_that_nothing_declares_is_seen() -> None:
    found = iter([("yaml", ROOT / "app.py"), ("streamlit", ROOT / "app.py"), ("no_such_library", ROOT / "app.py")])
    assert undeclared(found, {"streamlit"}) == {"yaml in app.py", "no_such_library in app.py"}


def optional_imports() -> Iterator[tuple[str, Path]]:
    """(module, file) for every import statement of a library that an extra alone brings."""
    optional = declared(*EXTRAS.values()) - declared(PROJECT["project"]["dependencies"])
    brought_by = packages_distributions()
    for module, path in third_party("app.py", "pages", "sqid_ui", "sqid_core", "precompute"):
        if {normal(name) for name in brought_by.get(module, [module])} & optional:
            yield module, path


def test_no_optional_library_is_imported_but_where_its_extra_is_named() -> None:
    """An import statement would end in a traceback where the extra is missing; `extras.needs` in a sentence.

    The store's room is written in SQLAlchemy. Its door is `opening`, which asks for the extra before it imports it.
    """
    room = ROOT / "sqid_core" / "store"
    found = list(optional_imports())
    inside = {path for _, path in found if path.is_relative_to(room)}
    assert inside
    assert room / "opening.py" not in inside
    assert not [f"{module} in {path}" for module, path in found if path not in inside]


def test_others_come_into_the_stores_room_by_its_door_alone() -> None:
    """`opening` itself imports the room inside a function, after it asked for the extra."""
    room = ("sqid_core.store", "sqid_core.store.opening", "sqid_core.store.__init__")
    ways = {(name, used) for name, path in MODULES.items() for used in modules_of(name, path)}
    entered = {(name, used) for name, used in ways if used.startswith("sqid_core.store.") and used not in room}
    assert entered
    assert {name for name, _ in entered if not name.startswith("sqid_core.store.")} == set()
    door = ROOT / "sqid_core" / "store" / "opening.py"
    first = [node for node in ast.parse(door.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    from_the_room = {f"{node.module}.py" for node in first if node.level == 1}
    assert not from_the_room & {path.name for _, path in optional_imports()}


def test_every_extra_that_the_program_asks_for_exists_and_brings_the_library() -> None:
    asked = [
        match.groups()
        for folder in ("sqid_core", "sqid_ui", "precompute")
        for path in (ROOT / folder).rglob("*.py")
        for match in re.finditer(r'\bneeds\("(\w+)", "([\w.]+)"\)', path.read_text(encoding="utf-8"))
    ]
    assert asked
    brought_by = packages_distributions()
    for extra, module in asked:
        library = module.partition(".")[0]
        assert {normal(name) for name in brought_by.get(library, [library])} & declared(EXTRAS[extra])
