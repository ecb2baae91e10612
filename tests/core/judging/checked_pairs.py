"""What every book's pairs must be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sqid_core.bundle.load import Dataset
from sqid_core.judging.books import PAIR_COLUMNS
from sqid_core.judging.drawn import Drawn


def checked(found: Drawn, dataset: Dataset) -> pd.DataFrame:
    """Pairs of this data set, each once, in the columns of a book."""
    pairs = found.pairs
    assert dict(zip(pairs, pairs.dtypes, strict=True)) == {name: np.dtype(kind) for name, kind in PAIR_COLUMNS.items()}
    assert pairs["number"].tolist() == list(range(len(pairs)))
    assert not pairs.duplicated(["query_id", "product_id"]).any()
    assert set(pairs["query_id"]) <= set(dataset.judgements.query_ids)
    assert set(pairs["product_id"]) <= set(dataset.products["product_id"])
    assert (pairs["why"].str.len() > 0).all()
    assert pairs["probability"].notna().all() if found.by_chance else pairs["probability"].isna().all()
    return pairs
