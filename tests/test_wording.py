"""Numbers with their nouns: `1 query`, wherever a sentence counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from places import ROOT

from sqid_core.wording import numbered

# What a bundle may have one of.
_PLURAL = re.compile(r" (judged )?(queries|products|judgements|pairs|pictures|words|texts|labels|rows|vectors)\b")


def test_one_is_singular() -> None:
    said = [numbered(1, "queries"), numbered(2_000, "queries"), numbered(1, "judged pairs"), numbered(0, "products")]
    assert said == ["1 query", "2,000 queries", "1 judged pair", "0 products"]


def counts(path: Path) -> Iterator[str]:
    """Numbers that are written before a plural without asking how many there are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        for number, text in pairwise(parts):
            if not (isinstance(number, ast.FormattedValue) and isinstance(text, ast.Constant)):
                continue
            spec = ast.unparse(number.format_spec) if number.format_spec else ""
            if spec == "','" and _PLURAL.match(str(text.value)):
                yield f"{ast.unparse(number.value)}{text.value}"


@pytest.mark.parametrize("room", ["precompute", "sqid_core", "sqid_ui", "pages"])
def test_no_sentence_counts_one_as_many(room: str) -> None:
    found = [f"{path.name}: {each}" for path in sorted((ROOT / room).rglob("*.py")) for each in counts(path)]
    assert not found, "say it with sqid_core.wording.numbered or counted"
