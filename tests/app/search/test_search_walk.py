"""A set of queries on the Search page: opened by a link, walked by steps, left, and told of where it is not of this
bundle."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from searching import give, link_of, opened, press, rerun, setting, walk_on
from streamlit.testing.v1 import AppTest

from sqid_core.analysis.query_sets import read_set, write_set
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.ranking.candidates import prepare_slate
from sqid_ui.caches.query_sets import query_set
from sqid_ui.work.pool import TURNS

pytestmark = pytest.mark.usefixtures("word_encoder")
KEY, WIDEST = "search-walk", "preset-widest disagreement~~The widest"


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


def told(at: AppTest) -> dict[str, Any]:
    proto = at.get_by_key(KEY).proto
    return dict(json.loads(proto.mixed.json or proto.json or proto.bytes))


def test_a_set_opens_at_its_first_query_and_every_step_is_in_the_link(dataset: Dataset) -> None:
    ids = query_set(dataset, read_set(WIDEST)).ids
    at = opened(set=WIDEST)
    for place, query_id in enumerate(ids):
        walk_on(at, KEY, place)
        walk = told(at)
        assert (walk["shown"], walk["place"], walk["count"]) == (query_id, place, len(ids))
        assert (walk["name"], walk["done"]) == ("The widest", place + 1)
        assert link_of(at) == {"set": WIDEST} | ({"query": query_id} if place else {})
        near = {each["id"]: each["seen"] for each in walk["near"]}
        assert all(near[each] == (ids.index(each) < place) for each in near if each != query_id)
    # Three presses that came before a run, two of them beyond the end.
    walk_on(at, KEY, len(ids) - 3)
    assert told(at)["shown"] == ids[-3]
    walk_on(at, KEY, len(ids))
    assert told(at)["shown"] == ids[-1]
    again = opened(**link_of(at))
    assert told(again)["place"] == len(ids) - 1


def test_the_fused_weight_does_not_change_a_set_on_the_way(dataset: Dataset) -> None:
    text = "preset-fusion hurts~run-fused%7Ew0.9"
    ids = query_set(dataset, read_set(text)).ids
    at = opened(set=text)
    give(at, "w", 0.1)
    assert told(rerun(at))["count"] == len(ids)


def test_whoever_looks_at_something_else_comes_back_to_where_he_was(dataset: Dataset) -> None:
    ids = query_set(dataset, read_set(WIDEST)).ids
    at = opened(set=WIDEST)
    walk_on(at, KEY, 3)
    give(at, "query_id", "")
    give(at, "text", "blue lamp")
    assert told(rerun(at))["place"] == -1
    walk_on(at, KEY, 4)
    assert (told(at)["shown"], setting(at, "text")) == (ids[3], "")
    press(at, "leave set")
    assert link_of(at) == {"query": ids[3]}
    with pytest.raises(KeyError):
        at.get_by_key(KEY)


def test_a_list_of_another_bundle_is_told_of(dataset: Dataset) -> None:
    at = opened(set="rows-00000000.0-3")
    assert "made in another bundle" in at.warning[0].value
    assert setting(at, "query_id") in dataset.judgements.query_ids
    press(at, "leave broken set")
    assert not at.warning
    assert "set" not in link_of(at)
    nonsense = opened(set="preset-what")
    assert "at their defaults: set." in nonsense.warning[0].value


def test_a_list_of_rows_is_walked_in_its_order(dataset: Dataset) -> None:
    text = f"rows-{dataset.fingerprint[:8]}.5.0-2"
    assert write_set(read_set(text)) == text
    at = opened(set=text)
    assert [each["id"] for each in told(at)["near"]] == [str(dataset.judgements.query_ids[row]) for row in (5, 0, 1, 2)]
    assert told(at)["name"] == "4 queries"


def everything_is_done() -> None:
    """Waits for what is worked out ahead."""
    while TURNS.running() or any(TURNS.waiting().values()):
        time.sleep(0.01)


def test_the_next_board_is_ready_before_it_is_asked_for(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(shown: Dataset, query: int, *rest: Any) -> Any:
        made.append(str(shown.judgements.query_ids[query]))
        return prepare_slate(shown, query, *rest)

    monkeypatch.setattr("sqid_ui.caches.rankings.prepare_slate", counted)
    everything_is_done()  # of the tests before
    st.cache_resource.clear()
    ids = query_set(dataset, read_set(WIDEST)).ids
    at = opened(set=WIDEST)
    everything_is_done()
    assert set(ids[1:3]) <= set(made)
    made.clear()
    walk_on(at, KEY, 1)
    assert told(at)["shown"] == ids[1]
    everything_is_done()
    assert ids[1] not in made
    assert ids[3] in made
