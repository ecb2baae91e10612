"""Frames of acts as a store gives them, for tests that need no store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from sqid_core.judging.acts import COLUMNS


def said(judge: str, kind: str, pair: str = "q1 p1", value: str = "", **more: Any) -> dict[str, Any]:
    """One act. pair: the query's id and the product's, with a blank between; the query's alone for what is about it."""
    query, _, product = pair.partition(" ")
    return {"judge": judge, "kind": kind, "query_id": query, "product_id": product, "value": value, **more}


def labelled(judge: str, pair: str, label: str, **more: Any) -> dict[str, Any]:
    return said(judge, "label", pair, label, **more)


def acts_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """The acts in the order in which they were stored. What a row does not say: key k1, k2, …, number as stored."""
    filled = []
    for seq, row in enumerate(rows, start=1):
        usual = {"bundle": "tiny", "fingerprint": "f", "book": "", "link": "", "seconds": 4.0, "showing": 1}
        time = pd.Timestamp("2026-11-28", tz="UTC") + pd.Timedelta(seconds=seq)
        filled.append({"seq": seq, "time": time, "number": seq, "key": f"k{seq}", **usual, **row})
    return pd.DataFrame(filled, columns=list(COLUMNS)).astype(dict(COLUMNS))
