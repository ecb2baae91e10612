"""Tables that are written in groups are the tables that are written at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sqid_core.bundle import tables


@pytest.mark.parametrize("chunks", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 25])
def test_rows_are_taken_across_chunks(chunks: int, count: int) -> None:
    parts = [
        pa.array([None if i % 7 == 3 else f"{part}-{i}" for i in range(9)], pa.large_string()) for part in range(chunks)
    ]
    table = pa.table({"text": pa.chunked_array(parts), "number": np.arange(9 * chunks)})
    rows = np.random.default_rng(0).integers(0, len(table), count)
    taken = tables.taken(table, rows)
    assert taken.schema == table.schema
    assert taken.to_pylist() == [table.to_pylist()[row] for row in rows]


def test_a_table_in_groups_holds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 1000
    table = pa.table({"product_id": [f"p{i}" for i in range(count)], "price": np.arange(count) / 2})
    order = np.random.default_rng(1).permutation(count)
    tables.write_table(table, tmp_path / "whole.parquet", order)
    monkeypatch.setattr(tables, "_AT_ONCE", 500)
    monkeypatch.setattr(tables, "_ROW_GROUP", 64)
    tables.write_table(table, tmp_path / "groups.parquet", order)
    assert pq.ParquetFile(tmp_path / "groups.parquet").num_row_groups == 16
    whole = pq.read_table(tmp_path / "whole.parquet")
    assert pq.read_table(tmp_path / "groups.parquet").equals(whole)
    assert whole["price"].to_pylist() == (order / 2).tolist()


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    empty = pa.table({"product_id": pa.chunked_array([], pa.large_string())})
    tables.write_table(empty, tmp_path / "empty.parquet", np.empty(0, np.int64))
    assert pq.read_table(tmp_path / "empty.parquet").to_pydict() == {"product_id": []}
