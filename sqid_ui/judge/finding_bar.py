"""Findings where they are made: tags and a note on the query that a page shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from sqid_core.bundle.load import Dataset
from sqid_core.judging.books import TAGS
from sqid_core.judging.findings import own_findings
from sqid_core.judging.rules import may_judge
from sqid_core.judging.store import Judge, Store
from sqid_ui.caches.label_sets import acts_now, reached
from sqid_ui.judge.routes import PREFIX
from sqid_ui.login.who import judge_here
from sqid_ui.parts.browser import mount_of
from sqid_ui.parts.picture_addresses import app_path

_FOLDER = Path(__file__).parent / "finding"


def finding_bar(dataset: Dataset, query_id: str) -> None:
    """Two buttons and what this judge found; nothing for whom no book allows it, or for a typed query."""
    data = reached(lambda store: _data(dataset, store, query_id)) if query_id else None
    if data is not None:
        with st.container(key="finding-bar"):
            mount_of("sqid_finding", _FOLDER / "finding.js", [_FOLDER / "finding.css"])(key="finding", data=data)


def _data(dataset: Dataset, store: Store, query_id: str) -> dict[str, Any] | None:
    judge = judge_here(store)
    where = None if judge is None else _where(dataset, store, judge)
    if judge is None or where is None:
        return None
    acts = acts_now(store, dataset.name)
    own: pd.DataFrame = acts[acts["judge"] == judge.id]
    tags, note = own_findings(own, query_id)
    return {
        "address": app_path(PREFIX),
        "bundle": dataset.name,
        "fingerprint": dataset.manifest.fingerprint,
        "judge": judge.id,
        "number": int(own["number"].max()) if len(own) else 0,
        "query_id": query_id,
        "book": where[0],
        "tags": list(where[1]),
        "found": {"tags": [{"key": key, "value": value} for key, value in tags], "note": note},
    }


def _where(dataset: Dataset, store: Store, judge: Judge) -> tuple[str, tuple[str, ...]] | None:
    """The book that findings of this judge go to and its tags: the newest that shows labels, as this page does; none,
    for whom may judge without one."""
    books = [book for book in store.books(dataset.name) if not book.blind and may_judge(judge, book)]
    if books:
        return books[-1].id, books[-1].tags
    return ("", TAGS) if judge.role in ("judge", "lead") else None
