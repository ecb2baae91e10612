"""The README's precompute commands are run, in order, in an empty folder with made-up files of the right names."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import raw_esci

from precompute.__main__ import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# A code block, and the comment that stands before it, if any.
BLOCKS = re.findall(r"(?:<!-- (?P<mark>[^>]*) -->\n)?```bash\n(?P<code>.*?)```", README, re.DOTALL)
NOT_RUN = ("needs a network", "takes many minutes")
# Numbers of a model may differ in their last digits from one processor to another: the README leaves these out.
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    return [
        line
        for mark, code in BLOCKS
        if not mark.startswith(NOT_RUN)
        for line in code.splitlines()
        if line.startswith("python -m precompute")
    ]


def test_the_readme_has_commands_for_everything() -> None:
    assert {command.split()[3] for command in commands()} >= {"demo", "import", "index", "verify", "evaluate"}
    assert all(mark in ("", "the app command", "the test command") or mark.startswith(NOT_RUN) for mark, _ in BLOCKS)


def test_the_readmes_precompute_commands_and_examples_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw_esci.examples().to_parquet(tmp_path / "shopping_queries_dataset_examples.parquet")
    raw_esci.products().to_parquet(tmp_path / "shopping_queries_dataset_products.parquet")
    _write_own_catalogue(tmp_path)
    (tmp_path / "precompute").symlink_to(ROOT / "precompute")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    for command in commands():  # in this process: starting seventeen costs more than most of what they do
        assert main(shlex.split(command)[3:]) == 0, command
    # They speak of the demo, which the commands have built, and so does the notebook.
    cells = json.loads((ROOT / "docs" / "tutorial.ipynb").read_text(encoding="utf-8"))["cells"]
    code = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    (tmp_path / "tutorial.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "tutorial.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1800
    )
    assert done.returncode == 0, done.stderr
    assert sum(example.count(">>>") for example in EXAMPLES) >= 5
    for example in EXAMPLES:
        (tmp_path / "example.txt").write_text(example, encoding="utf-8")
        words = [sys.executable, "-X", "utf8", "-m", "doctest", "-o", "ELLIPSIS", "example.txt"]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0, done.stdout + done.stderr


def _write_own_catalogue(folder: Path) -> None:
    products = {"product_id": ["007", "b2"], "title": ["Red apple", "Green apple"]}
    judgements = {"query_id": ["1", "1"], "product_id": ["007", "b2"], "label": ["Perfect", "Close"]}
    tables = {"products": products, "queries": {"query_id": ["1"], "query": ["apple"]}, "judgements": judgements}
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)


DOCS = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md", "docs/architecture.md")
}
LINKS = [(name, target) for name, text in DOCS.items() for target in re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", text)]


@pytest.mark.parametrize(("name", "target"), sorted(set(LINKS)))
def test_links_lead_somewhere(name: str, target: str) -> None:
    assert (ROOT / name).parent.joinpath(target).exists()


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_files_that_are_named_are_there(name: str) -> None:
    rooms = [ROOT / room for room in ("sqid_core", "sqid_ui", "precompute", "pages", "tests", "docs")]
    there = [
        f"/{path.relative_to(ROOT)}" for path in (*ROOT.glob("*"), *(p for room in rooms for p in room.rglob("*")))
    ]
    new = re.findall(r"(\S+), new\n", DOCS[name])
    named = set(re.findall(r"`([\w/.]+\.(?:py|js|md|css|toml))`", DOCS[name]))
    assert len(named) > 10
    lacking = [one for one in named if "NAME" not in one and not any(path.endswith(f"/{one}") for path in there)]
    assert set(lacking) <= set(new)
