"""BEIR's and MTEB's corpora: _id, title and text, the title often empty or left out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from precompute.read.formats.any_table import any_table
from precompute.read.formats.column_aliases import in_our_names
from precompute.read.plain_table import PlainTable
from sqid_core.wording import counted


def read_corpus(path: Path) -> PlainTable:
    """Products with their text as description; one without a title is called by its text. Raises InputError."""
    table = in_our_names(any_table(path), "products")
    if "description" not in table.names:
        return table
    text = pa.large_string()
    texts = table.table["description"].cast(text)
    titles = table.table["title"].cast(text) if "title" in table.names else pa.nulls(len(texts), text)
    blank = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(titles), ""), True)
    count = int(pc.sum(blank).as_py() or 0)
    if not count:
        return table
    filled = pc.if_else(blank, texts, titles)
    others = table.table.drop_columns(["title"]) if "title" in table.names else table.table
    named = PlainTable(path, others.append_column("title", filled), table.notes)
    return named.with_notes(
        f"{path}: {counted(count, 'product has', 'products have')} no title and the text in its place"
    )
