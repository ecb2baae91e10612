"""What a model answered: read with patience for the form, and none for the content.

Prose around the JSON, code fences, a model's thoughts, letters for names in any case: all read. Another scale, two
answers that differ, half an answer without a label: none of these is a judgement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqid_core.bundle.labels import LabelScale
from sqid_core.errors import InputError
from sqid_core.wording import short

LONGEST_EXPLANATION = 4_000
_LONGEST = 40_000
_MOST_TRIES = 400
# Each looks at every letter a bounded number of times, whatever the text.
_THOUGHTS = re.compile(r"\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_LINE = re.compile(r"^[^\w\n]{0,9}label[^\w\n]{0,9}[:=](.{1,300})$", re.IGNORECASE | re.MULTILINE)
# Exact (E) · E: Exact · "E" - Exact
_BOTH = re.compile(r"(.+?)\s*(?:\(\s*(.+?)\s*\)|[:=–—-]\s+(.+))")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0", "", "none", "null")
_LONGEST_LABEL = 450
_WRAPPING = " \t\r\n\"'`*_.“”‘’"


class UnusableError(Exception):
    """An answer that is no judgement; the text says why."""


@dataclass(frozen=True)
class Answer:
    """label: its position in the scale, None for unrateable. explanation: may be ""."""

    label: int | None
    explanation: str = ""


def read_answer(text: str, scale: LabelScale) -> Answer:
    """The judgement in a model's text. Raises UnusableError."""
    if len(text) > _LONGEST:
        raise UnusableError("a very long answer")
    thoughts = _THOUGHTS.match(text)
    said = text[thoughts.end() if thoughts else 0 :].strip()
    if not said:
        raise UnusableError("an empty answer")
    found = [_judgement(each, scale) for each in _objects(said) if {"label", "unrateable"} & each.keys()]
    if not found:
        return Answer(_bare_label(said, scale))
    if len({answer.label for answer in found}) > 1:
        raise UnusableError("two answers that differ")
    return found[-1]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, none inside another, their keys in small letters."""
    decoder = json.JSONDecoder(object_pairs_hook=_small_keys)
    at = text.find("{")
    for _ in range(_MOST_TRIES):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if isinstance(value, dict):
                yield value
        at = text.find("{", end)


def _small_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        small = name.strip().lower()
        if found.get(small, value) != value:
            raise UnusableError("two answers that differ")
        found[small] = value
    return found


def _judgement(said: Mapping[str, Any], scale: LabelScale) -> Answer:
    explanation = clean(said.get("explanation"))
    label = said.get("label")
    if _is_yes(said.get("unrateable")) or _says_unrateable(label, scale):
        return Answer(None, explanation)
    if label is None or label == "":
        raise UnusableError("half an answer, without a label")
    return Answer(_code(label, scale), explanation)


def _is_yes(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES + _NO:
        raise UnusableError(f"unrateable is {short(str(value), 30)!r}")
    return word in _YES


def _says_unrateable(label: Any, scale: LabelScale) -> bool:
    word = label.strip(_WRAPPING).lower() if isinstance(label, str) else ""
    return word == "unrateable" and word not in map(str.lower, scale.names)


def _code(label: Any, scale: LabelScale) -> int:
    """A label's position. A number is one where the scale's names or letters are numbers."""
    if isinstance(label, bool) or not isinstance(label, str | int | float):
        raise UnusableError("a label that is no text")
    found = _known(str(label), scale)
    if found is None:
        raise UnusableError(f"another scale: {short(str(label), 30)!r}")
    return found


def _known(text: str, scale: LabelScale) -> int | None:
    """By name or letter, or by both where they agree."""
    if len(text) > _LONGEST_LABEL:
        return None
    for word in (text, text.strip(_WRAPPING)):
        try:
            return scale.code(word)
        except InputError:
            continue
    both = _BOTH.fullmatch(text.strip(_WRAPPING))
    if both is None:
        return None
    codes = {_known(part, scale) for part in (both[1], both[2] or both[3])}
    return codes.pop() if len(codes) == 1 else None


def _bare_label(text: str, scale: LabelScale) -> int | None:
    """Of an answer without JSON: a label and nothing else, or lines "Label: …" that agree."""
    if _says_unrateable(text, scale):
        return None
    lines = set(_LINE.findall(text)) if "{" not in text else set()
    codes = {_known(line, scale) for line in lines or {text}}
    found = codes.pop() if len(codes) == 1 else None
    if found is None:
        raise UnusableError(
            "half an answer" if text.count("{") > text.count("}") else "no answer of the form asked for"
        )
    return found


def clean(text: Any) -> str:
    """A text that a database holds: no NUL, no half of a pair, no endless length."""
    if not isinstance(text, str):
        return ""
    kept = text.encode("utf-8", "ignore").decode().replace("\0", "").strip()
    return kept if len(kept) <= LONGEST_EXPLANATION else f"{kept[: LONGEST_EXPLANATION - 1]}…"
