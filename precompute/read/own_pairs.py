"""Judgements of one's own, whatever they are keyed and graded by, as a bundle has them: by ids, one label a pair."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from precompute.read.formats.recognised import WANDS_LABELS
from precompute.read.plain_table import PlainTable
from precompute.read.raw_files import product_ids, query_ids, trimmed, words
from precompute.read.several_judges import Judging, one_label
from sqid_core.bundle.labels import ESCI, LabelScale, grade_number
from sqid_core.bundle.own_scales import label_scale, number_scale
from sqid_core.errors import InputError
from sqid_core.wording import counted, numbered

Missing = Literal["refuse", "drop"]


@dataclass(frozen=True)
class Wish:
    """How judgements are read. labels: names and gains, None for what the labels say themselves. judging: what becomes
    of several labels a pair. missing: of judgements of products or queries that are not there."""

    labels: str | None = None
    judging: Judging = "refuse"
    missing: Missing = "refuse"


AS_IT_STANDS = Wish()


@dataclass(frozen=True, eq=False)
class Judged:
    """queries: query_id, query. pairs: query_id, product_id, label, each pair once. said: with the judge, where judges
    are kept apart. notes: what was left out or chosen."""

    queries: pd.DataFrame = field(repr=False)
    pairs: pd.DataFrame = field(repr=False)
    scale: LabelScale
    said: pd.DataFrame | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


def judged_pairs(table: PlainTable, queries: pd.DataFrame | None, products: Collection[str], wish: Wish) -> Judged:
    """queries: query_id, query and more, None where the judgements hold the queries' texts. products: all ids.

    Raises InputError for a label that is on no scale, several labels a pair where none is to be chosen, and what is
    missing, unless that is to be dropped.
    """
    path, notes = table.path, list(table.notes)
    said = _said(table)
    if queries is None:
        queries = _queries_of(said, path)
    said = _with_query_ids(said, queries, path)
    said = _with_known_ids(said, {"query_id": set(queries["query_id"]), "product_id": set(products)})
    said, left_out = _without_missing(said, queries, products, wish.missing, path)
    notes += left_out
    scale, own_grades = _scale(said["label"], wish.labels, path)
    if own_grades:
        gains = ", ".join(f"{name} is worth {gain:g}" for name, gain in zip(scale.names, scale.gains(), strict=True))
        notes.append(f"{path}: the grades are the scale: {gains[:300]}; --labels gives others")
    found = one_label(said, scale, wish.judging, own_grades, path)
    if found.pairs.empty:
        raise InputError(f"{path} leaves no judgement; nothing can be measured by it")
    return Judged(queries, found.pairs, found.scale, found.said, (*notes, *found.notes))


def _said(table: PlainTable) -> pd.DataFrame:
    """product_id, label, query_id or query or both, and perhaps judge, as the file has them."""
    by_id = "query_id" in table.names or "query" not in table.names
    required = {
        **({"query_id": query_ids} if by_id else {"query": _texts}),
        "product_id": product_ids,
        "label": _labels,
    }
    optional = {"query": _texts, "judge": trimmed}
    return table.frame(required, {name: read for name, read in optional.items() if name not in required})


def _texts(column: Any, path: Path, name: str) -> pd.Series:
    found = pc.utf8_trim_whitespace(words(column, path, name)).to_pandas()
    if found.isna().any() or (found == "").any():
        raise InputError(f"{path} has a row without {name}; every row needs one")
    return found


def _labels(column: Any, path: Path, name: str) -> pd.Series:
    """Labels as text; numbers such as 2.0 as 2."""
    if pa.types.is_floating(column.type) and pc.all(pc.equal(pc.round(column), column)).as_py():
        column = column.cast(pa.int64())
    return pc.fill_null(words(column, path, name), "").to_pandas()


def _queries_of(said: pd.DataFrame, path: Path) -> pd.DataFrame:
    """A query a text, or an id with its text. Raises InputError where there are no texts, or an id has two."""
    if "query" not in said:
        raise InputError(f"{path} judges queries; say with --queries where their texts are")
    ids = said["query_id"] if "query_id" in said else said["query"]
    found = pd.DataFrame({"query_id": ids, "query": said["query"]}).drop_duplicates(ignore_index=True)
    twice = found["query_id"].duplicated()
    if twice.any():
        raise InputError(f"{path} has two texts for the query {found['query_id'][twice].iloc[0]}; keep one")
    return found


def _with_query_ids(said: pd.DataFrame, queries: pd.DataFrame, path: Path) -> pd.DataFrame:
    """By the text, where judgements have no id. Raises InputError where a text is of two queries."""
    if "query_id" in said:
        return said.drop(columns="query", errors="ignore")
    known = queries[["query_id", "query"]].assign(query=queries["query"].str.strip())
    mine = known[known["query"].isin(said["query"].unique())]
    if mine["query"].duplicated().any():
        text = mine["query"][mine["query"].duplicated()].iloc[0]
        raise InputError(f"{path} judges the query {text[:80]!r} by its text, which two queries have; give their ids")
    ids = dict(zip(mine["query"], mine["query_id"], strict=True))
    # A text that no query has stands for itself, to be missed below.
    return said.assign(query_id=_renamed(said["query"], ids)).drop(columns="query")


def _with_known_ids(said: pd.DataFrame, known: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Ids whose blanks were written %20, as our own qrels have them, as they are."""
    for column, ids in known.items():
        texts = {text: unquote(text) for text in said[column].unique() if "%" in text and text not in ids}
        found = {text: plain for text, plain in texts.items() if plain in ids}
        if found:
            said = said.assign(**{column: _renamed(said[column], found)})
    return said


def _renamed(texts: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """Those that are in `names` by their name there, others as they are; each of them looked up once."""
    return texts.map(lambda text: names.get(text, text)).astype("category")


def _without_missing(
    said: pd.DataFrame, queries: pd.DataFrame, products: Collection[str], missing: Missing, path: Path
) -> tuple[pd.DataFrame, list[str]]:
    gone = {
        "query_id": ~said["query_id"].isin(queries["query_id"]),
        "product_id": ~said["product_id"].isin(list(products)),
    }
    notes = []
    for column, mask in gone.items():
        if not mask.any():
            continue
        ids = said[column][mask]
        what = "queries" if column == "query_id" else "products"
        if missing == "refuse":
            raise InputError(
                f"{path} judges the {column} {ids.iloc[0][:80]!r}, which is not among the {what} "
                f"({counted(int(mask.sum()), 'judgement', 'judgements')} of {ids.nunique():,} such {what}); mend it, "
                "or leave them out with --missing drop"
            )
        notes.append(
            f"{path}: {counted(int(mask.sum()), 'judgement is', 'judgements are')} of "
            f"{numbered(ids.nunique(), what)} that "
            "are not there, and left out"
        )
    return said[~(gone["query_id"] | gone["product_id"])].reset_index(drop=True), notes


def _scale(labels: pd.Series, said: str | None, path: Path) -> tuple[LabelScale, bool]:
    """The scale, and whether the file's own grades are it. Raises InputError for a label that is on none."""
    texts = list(map(str, labels.unique()))
    if said is not None:
        return _on(label_scale(said), texts, path, "mend --labels or the file"), False
    if texts and all(grade_number(text) is not None for text in texts):
        try:
            return number_scale(texts), True
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    wands = label_scale(WANDS_LABELS)
    if "partial" in {text.lower() for text in texts} and all(text.title() in wands.names for text in texts):
        return wands, False
    return _on(ESCI, texts, path, "name your own with --labels"), False


def _on(scale: LabelScale, texts: Collection[str], path: Path, advice: str) -> LabelScale:
    for text in texts:
        try:
            scale.code(text)
        except InputError as error:
            raise InputError(f"{path}: {error}; {advice}") from None
    return scale
