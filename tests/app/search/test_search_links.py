"""The Search page's link: it reproduces every setting, follows every control, and nonsense in it falls back."""

from __future__ import annotations

from pathlib import Path

import pytest
from searching import give, link_of, opened, rerun, setting, shown_ids, widget

pytestmark = pytest.mark.usefixtures("word_encoder")


def test_a_link_reproduces_every_setting(data_root: Path) -> None:
    settings = {
        "query": "02",
        "w": "0.73",
        "method": "rrf",
        "missing": "worst",
        "scope": "catalogue",
        "k": "10",
        "gains": "esci-script",
    }
    at = opened(**settings)
    assert link_of(at) == settings
    assert not at.warning
    assert len(shown_ids(at, "fused")) == 10
    assert setting(at, "w") == 0.73


def test_changing_controls_writes_the_link(data_root: Path) -> None:
    at = opened()
    give(at, "w", 0.25)
    rerun(at)
    widget(at, "method").set_value("max")
    rerun(at)
    link = link_of(at)
    assert (link["w"], link["method"], link["norm"]) == ("0.25", "max", "min-max")
    again = opened(**link)
    assert shown_ids(again, "fused") == shown_ids(at, "fused")


def test_a_widget_ahead_of_its_address_counts_and_one_behind_another_does_not(data_root: Path) -> None:
    at = opened(query="00")
    widget(at, "query_id").set_value("01")
    rerun(at)
    at.query_params["query"] = "00"  # the browser has not heard yet
    widget(at, "query_id").set_value("02")
    rerun(at)
    assert link_of(at) == {"query": "02"}
    rerun(at)
    at.query_params["query"] = "01"  # somebody goes back, and at once once more
    rerun(at)
    at.query_params["query"] = "00"
    widget(at, "query_id").set_value("02")
    rerun(at)
    assert link_of(at) == {"query": "00"}


def test_nonsense_in_every_parameter_falls_back_and_says_so(data_root: Path) -> None:
    nonsense = {
        "query": "nope",
        "w": "nan",
        "method": "vote",
        "norm": "softmax",
        "missing": "?",
        "scope": "web",
        "k": "-1",
        "gains": "mine",
        "bundle": "../../etc",
    }
    at = opened(**nonsense)
    text = " ".join(warning.value for warning in at.warning)
    assert all(name in text for name in set(nonsense) - {"bundle"})
    assert "bundle that is not here" in text
    assert shown_ids(at, "fused") == shown_ids(opened(), "fused")
    assert link_of(at) == {}


@pytest.mark.parametrize("weight", ["1e400", "-0.1", "1.01", "", "0,5", "½"])
def test_impossible_weights_fall_back(data_root: Path, weight: str) -> None:
    at = opened(w=weight)
    assert setting(at, "w") == 0.5
    assert "w" in at.warning[0].value


def test_max_without_a_norm_gets_one(data_root: Path) -> None:
    at = opened(method="max", norm="none")
    assert widget(at, "norm").value == "min-max"
    assert "norm" in at.warning[0].value


def test_leaving_the_page_and_coming_back_keeps_the_settings(data_root: Path) -> None:
    at = opened(query="03", w="0.81")
    before = shown_ids(at, "fused")
    at.switch_page("pages/about.py").run()
    at.query_params.clear()
    at.switch_page("pages/search.py").run()
    assert not at.exception
    assert shown_ids(at, "fused") == before
    assert link_of(at) == {"query": "03", "w": "0.81"}
