"""The analysis pages as AppTest sees them: opening one by a link, its words and tables, and bundles to open them on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fixtures import build_tiny_bundle
from searching import APP, rerun, row_lists
from streamlit.testing.v1 import AppTest

from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter

PAGES = ("queries", "evaluate", "breakdown", "dataset")


def opened(page: str, **link: str) -> AppTest:
    """A visitor who comes from the About page, with a link."""
    at = AppTest.from_file(APP, default_timeout=120)
    at.switch_page("pages/about.py").run()
    at.query_params.clear()
    for name, value in link.items():
        at.query_params[name.replace("_", "-")] = value
    at.switch_page(f"pages/{page}.py")
    return rerun(at)


def texts(at: AppTest) -> str:
    return "\n".join(
        element.value for kind in (at.markdown, at.caption, at.info, at.warning, at.error) for element in kind
    )


def frame_with(at: AppTest, column: str) -> pd.DataFrame:
    return next(frame for frame in [*(each.value for each in at.dataframe), *row_lists(at)] if column in frame)


def written(folder: Path, keep: Callable[[list[pd.DataFrame]], list[pd.DataFrame]], scale: Any = None) -> None:
    """The tiny bundle with other tables and the same vectors where products are the same."""
    source = build_tiny_bundle(folder.parent.parent / "source")
    tables = keep([pd.read_parquet(source / f"{name}.parquet") for name in ("products", "queries", "judgements")])
    dataset = load_bundle(source)
    with BundleWriter(folder) as writer:
        writer.write_tables(folder.name, *tables, scale or dataset.scale)
    rows = pd.Index(dataset.products["product_id"]).get_indexer(
        pd.read_parquet(folder / "products.parquet")["product_id"]
    )
    queries = pd.Index(dataset.queries["query_id"]).get_indexer(pd.read_parquet(folder / "queries.parquet")["query_id"])
    with BundleWriter(folder) as writer:
        first = dataset.dense_signal("text")
        assert first is not None
        writer.write_encoder(dataset.manifest.encoders["words"], np.ascontiguousarray(first.queries[queries]))
        for name, signal in dataset.signals.items():
            vectors = np.ascontiguousarray(signal.products[rows])  # type: ignore[union-attr]
            writer.write_signal(name, signal.modality, "words", vectors, signal.present[rows])  # type: ignore[union-attr]
