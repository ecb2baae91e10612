"""The three tables of a bundle: their columns, their order, and how a frame is made to conform."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..errors import BundleError, InputError
from ..types import Positions
from .labels import LabelScale

_TEXT, _NUMBER = pa.large_string(), pa.float64()
# A table of at most so many rows is written at once, a longer one in groups.
_AT_ONCE, _ROW_GROUP = 1 << 18, 1 << 16
_PACKED = pa.dictionary(pa.int32(), _TEXT)

# Columns that every bundle has, with their types; a table may hold more. The ids and those in NEVER_NULL hold no null.
PRODUCT_COLUMNS = {
    "product_id": _TEXT,
    "title": _TEXT,
    "brand": _TEXT,
    "color": _TEXT,
    "category": _TEXT,
    "price": _NUMBER,
    "image": _TEXT,
    "description": _TEXT,
    "locale": _TEXT,
}
QUERY_COLUMNS = {"query_id": _TEXT, "query": _TEXT, "source": _TEXT, "split": _TEXT}
JUDGEMENT_COLUMNS = {"query_id": _TEXT, "product_id": _TEXT, "label": _TEXT}
NEVER_NULL = ("product_id", "query_id", "label", "title", "query")
_REQUIRED = {"product_id", "query_id", "label", "title", "query"}


@dataclass(frozen=True, eq=False)
class Tables:
    """A bundle's three tables, all columns. order: (N,) the positions of the products in the order that they are stored
    in, where they do not stand in it; the others do. Put in order they would take their memory once more."""

    products: pa.Table = field(repr=False)
    queries: pa.Table = field(repr=False)
    judgements: pa.Table = field(repr=False)
    order: Positions | None = field(default=None, repr=False)


def is_like(found: pa.DataType, kind: pa.DataType) -> bool:
    """Whether a column of the type `found` reads as one of `kind`; a column of nulls alone, in a file that another
    program wrote, has a type of its own."""
    text = pa.types.is_string(found) or pa.types.is_large_string(found)
    return pa.types.is_null(found) or (text if kind == _TEXT else bool(found == kind))


def tie_keys(ids: Iterable[str]) -> npt.NDArray[np.uint64]:
    """(N,) a hash of each id. Products are stored in its order, so that a lower row is the label-blind tie rule."""
    digests = b"".join(hashlib.blake2b(i.encode(), digest_size=8).digest() for i in ids)
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def conforming(frame: pd.DataFrame, columns: dict[str, pa.DataType], what: str) -> pa.Table:
    """The frame as a table with all `columns` first, in their types, and any others behind them.

    Optional columns that the frame lacks become null; an empty title or query becomes "". Raises InputError.
    """
    missing = [name for name in columns if name in _REQUIRED and name not in frame]
    if missing:
        raise InputError(f"{what} lack the column {missing[0]!r}; they have: {', '.join(map(str, frame.columns))}")
    arrays = {name: _column(frame, name, kind, what) for name, kind in columns.items()}
    others = {
        name: pa.Array.from_pandas(frame[name])
        for name in frame.columns
        if name not in columns and isinstance(name, str)
    }
    return pa.table(arrays | others)


def _column(frame: pd.DataFrame, name: str, kind: pa.DataType, what: str) -> pa.Array:
    if name not in frame:
        return pa.nulls(len(frame), kind)
    values = frame[name]
    is_id = name.endswith("_id")
    is_packed = isinstance(values.dtype, pd.CategoricalDtype)
    values = values.cat.remove_unused_categories() if is_packed else values
    if is_id and pd.api.types.is_numeric_dtype(values.cat.categories if is_packed else values):
        raise InputError(f"the column {name!r} of the {what} was read as numbers; ids are text (some start with 0)")
    if is_id and values.isna().any():
        raise InputError(f"row {int(np.argmax(values.isna()))} of the {what} has no {name}; every row needs one")
    packed = kind == _PACKED
    try:
        array = pa.Array.from_pandas(values, type=None if packed and is_packed else _TEXT if packed else kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InputError(f"the column {name!r} of the {what} is not {kind} throughout ({error})") from None
    if kind == _NUMBER:
        return pa.array(array.to_numpy(zero_copy_only=False), type=kind, from_pandas=True)
    if name in NEVER_NULL and array.null_count:
        array = array.cast(_TEXT).fill_null("")
    return array.dictionary_encode().cast(_PACKED) if packed else array


def unique_ids(table: pa.Table, column: str, what: str) -> list[str]:
    """The ids of a table, in row order; InputError where one occurs twice."""
    ids = table[column].to_pylist()
    index = pd.Index(ids)
    if not index.is_unique:
        raise InputError(
            f"the {column} {index[index.duplicated()][0]!r} occurs twice in the {what}; keep one row an id"
        )
    return ids


def tie_order(ids: Sequence[str]) -> Positions:
    """(N,) the positions of products in the order that they are stored in."""
    return np.argsort(tie_keys(ids), kind="stable")


def in_tie_order(ids: Sequence[str]) -> list[str]:
    """The ids of products in the order that they are stored in."""
    return [ids[place] for place in tie_order(ids).tolist()]


def check_ids(folder: Path, products: pd.DataFrame, queries: pd.DataFrame) -> None:
    """Raises BundleError for an id that is there twice, and for products that are not in the order of `tie_keys`."""
    for frame, column, name in ((products, "product_id", "products"), (queries, "query_id", "queries")):
        if not frame[column].is_unique:
            raise BundleError(f"{folder / name}.parquet has the same {column} twice; build the bundle again")
    keys = tie_keys(products["product_id"])
    if (keys[1:] < keys[:-1]).any():
        raise BundleError(f"{folder / 'products.parquet'} is not in the order of its ids' hashes; import it again")


def pairs_in_order(judgements: pd.DataFrame, scale: LabelScale) -> pa.Table:
    """Judgements sorted by their ids, the label as its letter, each text stored once: see `unpacked`. Raises InputError
    as `conforming`, and for a label that is not on the scale."""
    pairs = conforming(judgements, dict.fromkeys(JUDGEMENT_COLUMNS, _PACKED), "judgements")
    queries, products, labels = (pairs[name].combine_chunks() for name in JUDGEMENT_COLUMNS)
    numbers = _places(queries).astype(np.int64)
    numbers *= len(products.dictionary)
    numbers += _places(products)
    codes = np.array([scale.code(text) for text in labels.dictionary.to_pylist()], dtype=np.int32)
    letters = pa.DictionaryArray.from_arrays(codes[labels.indices.to_numpy()], pa.array(scale.letters, _TEXT))
    pairs = pairs.set_column(2, "label", letters)
    return pairs.take(np.argsort(numbers, kind="stable"))


def unpacked(table: pa.Table) -> pa.Table:
    """Packed columns as the texts themselves."""
    plain = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(plain))


def write_table(table: pa.Table, path: Path, order: Positions | None = None) -> None:
    """A Parquet file of plain columns, a row group at a time. order: (N,) the rows in the order they are written in, as
    they stand if None."""
    rows = _AT_ONCE if len(table) <= _AT_ONCE else _ROW_GROUP
    with pq.ParquetWriter(path, unpacked(table.slice(0, 0)).schema, compression="zstd") as file:
        for start in range(0, max(len(table), 1), rows):
            some = table.slice(start, rows) if order is None else taken(table, order[start : start + rows])
            file.write_table(unpacked(some))


def taken(table: pa.Table, rows: Positions) -> pa.Table:
    """Some rows of a table. pyarrow's own `take` first copies the whole of a column that lies in several chunks."""
    return pa.table({name: _taken(table[name], rows) for name in table.column_names})


def _taken(column: pa.ChunkedArray, rows: Positions) -> pa.Array:
    if column.num_chunks < 2:
        return column.combine_chunks().take(rows)
    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    of_chunk = np.searchsorted(ends, rows, side="right")
    order = np.argsort(of_chunk, kind="stable")
    by_chunk = np.split(rows[order], np.cumsum(np.bincount(of_chunk, minlength=len(ends)))[:-1])
    starts = ends - [len(chunk) for chunk in column.chunks]
    parts = zip(column.chunks, by_chunk, starts, strict=True)
    # No name holds what is joined here: of long texts it would stay beside the result.
    return pa.concat_arrays([chunk.take(some - start) for chunk, some, start in parts]).take(np.argsort(order))


def _places(ids: pa.DictionaryArray) -> npt.NDArray[np.int32]:
    """(P,) where each row's id stands among all of them, sorted."""
    ranks = np.empty(len(ids.dictionary), dtype=np.int32)
    ranks[pc.sort_indices(ids.dictionary).to_numpy()] = np.arange(len(ranks), dtype=np.int32)
    return ranks[ids.indices.to_numpy()]
