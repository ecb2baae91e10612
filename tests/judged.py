"""Acts and books for tests of judging."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sqid_core.judging.acts import Act
from sqid_core.judging.books import PAIR_COLUMNS, Book


def act(key: str, kind: Any = "label", **other: Any) -> Act:
    return Act(key, kind, **{"number": 1, "query_id": "q", "product_id": "p", "value": "Exact", **other})


def book(id_: str = "b", **other: Any) -> Book:
    return Book(id_, **{"name": "Shoes", "bundle": "demo", "fingerprint": "f", "source": "at random", **other})


def pairs(count: int) -> pd.DataFrame:
    """Pairs of a book, every other without a probability."""
    numbers = np.arange(count)
    columns = {
        "number": numbers,
        "query_id": [f"q{i // 20}" for i in numbers],
        "product_id": [f"p{i}" for i in numbers],
        "probability": np.where(numbers % 2, 0.1, np.nan),
        "stratum": ["shoes"] * count,
        "why": [f"rank {i} of fused" for i in numbers],
    }
    return pd.DataFrame({name: pd.Series(columns[name], dtype=kind) for name, kind in PAIR_COLUMNS.items()})
