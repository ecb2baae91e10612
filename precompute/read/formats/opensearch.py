"""OpenSearch's judgement lists as JSON: as they are imported, and as its Search Relevance Workbench gives them back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from precompute.read.json_files import decoded, plain_text, raw_fields, raw_items, raw_objects
from precompute.read.plain_table import PlainTable, TextRows
from sqid_core.errors import InputError
from sqid_core.wording import counted

_LISTS = ("judgmentRatings", "judgmentScores")
_SOURCE = "_source"


def is_judgement_list(fields: Mapping[str, Any]) -> bool:
    """Whether an object's fields are a judgement list's, or those of the answer that holds one."""
    return (
        any(name in fields for name in _LISTS)
        or ("hits" in fields and "took" in fields)
        or (_SOURCE in fields and "_id" in fields)
    )


def read_judgement_list(path: Path) -> PlainTable:
    """query, product_id, label of every rating, as text. Raises InputError."""
    rows = TextRows("query", "product_id", "label")
    unrated = 0
    found = False
    for where, fields in raw_objects(path):
        for held in _lists(fields, where):
            found = True
            for query, ratings in _by_query(held, where):
                for product, label in _ratings(ratings, where):
                    unrated += label is None
                    if label is not None:
                        rows.add(query, product, label)
    if not found:
        raise InputError(f"{path} holds no judgement list of OpenSearch; expected {_LISTS[0]} with queries and ratings")
    notes = [f"{path}: {counted(unrated, 'pair is', 'pairs are')} without a rating and left out"] if unrated else []
    return rows.table(path, *notes)


def _lists(fields: Mapping[str, Any], where: str) -> Iterator[Any]:
    """The lists of ratings, unread, in a list itself, a document of the index that keeps them, or a search's answer."""
    for name in _LISTS:
        if name in fields:
            yield fields[name]
    if _SOURCE in fields:
        yield from _lists(raw_fields(fields[_SOURCE], where), where)
    if "hits" in fields:
        for hit in raw_items(raw_fields(fields["hits"], where).get("hits", b"[]"), where):
            yield from _lists(raw_fields(hit, where), where)


def _by_query(held: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Each query with its ratings: a list of objects, or, in older lists, an object with a field a query."""
    if bytes(held).lstrip().startswith(b"{"):
        for query, ratings in raw_fields(held, where).items():
            yield query, decoded(ratings, where)
        return
    for each in raw_items(held, where):
        found = decoded(each, where)
        fields = found if isinstance(found, dict) else {}
        asked = _scalar(fields.get("query"), where)
        if asked is None or not asked.strip():
            raise InputError(f"{where} has a list of ratings without a query; expected query and ratings")
        yield asked, fields.get("ratings")


def _ratings(ratings: Any, where: str) -> Iterator[tuple[str, str | None]]:
    if not isinstance(ratings, list):
        raise InputError(f"{where} has a query whose ratings are no list; expected docId and rating")
    for each in ratings:
        fields = each if isinstance(each, dict) else {}
        product = _scalar(fields.get("docId", fields.get("doc_id")), where)
        if not product:
            raise InputError(f"{where} has a rating without a docId; every rating needs one")
        yield product, _scalar(fields.get("rating", fields.get("score")), where) or None


def _scalar(value: Any, where: str) -> str | None:
    if isinstance(value, list | dict):
        raise InputError(f"{where} has a list or an object where a docId or a rating was expected")
    return plain_text(value)
