"""Rankings as tables with named columns: ranx's Parquet, CSV of any program, and ESCI's own rankings, whose rows stand
in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from precompute.read.raw_files import bare_name, column_names, product_ids, query_ids, read_batches, words
from precompute.read.runs.ranked import Ranked, Row, score_of
from sqid_core.errors import InputError

_NAMES = {
    "query": ("query_id", "q_id", "qid", "query-id", "topic_id", "query", "query_text"),
    "product": ("product_id", "doc_id", "docid", "docno", "pid", "corpus-id", "document_id", "doc"),
    "score": ("score", "sim", "similarity", "value"),
    "rank": ("rank", "position", "ranking_position", "doc position"),
}


def is_table_run(names: Sequence[str]) -> bool:
    """Whether a table's columns name a query and a product."""
    return {"query", "product"} <= set(_known(names))


def read_table_run(path: Path, columns: Mapping[str, str]) -> Ranked:
    """By the score, else by the rank, else in the order of the rows. columns: theirs: ours (query_id, product_id,
    score, rank). Raises InputError."""
    names = column_names(path)
    lost = [name for name in columns if name not in names]
    if lost:
        raise InputError(f"{path} has no column {lost[0]!r} of --columns; it has: {', '.join(names)}")
    ours = {columns.get(name, name): name for name in names}
    found = _known(list(ours))
    if not {"query", "product"} <= set(found):
        raise InputError(f"{path} has no columns query_id and product_id; it has: {', '.join(names)}; give --columns")
    theirs = {what: ours[name] for what, name in found.items()}
    by = next((name for name in ("score", "rank") if name in theirs), "")
    note = f"{path}: {theirs['query']} is the query, {theirs['product']} the product, " + (
        f"ordered by {theirs[by]}" if by else "ordered as the rows stand, since there is no score and no rank"
    )
    return Ranked(_rows(path, theirs, by), "row", (note,), whole_esci={*names} == {"product_id", "query_id"})


def _known(names: Sequence[str]) -> dict[str, str]:
    by_bare = {bare_name(name): name for name in reversed(names)}
    matches = {
        what: [by_bare[bare_name(each)] for each in known if bare_name(each) in by_bare]
        for what, known in _NAMES.items()
    }
    return {what: found[0] for what, found in matches.items() if found}


def _rows(path: Path, theirs: Mapping[str, str], by: str) -> Iterator[Row]:
    number = 0
    places: Counter[str] = Counter()
    for batch in read_batches(path, [*dict.fromkeys(theirs[name] for name in ("query", "product", by) if name)]):
        queries = query_ids(batch[theirs["query"]], path, theirs["query"]).tolist()
        products = product_ids(batch[theirs["product"]], path, theirs["product"]).tolist()
        values = words(batch[theirs[by]], path, theirs[by]).to_pylist() if by else [None] * len(queries)
        for query, product, value in zip(queries, products, values, strict=True):
            number += 1
            if not by:
                places[query] += 1
                yield number, query, product, float(-places[query])
                continue
            score = score_of(value or "", f"row {number} of {path}")
            yield number, query, product, -score if by == "rank" else score
