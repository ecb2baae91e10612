"""What is sent to an engine for a query: a JSON template with the query's words in the places that are marked."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqid_core.errors import InputError

# Ours, those of OpenSearch's comparison of searches, and Quepid's.
QUERY_MARKS = ("{{query}}", "%SearchText%", "%queryText%", "#$query##")
_ID, _TOP = "{{query_id}}", "{{top}}"
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Template:
    """body: JSON with marks in its texts. top: how many products are asked for. sha256: of the body."""

    body: Any = field(repr=False)
    top: int
    sha256: str

    def filled(self, query_id: str, query: str) -> bytes:
        """The request for a query. A text that is {{top}} alone becomes that number."""
        return json.dumps(self._filled(self.body, query_id, query)).encode()

    def _filled(self, value: Any, query_id: str, query: str) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(inner, query_id, query) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, query_id, query) for inner in value]
        if not isinstance(value, str):
            return value
        if value == _TOP:
            return self.top
        # Cut at the marks, so that a query that holds one is not filled again.
        mark = next((each for each in (*QUERY_MARKS, _ID, _TOP) if each in value), None)
        if mark is None:
            return value
        word = query_id if mark == _ID else str(self.top) if mark == _TOP else query
        return word.join(self._filled(part, query_id, query) if part else "" for part in value.split(mark))


def read_template(path: Path, top: int) -> Template:
    """Raises InputError for what is no JSON, and for a template without a place for the query."""
    try:
        content = path.read_bytes()
        body = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is no JSON ({' '.join(str(error).split())[:100]}); expected a request's body"
        ) from None
    text = json.dumps(body)
    if len(content) > _LARGEST or not any(json.dumps(mark)[1:-1] in text for mark in QUERY_MARKS):
        raise InputError(f"{path} has no place for the query; write {QUERY_MARKS[0]} where its words belong")
    return Template(body, top, hashlib.sha256(text.encode()).hexdigest())
