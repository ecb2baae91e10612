"""The queue's sums by category and by cause, and what they leave of it."""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from analysing import opened as opened_by
from searching import link_of, press, widget
from streamlit.testing.v1 import AppTest

from sqid_core.analysis.groupings import categories
from sqid_core.analysis.loss_causes import CauseShares
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.ranking.fusion import Fusion
from sqid_ui.compare import queue_filters

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


opened = partial(opened_by, "compare")


def queue(at: AppTest) -> dict[str, Any]:
    """None of it where the filters leave nothing."""
    if any("left by the filters" in each.value for each in at.caption):
        return {"id": [], "shown": ""}
    proto = at.get_by_key("compare-queue").proto
    return dict(json.loads(proto.mixed.json or proto.json or proto.bytes))


def losses(dataset: Dataset) -> dict[str, float]:
    """The queries on which the fused run loses against the text, by how much."""
    text, fused = (
        evaluate(dataset, run_of(dataset, run)).per_query["ndcg"].to_numpy() for run in ("words_text", Fusion())
    )
    ids = map(str, dataset.judgements.query_ids)
    return {query_id: change for query_id, change in zip(ids, fused - text, strict=True) if change < 0}


def test_the_causes_are_summed_when_asked_and_filter_the_queue(dataset: Dataset) -> None:
    at = press(opened(), "sum by cause")
    options = widget(at, "cause").options
    sums = [float(option.split(" · ")[1].replace("−", "-")) for option in options]
    counts = [int(option.split(" · ")[2]) for option in options]
    wanted = losses(dataset)
    assert sum(counts) == len(wanted)
    seen: list[str] = []
    for option, count in zip(options, counts, strict=True):
        name = option.split(" · ")[0]
        left = opened(cause=name)
        assert link_of(left) == {"cause": name}
        found = queue(left)
        assert len(found["id"]) == count
        assert found["shown"] in ("", *found["id"][:1])
        seen += found["id"]
    assert sorted(seen) == sorted(wanted)
    assert sum(sums) <= 0


def test_a_category_filters_the_queue_and_walking_stays_in_it(dataset: Dataset) -> None:
    ids, names = list(map(str, dataset.judgements.query_ids)), categories(dataset)
    wanted = losses(dataset)
    category = names[ids.index(next(iter(wanted)))]
    left = [query_id for query_id in sorted(wanted, key=wanted.__getitem__) if names[ids.index(query_id)] == category]
    at = opened(category=str(category))
    assert queue(at)["id"] == left
    option = next(each for each in widget(at, "category").options if each.startswith(f"{category} · "))
    assert option == f"{category} · −{-sum(wanted[each] for each in left):.3f} · {len(left)}"


def test_a_link_to_a_cause_shows_the_page_while_the_causes_are_summed(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    summed, sums = threading.Event(), queue_filters.cause_shares

    def slow(*asked: Any) -> CauseShares:
        assert summed.wait(60)
        return sums(*asked)

    monkeypatch.setattr("sqid_ui.caches.jobs._SMALL", 0)
    monkeypatch.setattr(queue_filters, "cause_shares", slow)
    at = opened(cause="Image")
    assert [each.label for each in at.metric][:2] == ["A · mean NDCG", "B · mean NDCG"]
    with pytest.raises(KeyError):
        at.get_by_key("compare-queue")
    assert any("Summing the causes" in each.value for each in at.caption)
    summed.set()
    deadline = time.monotonic() + 60
    while any("Summing the causes" in each.value for each in at.caption) and time.monotonic() < deadline:
        at.run()
    assert queue(at)["id"]


def test_an_unknown_cause_filters_nothing(dataset: Dataset) -> None:
    assert sorted(queue(opened(cause="the moon"))["id"]) == sorted(losses(dataset))
