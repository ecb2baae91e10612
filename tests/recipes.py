"""CONTRIBUTING's recipes as they stand in the text: which files each names, and its code put where it says.

python tests/recipes.py FOLDER      # copies the checkout to FOLDER and follows every recipe that has code
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FILE = re.compile(r"`([\w./-]+\.(?:py|js|css|toml))`")
_BLOCK = re.compile(r"```(?:python|markdown)\n# (?P<file>\S+), (?P<place>[^\n]+)\n(?P<code>.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A piece of code. place: `new`, `imports`, `above NAME` or `in NAME`, where NAME is assigned to in the file."""

    file: str
    place: str
    code: str


@dataclass(frozen=True)
class Recipe:
    """A change. files: what its line of files names, paths or words for one; blocks: its code."""

    name: str
    files: tuple[str, ...]
    blocks: tuple[Block, ...]


def recipes(text: str) -> dict[str, Recipe]:
    """By their headings, in the text's order."""
    part = text.partition("\n## Recipes\n")[2].partition("\n## ")[0]
    return {recipe.name: recipe for recipe in map(_recipe, part.split("\n### ")[1:])}


def _recipe(text: str) -> Recipe:
    name, _, body = text.partition("\n")
    line = next((line.removeprefix("Files: ") for line in body.splitlines() if line.startswith("Files: ")), "")
    files = (name for part in filter(None, line.split(" · ")) for name in _FILE.findall(part) or [part])
    blocks = tuple(Block(**found.groupdict()) for found in _BLOCK.finditer(body))
    return Recipe(name, tuple(files), blocks)


def copied(folder: Path) -> Path:
    """A copy of the checkout's files, those that git tracks and those that are new and not ignored."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def follow(recipe: Recipe, folder: Path) -> None:
    """Does in a checkout what a recipe's code says. Raises ValueError where a place is not there."""
    for block in recipe.blocks:
        path = folder / block.file
        if block.place == "new":
            path.write_text(block.code, encoding="utf-8")
        else:
            path.write_text(placed(path.read_text(encoding="utf-8"), block), encoding="utf-8")


def placed(source: str, block: Block) -> str:
    """A module's source with the block in its place."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    where, _, name = block.place.partition(" ")
    if where == "imports":
        at = max(node.end_lineno or 0 for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
        return "".join([*lines[:at], block.code, *lines[at:]])
    node = next(_assigned(tree, name), None)
    if where not in ("in", "above") or node is None:
        raise ValueError(f"{block.file} has no place {block.place!r}")
    if where == "above":
        at = _with_comments(lines, node.lineno - 1)
        return "".join([*lines[:at], block.code, "\n\n", *lines[at:]])
    table = _table(node)
    at = (table.end_lineno or 0) - 1
    entry = block.code if isinstance(table, ast.Constant) else block.code.rstrip() + ",\n"
    return "".join([*lines[:at], entry, *lines[at:]])


def _assigned(tree: ast.AST, name: str) -> Iterator[ast.Assign | ast.AnnAssign]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in [getattr(each, "id", "") for each in targets]:
            yield node


def _with_comments(lines: list[str], at: int) -> int:
    """The line where the comments begin that stand right above a line."""
    while at and lines[at - 1].startswith("#"):
        at -= 1
    return at


def _table(node: ast.Assign | ast.AnnAssign) -> ast.expr:
    """The longest list, table or text of what is assigned. Raises ValueError where a line holds all of it."""
    kinds = (ast.Dict, ast.Tuple, ast.List, ast.Constant)
    found = [each for each in ast.walk(node) if isinstance(each, kinds)]
    longest = max(found, key=lambda each: (each.end_lineno or 0) - each.lineno)
    if longest.end_lineno == longest.lineno:
        raise ValueError(f"line {longest.lineno} has no line of its own for another entry")
    return longest


def main(folder: Path) -> None:
    """Copies and follows."""
    copied(folder)
    for recipe in recipes((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")).values():
        if recipe.blocks:
            follow(recipe, folder)
            print(f"{recipe.name}: {', '.join(dict.fromkeys(block.file for block in recipe.blocks))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
