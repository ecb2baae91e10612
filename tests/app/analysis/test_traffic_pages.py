"""The pages on a bundle whose queries have weights: each mean says by what it counts, and how many queries that is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysing import frame_with, opened, texts, written
from searching import rerun, widget

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.traffic import effective_number
from sqid_core.evaluation.reports import evaluate, signal_run

pytestmark = pytest.mark.usefixtures("word_encoder")

WEIGHTS = np.array([5.0, 1.0, 0.0, 2.0, 1.0, 9.0, 1.0, 1.0])
WORTH = f"effective number of queries {effective_number(WEIGHTS):.1f} of 7"


@pytest.fixture
def weighted(data_root: Path) -> Dataset:
    def kept(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
        products, queries, judgements = tables
        market = ["de", "us", "de", "us", "us", "de", None, "us"]
        return [products, queries.assign(weight=WEIGHTS, market=market), judgements]

    written(data_root / "weighted", kept)
    return load_bundle(data_root / "weighted")


VIEWS = [
    *(("evaluate", {"view": view}) for view in ("methods", "weight", "per-query", "labels", "missing")),
    ("breakdown", {"group_by": "query length", "and_by": "market"}),
    ("queries", {}),
    ("queries", {"show": "runs"}),
    ("compare", {}),
]


@pytest.mark.parametrize(("page", "link"), VIEWS)
def test_every_mean_says_by_what_it_counts(page: str, link: dict[str, str], weighted: Dataset) -> None:
    at = opened(page, bundle="weighted", **link)
    assert not at.exception
    assert "**per query**" in texts(at)
    assert "per unit of traffic" not in texts(at)
    assert "count" not in at.query_params
    counted = opened(page, bundle="weighted", count="traffic", **link)
    assert not counted.exception
    assert WORTH in texts(counted) or "of the traffic" in texts(counted)
    assert "**per query**" not in texts(counted)
    assert counted.query_params["count"] == "traffic"
    assert "Traffic" not in [warning.value for warning in counted.warning]


def test_the_choice_is_one_for_all_pages(weighted: Dataset) -> None:
    at = opened("evaluate", bundle="weighted")
    widget(at, "count").set_value("traffic")
    rerun(at)
    assert "per unit of traffic" in texts(at)
    for page in ("breakdown", "compare", "queries", "search", "dataset"):
        at.switch_page(f"pages/{page}.py")
        rerun(at)
        assert not at.exception
        assert at.query_params["count"] == "traffic"


def test_the_numbers_are_those_of_the_weights(weighted: Dataset) -> None:
    at = opened("evaluate", bundle="weighted", count="traffic")
    table = frame_with(at, "weight").set_index("method")
    for name in weighted.signals:
        values = evaluate(weighted, signal_run(weighted, name)).values("ndcg")
        assert table.loc[name, "ndcg"] == pytest.approx(np.average(values, weights=WEIGHTS), abs=1e-12)
    assert "effective" in frame_with(at, "detectable")
    assert "effective" not in frame_with(opened("evaluate", bundle="weighted"), "detectable")
    assert f"7, worth {effective_number(WEIGHTS):.1f} by their traffic" in texts(at)
    assert "Means over 7 queries." in texts(at)


def test_a_bundle_without_weights_is_as_it_was(data_root: Path) -> None:
    for page in ("evaluate", "breakdown", "queries", "compare", "dataset", "search"):
        at = opened(page)
        assert not at.exception
        assert "per query**" not in texts(at)
        assert "Means" not in [box.label for box in at.selectbox]


def test_columns_of_ones_own_are_shown_and_filter(weighted: Dataset) -> None:
    at = opened("queries", bundle="weighted", by="market", group="de")
    table = frame_with(at, "query_id")
    assert set(table["market"]) == {"de"}
    assert len(table) == 3
    assert table["traffic"].tolist() == [5.0, 0.0, 9.0]
    groups = frame_with(opened("breakdown", bundle="weighted", group_by="market"), "small")
    assert groups["group"].tolist() == ["de", "us"]
    assert groups["n"].tolist() == [3, 4]
