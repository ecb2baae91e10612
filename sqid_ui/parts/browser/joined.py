"""One script of an ES module and all that it imports. A component's script reaches the browser as one text, from where
`import "./other.js"` leads nowhere: docs/decisions/0014. No Streamlit here.

Each imported module becomes a function that runs once and gives what it exports, so names stay its own:

    const $rank = (() => { …; return { fuse, order }; })();
    const { fuse } = $rank;

That needs modules to keep to this much of the language, and all else is refused: `import { a, b } from "./x.js";` and,
before a function, class or const at the start of a line, `export`. The entry keeps its exports as they are.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{([\w$,\s]+)\} from "(\.{1,2}/[^"\n]+\.js)";$', re.M)
_EXPORT = re.compile(r"^export (?=(?:function|class|const) ([\w$]+))", re.M)


class ScriptError(ValueError):
    """A module that cannot be joined: which, and why."""


def joined(entry: Path) -> str:
    """The script of a module and of those it imports, each once and before who needs it.

    Raises ScriptError: a circle, a name that its module does not export, or a form that is not in this module's
    docstring; OSError: a module that is not there.
    """
    modules: dict[Path, _Module] = {}
    text = _added(entry.resolve(), modules, ())
    return "\n".join([*(module.text for module in modules.values()), text])


class _Module:
    """A joined module: the const that holds its exports, their names, and its text."""

    def __init__(self, path: Path, place: int, text: str) -> None:
        self.name = f"${place}_{re.sub(r'[^0-9A-Za-z]', '_', path.stem)}"
        self.exports = [found[1] for found in _EXPORT.finditer(text)]
        body = _EXPORT.sub("", text)
        _refuse(path, body, "export")
        self.text = f"const {self.name} = (() => {{\n{body}\nreturn {{ {', '.join(self.exports)} }};\n}})();"


def _added(path: Path, modules: dict[Path, _Module], above: tuple[Path, ...]) -> str:
    """The text of a module with its imports replaced, after what it imports was added to the modules."""
    if path in above:
        raise ScriptError(" imports ".join(one.name for one in (*above[above.index(path) :], path)) + ": a circle")

    def replaced(found: re.Match[str]) -> str:
        other = (path.parent / found[2]).resolve()
        if other not in modules:
            text = _added(other, modules, (*above, path))
            modules[other] = _Module(other, len(modules), text)
        names = [name.strip() for name in found[1].split(",") if name.strip()]
        if missing := sorted(set(names) - set(modules[other].exports)):
            raise ScriptError(f"{path.name} imports {', '.join(missing)}, which {other.name} does not export")
        return f"const {{ {', '.join(names)} }} = {modules[other].name};"

    text = _IMPORT.sub(replaced, path.read_text(encoding="utf-8"))
    _refuse(path, text, "import")
    return text


def _refuse(path: Path, text: str, word: str) -> None:
    if left := re.search(rf"^{word}\b.*$", text, re.M):
        raise ScriptError(
            f"{path.name} cannot be joined, see sqid_ui/parts/browser/joined.py for the forms it may use: {left[0]}"
        )
