"""Files that others read: each by the schema of those that read it, offline."""

from __future__ import annotations

import pytest
from check_jsonschema import main
from click.testing import CliRunner
from places import ROOT

SCHEMAS = ROOT / "tests" / "schemas"
FILES = {
    "CITATION.cff": "vendor.citation-file-format",
    ".github/dependabot.yml": "vendor.dependabot",
    ".github/ISSUE_TEMPLATE/fault.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/wish.yml": "vendor.github-issue-forms",
    ".github/workflows/lock.yml": "vendor.github-workflows",
    ".github/workflows/receipts.yml": "vendor.github-workflows",
    "deploy/compose.yaml": "vendor.compose-spec",
    ".pre-commit-config.yaml": "pre-commit.json",
    ".devcontainer/devcontainer.json": "devcontainer.json",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_as_its_readers_want_it(name: str) -> None:
    schema = FILES[name]
    known = ["--builtin-schema", schema] if schema.startswith("vendor") else ["--schemafile", str(SCHEMAS / schema)]
    ran = CliRunner().invoke(main, [*known, str(ROOT / name)])
    assert ran.exit_code == 0, ran.output


def test_no_such_file_is_left_out() -> None:
    found = [*(ROOT / ".github").rglob("*.yml"), *(ROOT / ".devcontainer").iterdir()]
    assert {str(path.relative_to(ROOT)) for path in found} <= {*FILES}
