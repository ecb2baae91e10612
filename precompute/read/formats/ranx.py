"""ranx's qrels: one object a file, of each query the grades of its documents."""

from __future__ import annotations

from pathlib import Path

from precompute.read.json_files import objects, plain_text
from precompute.read.plain_table import PlainTable, TextRows
from sqid_core.errors import InputError


def read_ranx_qrels(path: Path) -> PlainTable:
    """query_id, product_id and label of every grade. Raises InputError."""
    rows = TextRows("query_id", "product_id", "label")
    for where, found in objects(path):
        for query, grades in found.items():
            if not isinstance(grades, dict) or any(isinstance(grade, dict | list) for grade in grades.values()):
                raise InputError(f"{where} has no grades of products for the query {query[:80]!r}; expected an object")
            for product, grade in grades.items():
                rows.add(query, product, plain_text(grade))
    return rows.table(path)
