"""Where something stands in JSON: the plain part of JSONPath (RFC 9535), names, places, all of a list; no filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqid_core.errors import InputError

_STEP = re.compile(
    r"""\.?(?P<name>[^\W\d][\w-]*)|\[(?P<all>\*)\]|\.(?P<star>\*)|\[(?P<place>\d{1,6})\]|\[(?P<quote>['"])(?P<text>.*?)(?P=quote)\]"""
)


@dataclass(frozen=True)
class JsonPath:
    """text: as it was written. steps: a name, a place in a list, or None for all of it."""

    text: str
    steps: tuple[str | int | None, ...]

    def found(self, value: Any) -> list[Any]:
        """What stands there, in order; nothing where the value is of another form."""
        values = [value]
        for step in self.steps:
            values = [inner for each in values for inner in _inner(each, step)]
        return values


def json_path(text: str, option: str) -> JsonPath:
    """Of a text such as $.hits.hits[*]._id. Raises InputError."""
    rest = text.strip().removeprefix("$")
    steps: list[str | int | None] = []
    while rest:
        match = _STEP.match(rest)
        if match is None:
            break
        if match["place"]:
            steps.append(int(match["place"]))
        else:
            steps.append(match["name"] or match["text"] or None)
        rest = rest[match.end() :]
    if rest or not steps:
        raise InputError(
            f"{option} {text[:80]!r} is no path that is read here; expected names, [0], [*], as in $.hits.hits[*]._id"
        )
    return JsonPath(text, tuple(steps))


def _inner(value: Any, step: str | int | None) -> Iterator[Any]:
    if step is None:
        yield from value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    elif isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield value[step]
    elif isinstance(value, list) and step < len(value):
        yield value[step]
