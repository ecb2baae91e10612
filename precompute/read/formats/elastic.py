"""Elasticsearch's and OpenSearch's ranking evaluation (_rank_eval): requests, each with its rated documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from precompute.read.json_files import objects, plain_text
from precompute.read.plain_table import PlainTable, TextRows
from sqid_core.errors import InputError

_ASKED = ("query", "value", "query_text", "query_string")


def is_rank_eval(fields: Mapping[str, Any]) -> bool:
    """Whether an object's fields are those of a ranking evaluation."""
    return "requests" in fields


def read_rank_eval(path: Path) -> PlainTable:
    """query_id, query (the text that is asked for, else the id), product_id and label of every rating.

    Raises InputError.
    """
    rows = TextRows("query_id", "query", "product_id", "label")
    for where, record in objects(path):
        for request in _requests(record, where):
            name = plain_text(request.get("id"))
            if not name or not name.strip():
                raise InputError(f"{where} has a request without an id; every request needs one")
            text = _text(request) or name
            for rated in request.get("ratings") or ():
                rows.add(name, text, *(_field(rated, each, where) for each in ("_id", "rating")))
    return rows.table(path)


def _requests(record: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    requests = record.get("requests")
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise InputError(f"{where} is no ranking evaluation; expected requests, each with an id and ratings")
    for each in requests:
        if not isinstance(each.get("ratings") or [], list):
            raise InputError(f"{where} has a request whose ratings are no list")
        yield each


def _field(rated: Any, name: str, where: str) -> str:
    value = rated.get(name) if isinstance(rated, dict) else None
    text = None if isinstance(value, list | dict) else plain_text(value)
    if not text:
        raise InputError(f"{where} has a rating without {name}; expected _index, _id and rating")
    return text


def _text(request: Mapping[str, Any]) -> str | None:
    """What is asked for: of a template's parameters the only text, else the first text of the query itself."""
    params = request.get("params")
    if isinstance(params, dict):
        texts = [value for value in params.values() if isinstance(value, str) and value.strip()]
        named = [params[name] for name in _ASKED if isinstance(params.get(name), str) and params[name].strip()]
        return next(iter(named or (texts if len(texts) == 1 else [])), None)
    body = request.get("request")
    return next(_asked(body.get("query"), 0), None) if isinstance(body, dict) else None


def _asked(value: Any, depth: int) -> Iterator[str]:
    """Texts that a query asks for, from the outside in: {"match": {"title": "mug"}}, {"query": "mug"}."""
    if depth > 50:
        return
    if isinstance(value, list):
        for each in value:
            yield from _asked(each, depth + 1)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in _ASKED and isinstance(inner, str) and inner.strip():
                yield inner.strip()
            elif name in ("match", "match_phrase", "term") and isinstance(inner, dict):
                yield from (each.strip() for each in inner.values() if isinstance(each, str) and each.strip())
                yield from _asked(list(inner.values()), depth + 1)
            elif isinstance(inner, dict | list):
                yield from _asked(inner, depth + 1)
