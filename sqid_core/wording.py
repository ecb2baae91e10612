"""How values say what they are: one line, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 product`, `2,000 products`."""
    return f"{number:,} {one if number == 1 else many}"


def numbered(number: int, many: str) -> str:
    """The same of a plural noun whose singular is regular: `1 query` and `2,000 queries` of `queries`."""
    one = f"{many[:-3]}y" if many.endswith("ies") else many.removesuffix("s")
    return counted(number, one, many)


def short(text: str, most: int = 40) -> str:
    """A text of at most so many letters, on one line."""
    joined = " ".join(text.split())
    return joined if len(joined) <= most else f"{joined[: most - 1].rstrip()}…"


def listed(texts: Iterable[str], most: int = 40) -> str:
    """Texts with commas between them, the rest as three dots where all would be longer than `most`."""
    found: list[str] = []
    for text in texts:
        if found and len(", ".join([*found, text])) > most:
            return f"{', '.join(found)}, …"
        found.append(short(text, most))
    return ", ".join(found)


def folded(text: Any) -> str:
    """A text without case and with single spaces: what counts as the same name or the same query."""
    return " ".join(text.casefold().split()) if isinstance(text, str) else ""
