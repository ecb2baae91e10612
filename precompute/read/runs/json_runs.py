"""Rankings as JSON: ranx's, and what OpenSearch and Elasticsearch answer, kept by query or one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import Any

from precompute.read.json_files import decoded, plain_text, raw_objects
from precompute.read.runs.ranked import Ranked, Row, number_of
from sqid_core.errors import InputError
from sqid_core.wording import numbered

_QUERY = ("query_id", "q_id", "qid", "id", "query", "query_text", "queryText")
_ANSWER = ("response", "hits", "results", "docs", "documents", "docIds", "products")
_PRODUCT = ("_id", "doc_id", "docid", "docId", "product_id", "id")
_SCORE = ("_score", "score")


def read_json_run(path: Path, queries: Sequence[str]) -> Ranked:
    """A field a query, an object a query, or the answers of one multi-search in the order of the bundle's queries.

    queries: the bundle's query ids. Raises InputError where an answer does not say what it answers.
    """
    return Ranked(_rows(path, queries), "product")


def _rows(path: Path, queries: Sequence[str]) -> Iterator[Row]:
    number = count(1)
    for where, fields in raw_objects(path):
        for query, answer in _answers(where, fields, queries):
            for product, score in _ranking(answer, f"the answer to {query[:80]!r} in {where}"):
                yield next(number), query, product, score


def _answers(where: str, fields: Mapping[str, Any], queries: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Each query with what was answered to it."""
    answers = [name for name in _ANSWER if name in fields]
    asked = [text for name in _QUERY if name in fields and (text := _text(decoded(fields[name], where)))]
    if answers and asked:
        yield asked[0], decoded(fields[answers[0]], where)
    elif "responses" in fields:
        found = decoded(fields["responses"], where)
        if not isinstance(found, list) or len(found) != len(queries):
            held = len(found) if isinstance(found, list) else "no"
            raise InputError(
                f"{where} holds {held} answers that do not say what they answer, "
                f"and the bundle has {numbered(len(queries), 'queries')}; write each with its query_id"
            )
        yield from zip(queries, found, strict=True)
    elif "hits" in fields and "took" in fields:
        raise InputError(f"{where} is one answer that does not say what it answers; write it as {{query_id: answer}}")
    else:
        for query, answer in fields.items():
            yield query, decoded(answer, where)


def _ranking(answer: Any, where: str) -> list[tuple[str, float]]:
    """Products with scores: an object of scores, hits with theirs, or ids in their order. The order of hits is what an
    engine shows; where its scores say otherwise, or some have none, the place counts."""
    if isinstance(answer, dict) and "hits" not in answer:
        inner = next((answer[name] for name in _ANSWER if name in answer), None)
        if inner is not None:
            return _ranking(inner, where)
        return [(product, _score(score, where)) for product, score in answer.items()]
    hits = answer
    while isinstance(hits, dict):
        hits = hits.get("hits")
    if not isinstance(hits, list):
        raise InputError(f"{where} is no ranking; expected hits, ids in their order, or an object of scores")
    found = [_hit(each, where) for each in hits]
    scores = [score for _, score in found]
    falling = all(score is not None for score in scores) and all(
        a >= b for a, b in pairwise(scores) if a is not None and b is not None
    )
    return [
        (product, score if falling and score is not None else float(-place))
        for place, (product, score) in enumerate(found, start=1)
    ]


def _hit(hit: Any, where: str) -> tuple[str, float | None]:
    if isinstance(hit, dict):
        product = next((text for name in _PRODUCT if (text := _text(hit.get(name)))), None)
        score = next((hit[name] for name in _SCORE if hit.get(name) is not None), None)
    else:
        product, score = _text(hit), None
    if not product:
        raise InputError(f"{where} has a hit without an id; expected _id")
    return product, None if score is None else _score(score, where)


def _score(value: Any, where: str) -> float:
    found = number_of(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    if found is None:
        raise InputError(f"{where} has the score {str(value)[:40]!r}; expected a finite number")
    return found


def _text(value: Any) -> str | None:
    text = None if isinstance(value, dict | list) else plain_text(value)
    return text.strip() or None if text else None
