"""ESCI's files as a bundle's three tables. Schemas: github.com/amazon-science/esci-data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from precompute.read.category_files import ADDRESS_NAMES, is_json, read_fields
from precompute.read.raw_files import (
    Reader,
    any_words,
    column_names,
    numbers,
    present_words,
    product_ids,
    query_ids,
    read_frame,
    words,
)
from sqid_core.errors import InputError
from sqid_core.wording import counted

_EXAMPLES = {"query_id": query_ids, "query": any_words, "product_id": product_ids, "esci_label": any_words}
_TEXTS = ("product_description", "product_bullet_point")
_MORE = dict.fromkeys(("product_brand", "product_color", *_TEXTS), any_words)
_NUMBERS = ("price", "rating", "rating_count")
# All columns that ESCI's files have, read or not.
EXAMPLE_COLUMNS = frozenset((*_EXAMPLES, "split", "product_locale", "example_id", "small_version", "large_version"))
PRODUCT_COLUMNS = frozenset(("product_id", "product_title", "product_locale", *_MORE))
SOURCE_COLUMNS = frozenset(("query_id", "source"))
CATEGORY_COLUMNS = frozenset(("product_id", "category", *_NUMBERS))
_VERSIONS = {"small": "small_version", "large": "large_version"}


@dataclass(frozen=True)
class Slice:
    """Which examples to take. version: small, large or all. split: train, test or all. locale: us, es or jp."""

    version: str = "small"
    split: str = "test"
    locale: str = "us"


# What SQID and the paper evaluate.
SMALL_TEST = Slice()


def examples(path: Path, wanted: Slice) -> pd.DataFrame:
    """The judged pairs of a slice: query_id, query, product_id, label, split, all as text; a repeated pair once.

    Raises InputError where the slice is empty or one query id has two texts. A pair with two labels is kept twice,
    for the bundle's writer to refuse.
    """
    filters = {"product_locale": wanted.locale}
    if wanted.split != "all":
        filters["split"] = wanted.split
    if wanted.version != "all":
        filters[_VERSIONS[wanted.version]] = "1"
    only = {column: (value,) for column, value in filters.items()}
    frame = read_frame(path, _EXAMPLES, {"split": any_words}, only)
    if frame.empty:
        said = ", ".join(f"{column} = {value}" for column, value in filters.items())
        raise InputError(f"{path} has no rows with {said}; choose another --locale, --split or --version")
    if "split" not in frame:
        frame["split"] = wanted.split
    return _one_row_a_pair(frame.rename(columns={"esci_label": "label"}), path)


def _one_row_a_pair(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    frame = frame.drop_duplicates(["query_id", "product_id", "label"], ignore_index=True)
    twice = frame.duplicated(["query_id", "product_id"])
    if twice.any():
        pair = frame[twice].iloc[0]
        raise InputError(
            f"{path} judges the product {pair.product_id} twice for the query {pair.query_id}, with two labels; "
            "keep one"
        )
    check_query_texts(frame, path)
    texts = frame.drop_duplicates(["query_id", "query"])
    again = texts["query_id"].duplicated()
    if again.any():
        raise InputError(f"{path} has two texts for the query_id {texts[again].iloc[0].query_id}; ids must be unique")
    return frame


def check_query_texts(frame: pd.DataFrame, path: Path) -> None:
    """Raises InputError where a query (columns query_id, query) has no text."""
    blank = frame["query"].fillna("").str.strip() == ""
    if blank.any():
        raise InputError(f"{path} has no text for the query {frame[blank].iloc[0].query_id}; every query needs one")


def queries(pairs: pd.DataFrame, sources: Path | None) -> pd.DataFrame:
    """One row a query, by id: query_id, query, split and, where there is a sources file, source."""
    frame = pairs.drop_duplicates("query_id")[["query_id", "query", "split"]]
    frame = frame.sort_values("query_id", ignore_index=True)
    if sources is None:
        return frame
    by_id = read_frame(sources, {"query_id": query_ids, "source": any_words}).drop_duplicates("query_id")
    return frame.assign(source=frame["query_id"].map(by_id.set_index("query_id")["source"]))


def products(path: Path, locale: str, judged: pd.Series, keep_all: bool) -> pd.DataFrame:
    """The catalogue in one locale: the judged products, or all. One product may be sold in several locales.

    Raises InputError where a judged product is missing or an id occurs twice in the locale.
    """
    only: dict[str, Collection[str]] = {"product_locale": (locale,)}
    if not keep_all:
        only["product_id"] = judged.unique().tolist()
    required = {"product_id": product_ids, "product_title": any_words}
    frame = read_frame(path, required, _MORE, only, partial(_with_one_description, path))
    for name in _MORE:
        if name not in frame:
            frame[name] = pd.Series([None] * len(frame), dtype="object")
    _check_products(path, locale, frame["product_id"], judged)
    return pd.DataFrame(
        {
            "product_id": frame["product_id"],
            "title": frame["product_title"].fillna(""),
            "brand": frame["product_brand"],
            "color": frame["product_color"],
            "description": frame["product_description"],
            "locale": locale,
        }
    )


def _check_products(path: Path, locale: str, ids: pd.Series, judged: pd.Series) -> None:
    if ids.duplicated().any():
        raise InputError(
            f"{path} has the product_id {ids[ids.duplicated()].iloc[0]} twice in the locale {locale}; keep one"
        )
    unknown = judged[~judged.isin(ids)].drop_duplicates()
    if len(unknown):
        raise InputError(
            f"{path} lacks {counted(len(unknown), 'judged product', 'judged products')} of the locale {locale}, "
            f"the first being {unknown.iloc[0]}; "
            "use the products file that belongs to the examples"
        )


def _with_one_description(path: Path, rows: pa.Table) -> pa.Table:
    """The product_description with the bullet points in its last lines; null where neither is there. Of a large
    catalogue these are nearly all that it holds in memory."""
    names = [name for name in _TEXTS if name in rows.column_names]
    if not names:
        return rows
    texts = [pc.fill_null(words(rows[name], path, name), "") for name in names]
    joined = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*texts, pa.scalar("\n", pa.large_string())))
    described = pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.large_string()), joined)
    return rows.drop_columns(names).append_column(_TEXTS[0], described)


def with_pictures(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The products with the addresses of an image_urls file; null, nan and "" mean that there is no picture.

    ESCI-S's own file is read too: JSON lines with the address in image, of books in img.
    """
    if is_json(path):
        found = read_fields(path, dict.fromkeys(frame["product_id"]), ADDRESS_NAMES)
        return frame.assign(image=frame["product_id"].map(found).astype("object"))
    names = [name for name in ADDRESS_NAMES if name in column_names(path)] or [ADDRESS_NAMES[0]]
    merged = _with_columns(frame, path, {names[0]: _addresses}, dict.fromkeys(names[1:], _addresses))
    image = merged[names[0]]
    for name in names[1:]:
        image = image.where(image.notna(), merged[name])
    return merged.drop(columns=names).assign(image=image)


def with_categories(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The products with category path, price and rating, from a table of those columns; only the category is needed."""
    return _with_columns(frame, path, {"category": present_words}, dict.fromkeys(_NUMBERS, numbers))


def _addresses(column: Any, path: Path, name: str) -> pd.Series:
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        raise InputError(f"the column {name} of {path} holds {column.type} values; expected addresses")
    return present_words(column, path, name)


def _with_columns(
    frame: pd.DataFrame, path: Path, required: dict[str, Reader], optional: Mapping[str, Reader] = MappingProxyType({})
) -> pd.DataFrame:
    """The products, each beside its row of a file; null where the file has none."""
    more = read_frame(path, {"product_id": product_ids, **required}, optional)
    twice = more["product_id"].duplicated()
    if twice.any():
        raise InputError(f"{path} has the product_id {more['product_id'][twice].iloc[0]} twice; keep one row a product")
    return frame.merge(more, "left", "product_id")
