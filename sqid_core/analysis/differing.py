"""What two products of one query differ in, as far as a bundle says it: nothing is concluded from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .query_words import word_spans, words

# Columns that say what a product is, and what people call them.
FIELDS = {"color": "Colour", "material": "Material", "brand": "Brand", "size": "Size"}
NUMBERS, PICTURE = "Number", "Picture"
# A plural is the same word: from so many letters on an s at the end is one.
_PLURAL = 4


def matched_words(query: str, title: str) -> list[tuple[int, int]]:
    """Where the words of a title stand that the query has too, small and capital letters and plurals alike."""
    asked = {_singular(word) for word in words(query)}
    return [(start, end) for word, start, end in word_spans(title) if _singular(word) in asked]


def differences(
    one: Mapping[str, Any], other: Mapping[str, Any], fields: Mapping[str, str] = FIELDS
) -> list[tuple[str, str, str]]:
    """(what, its value of one, of the other) wherever these differ; "" for none.

    one, other: a row of products each. fields: column -> its name for people. Numbers are those of the titles that only
    one of them has.
    """
    found = [(name, _text(one.get(field)), _text(other.get(field))) for field, name in fields.items()]
    numbers = [_numbers(_text(each.get("title"))) for each in (one, other)]
    only = [", ".join(n for n in own if n not in not_own) for own, not_own in (numbers, numbers[::-1])]
    pictures = ["yes" if _text(each.get("image")) else "missing" for each in (one, other)]
    found += [(NUMBERS, only[0], only[1]), (PICTURE, pictures[0], pictures[1])]
    return [(name, a, b) for name, a, b in found if a.casefold() != b.casefold()]


def _numbers(title: str) -> Sequence[str]:
    return list(dict.fromkeys(word for word, _, _ in word_spans(title) if any(letter.isdigit() for letter in word)))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _singular(word: str) -> str:
    return word[:-1] if len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss") else word
