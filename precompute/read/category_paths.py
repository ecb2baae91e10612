"""Category paths in one notation, whatever stood between their levels."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqid_core.bundle.departments import SEPARATOR

_PART_NAMES = ("name", "title", "category")
# These stand between levels and nowhere else.
_ALWAYS = re.compile(r"\s*[>›»]\s*")
# These stand in names too ("Arts/Crafts"): they are separators where a whole column uses them throughout.
_THROUGHOUT = ("|", "/")
_WITH_BAR = re.compile(r"\s*[>›»|]\s*")


def one_notation(categories: Sequence[object]) -> list[str | None]:
    """A column of categories with " > " between the levels: for >, › and », and for | or / where every category of the
    column has it and none has another."""
    texts = [each if isinstance(each, str) else None for each in categories]
    there = [text for text in texts if text]
    between = _ALWAYS
    if there and not any(_ALWAYS.search(text) for text in there):
        mark = next((mark for mark in _THROUGHOUT if all(mark in text for text in there)), None)
        between = re.compile(rf"\s*{re.escape(mark)}\s*") if mark else _ALWAYS
    return [None if text is None else _joined(between.split(text)) for text in texts]


def category_path(value: Any) -> str | None:
    """A category as a path from wide to narrow, whatever it was written as: a text with > between the levels, a list of
    names, a list of such lists (the first counts), or objects with a name. None where nothing is left."""
    return _joined(_parts(value))


def _joined(parts: Sequence[str]) -> str | None:
    bare = [html.unescape(part).strip() for part in parts]
    return SEPARATOR.join(part for part in bare if part) or None


def _parts(value: Any) -> list[str]:
    if isinstance(value, str):
        # JSON can hold half of a character that needs two, as in a text that was cut off; Parquet cannot.
        return _WITH_BAR.split(value.encode("utf-8", "replace").decode())
    if isinstance(value, Mapping):
        return _parts(next((value[name] for name in _PART_NAMES if name in value), None))
    if isinstance(value, list) and value:
        if isinstance(value[0], list):
            return _parts(value[0])
        return [part for item in value for part in _parts(item)]
    return []
