"""Vectors that stay in their file, in more than one block."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sqid_core.indexes.stored_vectors import StoredVectors, products


@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize(("count", "dim"), [(2500, 50), (1024, 7), (3, 40_000)])
def test_blocks_hold_all_rows(tmp_path: Path, kind: type, count: int, dim: int) -> None:
    """The last block is a shorter one, pieces of a block end where they like, a row may be longer than a piece."""
    rng = np.random.default_rng(0)
    rows, query = rng.standard_normal((count, dim)).astype(kind), rng.standard_normal(dim).astype(np.float32)
    (tmp_path / "rows.bin").write_bytes(rows.tobytes())
    stored, whole = StoredVectors(tmp_path / "rows.bin", rows.shape, np.dtype(kind), 0), rows.astype(np.float32)
    np.testing.assert_array_equal(np.concatenate([some.copy() for _, some in stored.blocks()]), whole)
    np.testing.assert_array_equal(stored.dots(query), np.vecdot(whole, query))
    np.testing.assert_allclose(products(stored, query[None])[0], whole @ query, rtol=1e-4, atol=1e-3)


def test_no_rows(tmp_path: Path) -> None:
    (tmp_path / "rows.bin").write_bytes(b"")
    assert StoredVectors(tmp_path / "rows.bin", (0, 8), np.dtype(np.float16), 0).dots(
        np.zeros(8, np.float32)
    ).shape == (0,)
