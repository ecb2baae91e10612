"""One product: the text that is left on disk, the queries it was judged for, and the products nearest to it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ..bundle.load import Dataset
from ..bundle.signals import DenseSignal
from ..indexes.top_rows import top_rows
from ..types import Positions


def description(dataset: Dataset, row: int) -> str:
    """The product's long text, read from products.parquet now; "" where it has none or the file has gone."""
    try:
        with pq.ParquetFile(dataset.folder / "products.parquet") as table:
            if "description" not in table.schema_arrow.names:
                return ""
            for group in range(table.num_row_groups):
                count = table.metadata.row_group(group).num_rows
                if row < count:
                    text = table.read_row_group(group, columns=["description"]).column(0)[row].as_py()
                    return text.strip() if isinstance(text, str) else ""
                row -= count
    except (OSError, pa.ArrowException):
        return ""
    return ""


def judged_for(dataset: Dataset, row: int) -> list[tuple[int, int]]:
    """(query row, label) of every judgement of a product, the best labels first, then in the bundle's order."""
    judgements = dataset.judgements
    queries, places = np.nonzero(judgements.rows == row)
    labels = judgements.labels[queries, places]
    order = np.lexsort((queries, labels))
    return [(int(query), int(label)) for query, label in zip(queries[order], labels[order], strict=True)]


def nearest(signal: DenseSignal, row: int, k: int) -> list[tuple[int, float]]:
    """(row, cosine) of the k products nearest to one by a signal, best first; none where it lacks the signal."""
    if not signal.present[row]:
        return []
    scores = signal.catalogue_scores(signal.products[row])
    scores[row] = np.nan
    known = np.where(np.isnan(scores), -np.inf, scores)
    rows: Positions = top_rows(known, k)
    return [(int(found), float(scores[found])) for found in rows if np.isfinite(known[found])]
