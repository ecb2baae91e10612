"""A hook of mkdocs: the tutorial notebook as a page of the site. Its cells have no outputs: CI runs them anew."""

from __future__ import annotations

import json
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_NOTEBOOK, _PAGE = "tutorial.ipynb", "tutorial.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the page."""
    told = json.loads((Path(config.docs_dir) / _NOTEBOOK).read_text(encoding="utf-8"))
    files.append(File.generated(config, _PAGE, content="\n\n".join(map(_told, told["cells"])) + "\n"))
    return files


def _told(cell: dict[str, object]) -> str:
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(map(str, source)) if isinstance(source, list) else ""
    return f"```python\n{text.strip()}\n```" if cell["cell_type"] == "code" else text.strip()
