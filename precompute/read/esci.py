"""ESCI's files as a bundle's three tables. Schemas: github.com/amazon-science/esci-data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from precompute.read.raw_files import blank_to_null, numbers, read_batches, read_table, text, words
from sqid_core.errors import InputError

_PRODUCT_FIELDS = ("product_title", "product_brand", "product_color", "product_description", "product_bullet_point")
Reader = Callable[[Any, Path, str], Any]
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
    required = ("query", "query_id", "product_id", "esci_label")
    table = read_table(path, [*dict.fromkeys((*required, *filters))], optional=("split",))
    for column, value in filters.items():
        table = table.filter(pc.equal(words(table[column], path, column), value))
    if not len(table):
        said = ", ".join(f"{column} = {value}" for column, value in filters.items())
        raise InputError(f"{path} has no rows with {said}; choose another --locale, --split or --version")
    frame = pd.DataFrame(
        {
            "query_id": text(table["query_id"], path, "query_id", whole_numbers=True).to_pandas(),
            "query": words(table["query"], path, "query").to_pandas(),
            "product_id": text(table["product_id"], path, "product_id").to_pandas(),
            "label": words(table["esci_label"], path, "esci_label").to_pandas(),
            "split": table["split"].to_pandas() if "split" in table.column_names else wanted.split,
        }
    )
    return _one_row_a_pair(frame, path)


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
    table = read_table(sources, ("query_id", "source"))
    ids = text(table["query_id"], sources, "query_id", whole_numbers=True).to_pandas()
    by_id = pd.Series(table["source"].to_pandas().to_numpy(), index=ids)
    return frame.assign(source=frame["query_id"].map(by_id[~by_id.index.duplicated()]))


def products(path: Path, locale: str, judged: pd.Series, keep_all: bool) -> pd.DataFrame:
    """The catalogue in one locale: the judged products, or all. One product may be sold in several locales.

    Raises InputError where a judged product is missing or an id occurs twice in the locale.
    """
    wanted = pa.array(judged.unique().tolist(), pa.large_string())
    parts = []
    for batch in read_batches(path, ("product_id", "product_title", "product_locale"), _PRODUCT_FIELDS[1:]):
        table = pa.Table.from_batches([batch])
        keep = pc.equal(words(table["product_locale"], path, "product_locale"), locale)
        if not keep_all:
            keep = pc.and_(keep, pc.is_in(text(table["product_id"], path, "product_id"), value_set=wanted))
        parts.append(table.filter(keep))
    if not parts:
        raise InputError(f"{path} has no rows; expected ESCI's products")
    table = pa.concat_tables(parts)
    ids = text(table["product_id"], path, "product_id").to_pandas()
    _check_products(path, locale, ids, judged)
    columns = {name: _optional_text(table, path, name) for name in _PRODUCT_FIELDS}
    return pd.DataFrame(
        {
            "product_id": ids,
            "title": columns["product_title"].fillna(""),
            "brand": columns["product_brand"],
            "color": columns["product_color"],
            "description": _joined(columns["product_description"], columns["product_bullet_point"]),
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
            f"{path} lacks {len(unknown):,} judged products of the locale {locale}, the first being {unknown.iloc[0]}; "
            "use the products file that belongs to the examples"
        )


def _optional_text(table: pa.Table, path: Path, name: str) -> pd.Series:
    if name not in table.column_names:
        return pd.Series([None] * len(table), dtype="object")
    return words(table[name], path, name).to_pandas()


def _joined(first: pd.Series, second: pd.Series) -> pd.Series:
    """Both texts, one a line; null where neither is there."""
    both = (first.fillna("") + "\n" + second.fillna("")).str.strip()
    return both.where(both != "", None)


def with_pictures(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The products with the addresses of an image_urls file; null, nan and "" mean that there is no picture."""

    def addresses(column: Any, path: Path, name: str) -> Any:
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            raise InputError(f"the column {name} of {path} holds {column.type} values; expected addresses")
        return blank_to_null(column, path, name)

    return _with_columns(frame, path, {"image_url": ("image", addresses)})


def with_categories(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The products with category path, price and rating, from a table of those columns; only the category is needed."""
    wanted: dict[str, tuple[str, Reader]] = {
        "category": ("category", blank_to_null),
        "price": ("price", numbers),
        "rating": ("rating", numbers),
        "rating_count": ("rating_count", numbers),
    }
    return _with_columns(frame, path, wanted)


def _with_columns(frame: pd.DataFrame, path: Path, wanted: dict[str, tuple[str, Reader]]) -> pd.DataFrame:
    first, *others = wanted
    table = read_table(path, ("product_id", first), others)
    ids = pd.Index(text(table["product_id"], path, "product_id").to_pandas())
    if not ids.is_unique:
        raise InputError(f"{path} has the product_id {ids[ids.duplicated()][0]} twice; keep one row a product")
    rows = pa.array(ids.get_indexer(frame["product_id"]), pa.int64())
    rows = pc.if_else(pc.less(rows, 0), None, rows)
    present = {column: use for column, use in wanted.items() if column in table.column_names}
    return frame.assign(
        **{name: read(table[column].take(rows), path, column).to_pandas() for column, (name, read) in present.items()}
    )
