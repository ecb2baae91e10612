"""Sets of queries on the analysis pages: made, named and opened on Queries, and grouped alone on Breakdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from analysing import frame_with, texts
from analysing import opened as opened_by
from searching import link_of, rerun
from streamlit.testing.v1 import AppTest

from sqid_core.analysis.query_sets import LONGEST_SET, list_spec, read_set, write_set
from sqid_core.bundle.load import load_bundle
from sqid_ui.caches.query_sets import query_set

pytestmark = pytest.mark.usefixtures("word_encoder")


def opened(page: str, **link: str) -> AppTest:
    """With the ways to walk what is listed in sight."""
    at = opened_by(page, **link)
    at.session_state["walk popover"] = True
    return rerun(at)


def links(at: AppTest) -> dict[str, str]:
    """The set that each link of the page gives, by the link's label."""
    found: dict[str, Any] = {link.proto.label: link.proto.query_string for link in at.get("page_link")}
    return found


def test_what_is_listed_is_handed_on_as_a_set(data_root: Path) -> None:
    from urllib.parse import parse_qs

    at = opened("queries", preset="fusion hurts", w="0.30", find="e")
    listed = frame_with(at, "query_id")["query_id"].tolist()
    handed = parse_qs(links(at)["On Search"])["set"][0]
    assert handed == "preset-fusion hurts~run-fused%7Ew0.3~find-e"
    assert list(query_set(load_bundle(data_root / "tiny"), read_set(handed)).ids) == listed
    at.text_input(key="name of the set").set_value(" My  own ")
    assert parse_qs(links(rerun(at))["On Compare"])["set"][0] == f"{handed}~~My own"
    sorted_ones = opened("queries", sort="-best_weights", pick="02|05|01")
    handed = parse_qs(links(sorted_ones)["On Search"])["set"][0]
    listed = frame_with(sorted_ones, "query_id")["query_id"].tolist()
    assert list(query_set(load_bundle(data_root / "tiny"), read_set(handed)).ids) == listed


def test_a_list_of_ids_becomes_a_set(data_root: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    at = opened("queries", preset="both fail")
    at.text_area(key="ids of a set").set_value("05,02\n07")
    at.button(key="make a set").click()
    rerun(at)
    assert frame_with(at, "query_id")["query_id"].tolist() == ["05", "02", "07"]
    assert link_of(at) == {"set": write_set(list_spec(dataset, ["05", "02", "07"]))}
    again = opened("queries", **link_of(at))
    assert frame_with(again, "query_id")["query_id"].tolist() == ["05", "02", "07"]
    at.text_area(key="ids of a set").set_value("05 nobody")
    at.button(key="make a set").click()
    assert "no judged query" in texts(rerun(at))
    again.button(key="leave set").click()
    assert len(frame_with(rerun(again), "query_id")) == 8


def test_a_broken_set_is_told_of_and_all_queries_are_there(data_root: Path) -> None:
    at = opened("queries", set="rows-00000000.1")
    assert "made in another bundle" in texts(at)
    assert len(frame_with(at, "query_id")) == 8


def test_a_breakdown_is_of_the_set_alone(data_root: Path) -> None:
    at = opened("breakdown", group_by="query length", set="find-mug~~Mugs")
    table = frame_with(at, "n")
    assert dict(zip(table["group"], table["n"], strict=True)) == {"1 word": 1, "2 words": 1}
    assert "The set **Mugs**: 2 queries" in texts(at)
    assert "picked by how they score" in texts(opened("breakdown", set="preset-fusion hurts"))


def test_a_link_that_holds_a_long_choice(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqid_ui.analysis.queries.drawing._NAMED", 2)
    stamp = load_bundle(data_root / "tiny").fingerprint[:8]
    at = opened("queries", pick=f"{stamp}.1-3")
    assert frame_with(at, "query_id")["query_id"].tolist() == ["01", "02", "03"]
    assert link_of(at) == {"pick": f"{stamp}.1-3"}
    assert len(json.dumps(link_of(at))) < LONGEST_SET
