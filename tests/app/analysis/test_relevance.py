"""Evaluate's setting of which labels count as relevant: numbers, captions, files, links, other bundles."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysing import frame_with, opened, texts

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.exports.heading import labels_line
from sqid_core.reporting.gathering import gather, heading_of
from sqid_core.reporting.sentences import how_measured


def test_the_chosen_labels_are_relevant_in_every_number_and_caption(data_root: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    means = {}
    for link, relevant in (({}, "Exact"), ({"relevant": "Substitute"}, "Substitute")):
        at = opened("evaluate", view="methods", measure="rr", **link)
        table = frame_with(at, "recall@10").set_index("method")
        found = evaluate(dataset.as_relevant(relevant), run_of(dataset, "words_text"), measures=("rr", "recall@10"))
        for name, mean in found.means.items():
            assert table[name]["words_text"] == pytest.approx(mean)
        means[relevant] = table["rr"]["words_text"], table["ndcg"]["words_text"]
        assert ("relevant" in at.query_params) == bool(link)
        said = "Exact and Substitute" if link else "Exact"
        assert f"relevant: {said}" in texts(at)
    assert means["Exact"][0] != means["Substitute"][0]
    assert means["Exact"][1] == means["Substitute"][1]


def test_a_label_of_another_scale_is_not_taken(data_root: Path) -> None:
    del data_root
    at = opened("evaluate", view="methods", relevant="Perfect")
    assert "relevant" in texts(at)
    assert "relevant" not in at.query_params


def test_files_and_reports_say_which_labels_were_relevant(data_root: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    chosen = dataset.as_relevant("Complement")
    assert labels_line(chosen).endswith("; relevant: Exact, Substitute, Complement")
    assert "; relevant" not in labels_line(dataset)
    report = gather(chosen, None, "paper", heading_of(chosen, None, "paper", "2026-01-01"))
    assert "Exact and Substitute and Complement are" in how_measured(report)
    assert "relevant: Exact" in report.heading.labels
