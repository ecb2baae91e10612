"""Which tables of products, queries and judgements somebody's files are: three files, a folder, or one flat table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from precompute.read.formats.any_table import any_table
from precompute.read.formats.column_aliases import Role, has_what_is_needed, in_our_names, our_names
from precompute.read.formats.recognised import FAMILIES, member, names_of, read_role
from precompute.read.plain_table import PlainTable
from sqid_core.errors import InputError
from sqid_core.wording import counted

_ROLES: tuple[Role, ...] = ("products", "queries", "judgements")
# Of a row that is a pair, what is of the query or of the judgement; all else is of the product.
_OF_THE_PAIR = ("query_id", "query", "label", "judge")


@dataclass(frozen=True)
class OwnFiles:
    """The files, and the folder that holds the pictures' files. Without judgements the queries are kept as they are,
    to be searched for; without queries too it is a catalogue to search in. products may be a folder that holds all of a
    format's files, and the same file as judgements: a flat table of pairs. family: of FAMILIES, "" for what each file's
    content shows. columns: theirs: ours."""

    products: Path
    queries: Path | None = None
    judgements: Path | None = None
    pictures: Path | None = None
    family: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, eq=False)
class OwnTables:
    """The tables under our names. labels: the format's own scale, where it has one."""

    products: PlainTable
    queries: PlainTable | None = None
    judgements: PlainTable | None = None
    labels: str | None = None


def own_tables(files: OwnFiles) -> OwnTables:
    """Raises InputError for what is in no format that is read here, and for --columns that no file has."""
    files = _with_members(files)
    paths = {path for path in (files.products, files.queries, files.judgements) if path is not None}
    if _is_flat(files):
        return _of_flat(files)
    products, queries, judgements = (
        read_role(path, role, files.family, files.columns) if path is not None else None
        for path, role in zip((files.products, files.queries, files.judgements), _ROLES, strict=True)
    )
    _check_columns(files, paths)
    if products is None:
        raise InputError("say with --products where the products are")
    return OwnTables(products, queries, judgements, FAMILIES[files.family].labels if files.family else None)


def _with_members(files: OwnFiles) -> OwnFiles:
    """Where products are a folder, its files of each role that is not named."""
    folder = files.products
    if not folder.is_dir():
        return files
    families = [files.family] if files.family else [name for name, each in FAMILIES.items() if each.members]
    for family in families:
        found = member(folder, "products", family)
        if found is not None:
            queries = files.queries or member(folder, "queries", family)
            judgements = files.judgements or member(folder, "judgements", family)
            return replace(files, products=found, queries=queries, judgements=judgements, family=family)
    raise InputError(
        f"{folder} is a folder without products of a known format; name the files, or give BEIR's or WANDS'"
    )


def _check_columns(files: OwnFiles, paths: set[Path]) -> None:
    if files.columns:
        there = {name for path in paths for name in names_of(path)}
        lost = [name for name in files.columns if name not in there]
        if lost:
            raise InputError(
                f"no file has the column {lost[0]!r} of --columns; there are: {', '.join(sorted(there))[:300]}"
            )


# --- one table of pairs ---


def _is_flat(files: OwnFiles) -> bool:
    """Whether the products' file holds the judgements too: it is named as both, or alone and has all their columns."""
    if files.judgements is not None:
        return files.judgements == files.products
    if files.queries is not None or files.family:
        return False
    names = [files.columns.get(name, name) for name in names_of(files.products)]
    return all(has_what_is_needed(our_names(names, role), role) for role in ("products", "judgements"))


def _of_flat(files: OwnFiles) -> OwnTables:
    """A row a pair: the products once each, and the judgements. What is said of a product first counts."""
    path = files.products
    table = in_our_names(in_our_names(any_table(path).renamed(files.columns), "products"), "judgements")
    _check_columns(files, {path})
    of_product = [name for name in table.names if name not in _OF_THE_PAIR]
    if "product_id" not in table.names:
        return OwnTables(table, None, table)
    ids = pd.Series(table.table["product_id"].to_pylist(), dtype="object")
    rows = table.table.select(of_product)
    once = rows.filter(pa.array(~ids.duplicated().to_numpy()))
    differ = rows.group_by(of_product).aggregate([]).num_rows - once.num_rows
    products = PlainTable(path, once, (*table.notes, f"{path}: a flat table of {counted(len(ids), 'pair', 'pairs')}"))
    if differ > 0:
        products = products.with_notes(
            f"{path}: {counted(differ, 'product is', 'products are')} told in several ways: the first one is taken"
        )
    judged = [name for name in table.names if name in _OF_THE_PAIR]
    judgements = PlainTable(path, table.table.select(["product_id", *judged])).packed()
    queries = None if files.queries in (None, path) else read_role(files.queries, "queries", "", files.columns)
    return OwnTables(products, queries, judgements)
