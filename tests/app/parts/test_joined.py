"""A component's ES modules as one script: docs/decisions/0014."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

from sqid_ui.parts.browser.joined import ScriptError, joined

APP = ROOT / "sqid_ui"
# What Streamlit is handed; each is a component's first module.
ENTRIES = sorted(path for path in APP.rglob("*.js") if re.search(r"^export default", path.read_text("utf-8"), re.M))


def write(folder: Path, **modules: str) -> Path:
    """Modules by name, in a folder; the path of the one called entry."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "entry.js"


def test_every_module_of_the_app_reaches_the_browser() -> None:
    assert len(ENTRIES) == 14
    scripts = {entry: joined(entry) for entry in ENTRIES}
    for path in set(APP.rglob("*.js")) - set(ENTRIES):
        first = path.read_text("utf-8").splitlines()[0]
        assert any(script.count(first) == 1 for script in scripts.values()), path
    for script in scripts.values():
        assert not re.search(r"^import\b", script, re.M)
        (only,) = re.findall(r"^export .*", script, re.M)
        assert re.fullmatch(r"export default function \((component)?\) \{", only)


@pytest.mark.browser
def test_modules_keep_their_names_to_themselves_and_run_once(browser: Any, tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        entry='import { one } from "./one.js";\nimport {\n  two,\n} from "./two.js";\n'
        "const own = 3;\nexport default function () {\n  return [one(), ...two(), own];\n}\n",
        one='import { count } from "./count.js";\nconst own = 1;\nexport const one = () => own;\ncount.runs += 1;\n',
        two='import { count } from "./count.js";\nclass own {}\ncount.runs += 1;\n'
        "export function two() {\n  return [typeof own, count.runs];\n}\n",
        count="export const count = { runs: 0 };\n",
    )
    page = browser.new_page()
    found = page.evaluate(
        "async text => (await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))).default()",
        joined(entry),
    )
    page.close()
    assert found == [1, "function", 2, 3]


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({"entry": 'import { a } from "./b.js";\n', "b": 'import { c } from "./entry.js";\n'}, "entry.js imports b.js"),
        ({"entry": 'import { a, b } from "./one.js";\n', "one": "export const a = 1;\n"}, "imports b, which one.js"),
        ({"entry": 'import { a as b } from "./one.js";\n', "one": "export const a = 1;\n"}, "imports a as b, which"),
        ({"entry": 'import one from "./one.js";\n', "one": "export const a = 1;\n"}, "import one from"),
        ({"entry": 'import * as one from "./one.js";\n', "one": "export const a = 1;\n"}, "import \\* as one"),
        ({"entry": 'import { a } from "left-pad";\n'}, "left-pad"),
        ({"entry": 'import { a } from "./one.js";\n', "one": "export let a = 1;\n"}, "export let a = 1"),
        (
            {"entry": 'import { a } from "./one.js";\n', "one": "export const a = 1;\nexport default a;\n"},
            "export default",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused_by_name(tmp_path: Path, modules: dict[str, str], message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        joined(write(tmp_path, **modules))


def test_a_module_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        joined(write(tmp_path, entry='import { a } from "./gone.js";\n'))
