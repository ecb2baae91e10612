"""The analysis pages on bundles of every kind: other tables, other grades, one signal or none, hostile texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from analysing import PAGES, frame_with, opened, texts, written
from fixtures import THREE, build_tiny_bundle
from searching import widget

pytestmark = pytest.mark.usefixtures("word_encoder")


def without_categories(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    return [products.drop(columns=["category", "brand"]), queries.drop(columns="source"), judgements]


def twelve_products(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    kept = judgements[judgements["query_id"] == "00"].head(12)
    return [products[products["product_id"].isin(kept["product_id"])], queries.head(1), kept]


def no_best_label(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    return [products, queries, judgements.assign(label=judgements["label"].replace("E", "S"))]


def no_gain(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    return [products, queries, judgements.assign(label="I")]


def other_grades(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    return [
        products,
        queries,
        judgements.assign(label=judgements["label"].map({"E": "G", "S": "F", "C": "B", "I": "B"})),
    ]


def categories_of_unjudged(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    judgements = judgements[judgements["product_id"] != products["product_id"].iloc[0]]
    judged = products["product_id"].isin(judgements["product_id"])
    return [products.assign(category=products["category"].where(~judged)), queries, judgements]


def nothing_judged(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    products, queries, judgements = tables
    return [products, queries, judgements.head(0)]


KINDS: dict[str, tuple[Callable[[list[pd.DataFrame]], list[pd.DataFrame]], Any]] = {
    "no categories": (without_categories, None),
    "twelve products": (twelve_products, None),
    "no best label": (no_best_label, None),
    "no gain at all": (no_gain, None),
    "other grades": (other_grades, THREE),
    "categories of unjudged products alone": (categories_of_unjudged, None),
    "nothing judged": (nothing_judged, None),
}
VIEWS: dict[str, list[dict[str, str]]] = {
    "queries": [{}, {"map": "density"}, {"show": "runs"}],
    "evaluate": [{}, {"view": "weight"}, {"view": "per-query"}, {"view": "labels"}, {"view": "missing"}],
    "breakdown": [{}, {"and_by": "query length"}],
    "dataset": [{}, {"details": "labels"}, {"details": "pictures"}, {"details": "manifest"}],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_view_works_for_a_bundle_with(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "data" / "other", *KINDS[kind])
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    for page, links in VIEWS.items():
        for link in links:
            at = opened(page, **link)
            assert not at.error, (page, link)
            assert texts(at)


@pytest.mark.parametrize("modality", ["text", "image"])
def test_every_page_works_with_one_signal(modality: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_bundle(tmp_path / "data" / "one", modalities=(modality,))
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    for page in PAGES:
        at = opened(page)
        assert not at.error, page
        assert not at.slider, page
    assert widget(opened("evaluate", view="labels"), "view").value == "labels"
    assert modality in frame_with(opened("queries"), "query_id")


@pytest.mark.parametrize("page", PAGES)
def test_a_bundle_without_signals_names_the_command(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_bundle(tmp_path / "data" / "raw", modalities=())
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    at = opened(page)
    assert "python -m precompute encode" in texts(at) + "".join(code.value for code in at.code)


def test_strangers_texts_are_only_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hostile(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
        products, queries, judgements = tables
        bad = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) `c` $x$"
        return [products.assign(category=bad, brand=bad), queries.assign(source=bad, query=bad), judgements]

    written(tmp_path / "data" / "odd", hostile)
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    for page in PAGES:
        assert "<img" not in texts(opened(page)).replace("\\<img", "")
