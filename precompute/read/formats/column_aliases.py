"""What others call the columns of products, queries and judgements: by these a table is understood as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from precompute.read.plain_table import PlainTable
from precompute.read.raw_files import bare_name

Role = Literal["products", "queries", "judgements"]

_PRODUCT = ("product_id", "docid", "doc_id", "corpus-id", "corpus_id", "document_id", "docno", "asin", "item_id", "pid")
_QUERY = ("query_id", "query-id", "qid", "q_id", "topic_id")
_OWN_ID = ("_id", "id")
# Ours: theirs, the likeliest first; of BEIR, MTEB, WANDS, ESCI, Quepid, OpenSearch, ranx and TREC's tools.
_NAMES: dict[Role, dict[str, Sequence[str]]] = {
    "products": {
        "product_id": (*_PRODUCT, *_OWN_ID),
        "title": ("title", "product_title", "product_name", "name"),
        "description": ("description", "text", "product_description", "contents", "body"),
        "brand": ("brand", "product_brand"),
        "color": ("color", "product_color", "colour"),
        "category": ("category", "category hierarchy", "category_hierarchy"),
        "locale": ("locale", "product_locale"),
    },
    "queries": {
        "query_id": (*_QUERY, *_OWN_ID),
        "query": ("query", "query text", "query_text", "text", "querytext"),
    },
    "judgements": {
        "query_id": _QUERY,
        "query": ("query", "query text", "query_text", "querytext"),
        "product_id": (*_PRODUCT, "doc id"),
        "label": ("label", "rating", "score", "relevance", "grade", "judgement", "judgment", "esci_label", "rel"),
        "judge": ("judge", "annotator", "rater", "assessor", "worker_id"),
    },
}
NEEDED: dict[Role, Sequence[Sequence[str]]] = {
    "products": (("product_id",), ("title", "description")),
    "queries": (("query_id",), ("query",)),
    "judgements": (("query_id", "query"), ("product_id",), ("label",)),
}


def known_columns(names: Sequence[str], role: Role) -> dict[str, str]:
    """Theirs: ours, of the columns that are known by another name and are not there under ours."""
    by_bare = {bare_name(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for ours, theirs in _NAMES[role].items():
        if ours not in names:
            there = (by_bare[bare_name(each)] for each in theirs if bare_name(each) in by_bare)
            match = next((name for name in there if name not in found and name not in _NAMES[role]), None)
            if match is not None:
                found[match] = ours
    return found


def has_what_is_needed(names: Sequence[str], role: Role) -> bool:
    """Whether a table with these columns of ours can stand for the role."""
    return all(any(each in names for each in either) for either in NEEDED[role])


def in_our_names(table: PlainTable, role: Role) -> PlainTable:
    """The table with the columns under our names, and a note about those that were called otherwise; as it is where
    something that is needed is missing, for what is said of that."""
    mapped = known_columns(table.names, role)
    if not mapped or not has_what_is_needed([mapped.get(name, name) for name in table.names], role):
        return table
    said = ", ".join(f"{theirs} as {ours}" for theirs, ours in mapped.items())
    return table.renamed(mapped).with_notes(f"{table.path}: read {said}")


def our_names(names: Sequence[str], role: Role) -> list[str]:
    """Columns by our names for them, where they have one."""
    mapped = known_columns(names, role)
    return [mapped.get(name, name) for name in names]
