"""CONTRIBUTING's recipes: each is short, names files that are there, and those with code do what they promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from recipes import ROOT, Block, Recipe, copied, follow, placed, recipes

RECIPES = recipes((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
WITH_CODE = [recipe for recipe in RECIPES.values() if recipe.blocks]


def test_there_are_twelve_and_some_have_code() -> None:
    assert len(RECIPES) == 12
    assert len(WITH_CODE) >= 4
    assert all(recipe.files for recipe in RECIPES.values())


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_recipe_names_at_most_three_files_that_are_there(recipe: Recipe) -> None:
    assert len(recipe.files) <= 3
    assert {block.file for block in recipe.blocks} <= set(recipe.files)
    new = {block.file for block in recipe.blocks if block.place == "new"}
    there = [file for file in recipe.files if "/" in file and file not in new and "NAME" not in file]
    assert not [file for file in there if not (ROOT / file).is_file()]


def test_followed_recipes_do_what_they_promise(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    for recipe in WITH_CODE:
        follow(recipe, copy)
    changed = sorted({block.file for recipe in WITH_CODE for block in recipe.blocks if block.file.endswith(".py")})
    for words in (["check", "--fix"], ["format"], ["check"], ["format", "--check"]):
        run(copy, "ruff", *words, "--quiet", *changed)
    told = run(copy, "pytest", "-q", "-p", "no:cacheprovider", "tests/recipe_checks.py")
    assert "failed" not in told
    assert "skipped" not in told


def run(folder: Path, *words: str) -> str:
    """What a module of Python says in a folder. Fails where it fails."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_code_is_put_where_it_says() -> None:
    source = (
        "import os\n\n# Why.\nTABLE: dict = {\n    n: n\n    for n in (\n        1,\n    )\n}\nTEXT = '''\na\n'''\n"
    )

    def put(place: str, code: str) -> str:
        return placed(source, Block("module.py", place, code))

    assert put("imports", "import re\n").startswith("import os\nimport re\n")
    assert "\n\nX = 1\n\n\n# Why.\nTABLE" in put("above TABLE", "X = 1\n")
    assert "        1,\n2,\n    )\n}" in put("in TABLE", "2\n")
    assert "\na\nb\n'''\n" in put("in TEXT", "b\n")
    for place in ("in OTHER", "below TABLE", "somewhere"):
        with pytest.raises(ValueError, match="no place"):
            put(place, "")
