"""Evaluate's view of the fusion in a search engine: its words, what it loses, and why there are none."""

from __future__ import annotations

import json
from pathlib import Path

from analysing import opened, texts

from sqid_core.analysis.engine_loss import engine_loss
from sqid_core.bundle.load import load_bundle
from sqid_core.exports.engines import taken_home
from sqid_core.ranking.fusion import Fusion


def test_the_view_shows_the_request_and_what_it_costs(data_root: Path) -> None:
    at = opened("evaluate", view="engine", norm="min-max", w="0.30")
    fusion, dataset = Fusion(norm="min-max", image_weight=0.3), load_bundle(data_root / "tiny")
    home = taken_home(dataset, fusion, "opensearch")
    assert [json.loads(code.value) for code in at.code] == [*home.requests.values()]
    shown = [metric.value for metric in at.metric]
    found = engine_loss(dataset, fusion, home, "paper")
    assert shown[:2] == [f"{found.ours:.4f}", f"{found.theirs:.4f}"]
    assert "whole catalogue" in texts(at).replace("\\", "")


def test_what_an_engine_has_not_is_a_sentence(data_root: Path) -> None:
    del data_root
    at = opened("evaluate", view="engine", engine="elasticsearch", norm="z-score")
    assert "Elasticsearch does not have the norm z-score" in texts(at).replace("\\", "")
    assert not at.code


def test_a_report_is_made_when_it_is_asked_for(data_root: Path) -> None:
    at = opened("evaluate", view="weight", norm="z-score", w="0.30")
    assert not at.get("download_button") or not any("Report" in each.proto.label for each in at.get("download_button"))
    at.button(key="make-report").click().run()
    labels = [each.proto.label for each in at.get("download_button")]
    assert {"Report", "LaTeX table", "Methods paragraph"} <= {*labels}
    del data_root
