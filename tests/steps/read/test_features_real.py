"""SQID's real query vectors: ids stored as numbers, lengths from 11 to 23, joined with ids that are text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from places import SHARED

from precompute.read.features import SQID_CLIP, read_features

FOLDER = SHARED / "data" / "sqid_mini"
FILE, COLUMN = FOLDER / "query_features.parquet", "clip_text_features"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="../shared/data/sqid_mini is not here")


@pytest.fixture(scope="module")
def raw():
    table = pq.read_table(FILE)
    return table["query_id"].to_numpy(), table[COLUMN].combine_chunks().flatten().to_numpy().reshape(-1, SQID_CLIP.dim)


def test_all_8956_queries_join_as_text(raw):
    ids, vectors = raw
    assert ids.dtype == np.int64
    wanted = pd.read_csv(FOLDER / "queries.csv", dtype=str).iloc[:, 0].tolist()
    found = read_features(FILE, "query_id", (COLUMN,), wanted, SQID_CLIP.dim)[COLUMN]
    assert found.vectors.shape == (8956, 768)
    assert found.present.all()
    lengths = np.linalg.norm(vectors, axis=1)
    assert (lengths.min().round(1), lengths.max().round(1)) == (np.float32(11.2), np.float32(23.0))
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)
    place = {str(query): row for row, query in enumerate(ids)}
    rows = [place[query] for query in wanted]
    np.testing.assert_allclose(found.vectors, vectors[rows] / lengths[rows, None], atol=1e-6)


def test_the_same_from_a_file_with_text_ids(raw, tmp_path):
    ids, _ = raw
    table = pq.read_table(FILE).slice(0, 500)
    texts = table.set_column(0, "query_id", table["query_id"].cast("string"))
    pq.write_table(texts, tmp_path / "text.parquet")
    wanted = [str(query) for query in ids[:500]]
    one, two = (
        read_features(path, "query_id", (COLUMN,), wanted, SQID_CLIP.dim)[COLUMN]
        for path in (FILE, tmp_path / "text.parquet")
    )
    assert two.present.all()
    np.testing.assert_array_equal(one.vectors, two.vectors)
