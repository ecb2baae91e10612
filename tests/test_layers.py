"""Imports run one way: app, pages -> sqid_ui -> sqid_core <- precompute. Read from syntax trees, imported or not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The command that joins the app and the verbs is above both; nothing imports it.
COMMAND = ROOT / "sqid_ui" / "command.py"
LAYERS = ("app", "pages", "sqid_ui", "sqid_core", "precompute")
# Which of our own packages each layer may import.
ALLOWED = {
    "app": {"sqid_ui", "sqid_core"},
    "pages": {"sqid_ui", "sqid_core", "pages"},
    "sqid_ui": {"sqid_ui", "sqid_core"},
    "sqid_core": {"sqid_core"},
    "precompute": {"precompute", "sqid_core"},
}
# Who alone may import what.
ONLY_IN = {"streamlit": {"app", "pages", "sqid_ui"}, "requests": {"precompute"}}
# Slow or optional: never at the top of a module of the core, which every page imports.
LAZY_IN_CORE = {
    "torch",
    "open_clip",
    "hnswlib",
    "sentence_transformers",
    "transformers",
    "huggingface_hub",
    "torchvision",
    "bm25s",
    "Stemmer",
    "lightgbm",
}


def files(layer: str) -> list[Path]:
    single = ROOT / f"{layer}.py"
    return [single] if single.exists() else sorted((ROOT / layer).rglob("*.py"))


SOURCES = [(layer, path) for layer in LAYERS for path in files(layer)]


def imported(path: Path, top_only: bool = False) -> Iterator[str]:
    """The first part of every absolute import; a relative one stays in its package and names that."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _top(tree) if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield _first_part(node, path)


def _first_part(node: ast.ImportFrom, path: Path) -> str:
    package = path.relative_to(ROOT).parts[:-1]
    inside = package[: len(package) - node.level + 1] if node.level else ()
    return (*inside, *(node.module or "").split("."))[0]


def _top(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything that runs when the module is imported: not the bodies of functions, not `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from _top(node)


@pytest.mark.parametrize(("layer", "path"), SOURCES, ids=[str(p.relative_to(ROOT)) for _, p in SOURCES])
def test_imports_run_one_way(layer, path):
    names = set(imported(path))
    assert not (names & set(LAYERS)) - ALLOWED[layer] - ({"precompute"} if path == COMMAND else set())
    assert not {name for name, layers in ONLY_IN.items() if name in names and layer not in layers}


@pytest.mark.parametrize("path", files("sqid_core"), ids=lambda path: path.name)
def test_the_core_imports_no_heavy_library_at_its_top(path):
    assert not set(imported(path, top_only=True)) & LAZY_IN_CORE


def test_the_walk_itself_sees_what_it_must(tmp_path, monkeypatch):
    monkeypatch.setattr("test_layers.ROOT", tmp_path)
    (tmp_path / "sqid_core" / "part").mkdir(parents=True)
    path = tmp_path / "sqid_core" / "part" / "module.py"
    path.write_text(
        "import torch.nn as nn, os\nfrom ..errors import SqidError\nfrom . import other\n"
        "class A:\n    import hnswlib\n\ndef late():\n    import streamlit\n"
    )
    assert set(imported(path)) == {"torch", "os", "sqid_core", "hnswlib", "streamlit"}
    assert set(imported(path, top_only=True)) == {"torch", "os", "sqid_core", "hnswlib"}


def test_nothing_imports_the_command():
    assert not [path for _, path in SOURCES if "sqid_ui.command" in path.read_text(encoding="utf-8")]


def test_every_layer_was_looked_at():
    assert {layer for layer, _ in SOURCES} == set(LAYERS)
