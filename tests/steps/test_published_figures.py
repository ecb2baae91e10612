"""python -m precompute evaluate: published figures beside ours, and when they differ too much."""

from __future__ import annotations

import json

import pytest
from evaluating import as_json

from precompute.__main__ import main
from precompute.report.method_rows import plans
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation import published
from sqid_core.evaluation.published import Published


@pytest.fixture
def published_figures(tiny_bundle, capsys, monkeypatch):
    """A made-up table that the tiny bundle meets, and a bundle of the size that the table is about."""
    figures = {method["name"]: method["ndcg"] for method in as_json(capsys, tiny_bundle)["methods"]}
    pair = ("words_text", "words_image")

    def use(distance=0.001, **changed):
        lines = (
            Published("Random", "random", (), (figures["random"] + distance, None, None)),
            Published("Text", "words_text", pair[:1], (None, figures["words_text"] - distance, None)),
            Published("Both", "weighted 0.9", pair, (None, figures["weighted 0.9"], figures["weighted 0.9"]), 0.9),
            Published("Absent", "sbert_text", ("sbert_text",), (0.1, None, None)),
            Published("Other pair", "weighted 0.9", ("other_text", "words_image"), (0.1, None, None), 0.9),
        )
        counts = load_bundle(tiny_bundle).manifest.counts
        for name, value in ({"PUBLISHED": lines, "COUNTS": counts} | changed).items():
            monkeypatch.setattr(published, name, value)

    return use


def test_published_figures_stand_beside_ours(tiny_bundle, published_figures, capsys):
    published_figures()
    assert [row["name"] for row in as_json(capsys, tiny_bundle)["published"]] == [
        "random",
        "words_text",
        "weighted 0.9",
    ]
    both = as_json(capsys, tiny_bundle)["published"][2]
    assert (both["image_weight"], both["text_weight"], both["agrees"]) == (0.9, 0.1, True)
    assert set(both["published"]) == {"re-run 1", "re-run 2"}
    assert main(["evaluate", str(tiny_bundle)]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Both"))
    assert line.split()[:3] == ["Both", "0.90", "0.10"]


def test_a_figure_too_far_from_the_published_one_is_a_failed_check(tiny_bundle, published_figures, capsys):
    published_figures(distance=0.0021)
    assert main(["evaluate", str(tiny_bundle)]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("TOO FAR") == 2
    assert (
        "2 of 3 figures differ from a published one by more than 0.002: Random by 0.0021, Text by 0.0021" in shown.err
    )


@pytest.mark.parametrize("case", ["other counts", "other gains", "another model"])
def test_what_is_not_comparable_is_not_compared(case, tiny_bundle, published_figures, capsys):
    models = {"words_text": "another-model"}
    published_figures(0.5, **{"other counts": {"COUNTS": {}}, "another model": {"MODELS": models}}.get(case, {}))
    if case == "another model":
        assert main(["evaluate", str(tiny_bundle), "--json"]) == 1
        assert [row["name"] for row in json.loads(capsys.readouterr().out)["published"]] == ["random"]
    else:
        words = ["--gains", "esci-script"] if case == "other gains" else []
        assert "published" not in as_json(capsys, tiny_bundle, *words)


def test_the_published_table_is_sound():
    figures = [figure for line in published.PUBLISHED for figure in line.by_source().values()]
    assert len(figures) == 14 + 20
    assert all(0.74 < figure < 0.86 for figure in figures)
    weights = {f"{plan} {w:g}" for plan, made in plans().items() for w in made.weights}
    assert {line.method for line in published.WEIGHTED} <= weights
    by_name = {(line.method, line.signals[0]): line for line in published.WEIGHTED}
    # The re-run's best: text weights .10 of CLIP and .25 of SBERT.
    assert by_name["weighted 0.9", "clip_text"].by_source() == {"re-run 1": 0.8296}
    assert by_name["weighted 0.75", "sbert_text"].by_source() == {"re-run 1": 0.8402}
