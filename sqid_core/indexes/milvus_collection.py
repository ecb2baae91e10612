"""A collection of Milvus: a row a product, a vector field a signal, and what filters ask of a product."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ..extras import needs
from ..types import Bools, Floats, Vectors
from .milvus_server import BUILDING, MilvusServer
from .protocol import IndexSpec

# The kinds of index, by what Milvus calls them.
HNSW, FLAT = "milvus-hnsw", "milvus-flat"
MILVUS_TYPES = {HNSW: "HNSW", FLAT: "FLAT"}
# As many as Milvus allows where nobody configured another number.
MOST_FIELDS = 4
# A message holds 64 MB.
_BYTES_AT_ONCE = 16_000_000
_INT64, _INT32, _DOUBLE, _BOOL, _VECTOR = "INT64", "INT32", "DOUBLE", "BOOL", "FLOAT_VECTOR"


@dataclass(frozen=True, eq=False)
class FilteredColumns:
    """What filters ask of each product: codes (N,) of category and brand, -1 for none; price, nan for none; whether
    there is a picture."""

    category: npt.NDArray[np.int32] = field(repr=False)
    brand: npt.NDArray[np.int32] = field(repr=False)
    price: Floats = field(repr=False)
    picture: Bools = field(repr=False)

    @classmethod
    def without(cls, count: int) -> FilteredColumns:
        """Of products of which nothing is known."""
        none = np.full(count, -1, np.int32)
        return cls(none, none, np.full(count, np.nan), np.zeros(count, bool))


def field_of(signal: str) -> str:
    """The vector field of a signal: its name may hold what a field's may not."""
    return f"v{hashlib.sha256(signal.encode()).hexdigest()[:12]}"


def presence_of(vectors: str) -> str:
    """The field that says whether a product has a vector."""
    return f"has_{vectors}"


def holds(server: MilvusServer, collection: str, count: int) -> bool:
    """Whether a collection is there, and whole. Raises ServerError."""

    def look(client: Any) -> bool:
        if not client.has_collection(collection, timeout=BUILDING):
            return False
        client.load_collection(collection, timeout=BUILDING)
        found = client.query(collection, filter="", output_fields=["count(*)"], timeout=BUILDING)
        return bool(found) and int(found[0]["count(*)"]) == count

    return server.asked(look)


def drop(server: MilvusServer, collection: str) -> None:
    """Takes a collection away, where it is there. Raises ServerError."""
    server.asked(lambda client: client.drop_collection(collection, timeout=BUILDING))


def make_collection(
    server: MilvusServer,
    collection: str,
    signals: Mapping[str, tuple[Vectors, Bools]],
    columns: FilteredColumns,
    spec: Mapping[str, IndexSpec],
    added: Callable[[int], None] = lambda _: None,
) -> None:
    """Writes a collection anew. signals: (N, D) unit rows and (N,) which are present, by signal; spec: of each one's
    index. added: is told after each step how many products it added.

    Raises ServerError. What is left after that is not `holds`.
    """
    drop(server, collection)
    server.asked(lambda client: _create(client, collection, spec))
    fields = {field_of(name): arrays for name, arrays in signals.items()}
    width = sum(4 * vectors.shape[1] for vectors, _ in fields.values())
    step = max(_BYTES_AT_ONCE // width, 1)
    count = len(columns.price)
    for start in range(0, count, step):
        rows = _rows(fields, columns, range(start, min(start + step, count)))
        server.asked(partial(_insert, collection=collection, rows=rows))
        added(len(rows))
    server.asked(lambda client: client.flush(collection, timeout=BUILDING))


def _create(client: Any, collection: str, specs: Mapping[str, IndexSpec]) -> None:
    kinds = needs("hosting", "pymilvus").DataType
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", kinds[_INT64], is_primary=True)
    for name in ("category", "brand"):
        schema.add_field(name, kinds[_INT32])
    schema.add_field("price", kinds[_DOUBLE], nullable=True)
    schema.add_field("picture", kinds[_BOOL])
    indexes = client.prepare_index_params()
    for signal, spec in specs.items():
        place = field_of(signal)
        schema.add_field(place, kinds[_VECTOR], dim=spec.dim)
        schema.add_field(presence_of(place), kinds[_BOOL])
        links = {"M": spec.m, "efConstruction": spec.ef_construction} if spec.kind == HNSW else {}
        # Of unit rows the inner product is the cosine; a product without a vector has zeros, and no direction.
        indexes.add_index(place, index_type=MILVUS_TYPES[spec.kind], metric_type="IP", params=links)
    client.create_collection(
        collection, schema=schema, index_params=indexes, consistency_level="Strong", timeout=BUILDING
    )


def _insert(client: Any, collection: str, rows: list[dict[str, Any]]) -> None:
    client.insert(collection, rows, timeout=BUILDING)


def _rows(fields: Mapping[str, tuple[Vectors, Bools]], columns: FilteredColumns, rows: range) -> list[dict[str, Any]]:
    some = slice(rows.start, rows.stop)
    blocks = {
        name: (np.asarray(vectors[some], np.float32), present[some]) for name, (vectors, present) in fields.items()
    }
    return [
        {
            "row": row,
            "category": int(columns.category[row]),
            "brand": int(columns.brand[row]),
            "price": None if np.isnan(columns.price[row]) else float(columns.price[row]),
            "picture": bool(columns.picture[row]),
            **{name: vectors[place] for name, (vectors, _) in blocks.items()},
            **{presence_of(name): bool(present[place]) for name, (_, present) in blocks.items()},
        }
        for place, row in enumerate(rows)
    ]
