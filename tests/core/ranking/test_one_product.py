from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fixtures import QUERIES

from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.ranking.one_product import description, judged_for, nearest


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


def test_the_queries_a_product_was_judged_for(dataset: Dataset) -> None:
    pairs = {(q, int(r)): int(label) for q in range(len(QUERIES)) for r, label in _slate(dataset, q)}
    for row in range(len(dataset.products)):
        found = judged_for(dataset, row)
        assert dict(found) == {q: label for (q, r), label in pairs.items() if r == row}
        assert [label for _, label in found] == sorted(label for _, label in found)


def _slate(dataset: Dataset, query: int) -> zip:
    mask = dataset.judgements.mask[query]
    return zip(dataset.judgements.rows[query][mask], dataset.judgements.labels[query][mask], strict=True)


def test_the_nearest_products_are_those_of_the_highest_cosine(dataset: Dataset) -> None:
    for name in ("words_text", "words_image"):
        signal = dataset.signals[name]
        row = int(np.flatnonzero(signal.present)[5])
        found = nearest(signal, row, 4)
        cosines = np.where(signal.present, signal.products @ signal.products[row], -2)
        cosines[row] = -2
        assert [r for r, _ in found] == list(np.argsort(-cosines)[:4])
        assert found[0][1] == pytest.approx(float(cosines.max()), abs=1e-6)
    absent = int(np.flatnonzero(~dataset.signals["words_image"].present)[0])
    assert nearest(dataset.signals["words_image"], absent, 4) == []
    assert len(nearest(dataset.signals["words_text"], 0, 500)) == len(dataset.products) - 1


def test_descriptions_are_read_a_row_at_a_time(dataset: Dataset, tmp_path: Path) -> None:
    products = dataset.products.assign(description=None)[
        ["product_id", "title", "brand", "color", "category", "image", "locale"]
    ]
    products["description"] = [f"<b>long</b> text of {product}" for product in products["product_id"]]
    products.loc[3, "description"] = None
    queries = pd.DataFrame({"query_id": ["1"], "query": ["x"], "source": "other"})
    pairs = pd.DataFrame({"query_id": ["1"], "product_id": products["product_id"].iloc[:1], "label": "E"})
    with BundleWriter(tmp_path / "b") as writer:
        writer.write_tables("b", products, queries, pairs, ESCI, {})
    told = load_bundle(tmp_path / "b")
    for row in (0, 2, 59):
        assert description(told, row) == f"<b>long</b> text of {told.products['product_id'].iloc[row]}"
    assert description(told, 3) == ""
    (tmp_path / "b" / "products.parquet").unlink()
    assert description(told, 0) == ""


def test_descriptions_are_found_in_any_group_of_rows(tmp_path: Path) -> None:
    texts = ["a", " b ", "c", None, "", "f", "g"]
    pq.write_table(pa.table({"description": texts}), tmp_path / "products.parquet", row_group_size=2)
    stored = SimpleNamespace(folder=tmp_path)
    assert [description(stored, row) for row in range(7)] == ["a", "b", "c", "", "", "f", "g"]  # type: ignore[arg-type]
    assert description(stored, 7) == ""  # type: ignore[arg-type]
    pq.write_table(pa.table({"title": texts}), tmp_path / "products.parquet")
    assert description(stored, 0) == ""  # type: ignore[arg-type]
