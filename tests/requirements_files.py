"""requirements.txt and requirements-dev.txt from pyproject.toml: `python tests/requirements_files.py` writes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from places import ROOT

_WRITTEN = "written from pyproject.toml by tests/requirements_files.py"


def derived() -> dict[str, str]:
    """The text of each file, by its name."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    base = [f"# What the app and the verbs need: {_WRITTEN}.", *tables["project"]["dependencies"]]
    dev = [f"# What the tests, the checks and the benchmarks need on top: {_WRITTEN}.", "-r requirements.txt"]
    dev += tables["dependency-groups"]["dev"]
    return {"requirements.txt": _text(base), "requirements-dev.txt": _text(dev)}


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name, text in derived().items():
        Path(ROOT / name).write_text(text, encoding="utf-8")
