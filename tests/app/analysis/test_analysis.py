"""The analysis pages as AppTest sees them: numbers, links, controls, filters."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from analysing import PAGES, frame_with, opened, texts, written
from fixtures import WordEncoder
from searching import link_of, rerun, widget

from precompute.__main__ import main as precompute
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.metrics import measures
from sqid_core.evaluation.reports import dataset_curves, evaluate, fusion_run, signal_run
from sqid_core.exports.heading import Heading
from sqid_core.exports.tables import Table, csv_of
from sqid_core.ranking.fusion import Fusion
from sqid_ui.settings.setting import choice, flag, number, some, words

pytestmark = pytest.mark.usefixtures("word_encoder")


# --- numbers ---


def test_evaluate_shows_what_the_command_prints(data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert precompute(["evaluate", str(data_root / "tiny"), "--json"]) == 0
    theirs = {line["name"]: line for line in json.loads(capsys.readouterr().out)["methods"]}
    at = opened("evaluate", w="0.25")
    shown = frame_with(at, "ndcg").set_index("method")["ndcg"]
    pairs = {
        "random order": "random",
        "words_text": "words_text",
        "words_image": "words_image",
        "weighted scores, at 0.25": "weighted 0.25",
        "weighted scores, best weight": "weighted best",
        "weighted scores, cross-validated": "weighted cross-validated",
    }
    assert set(shown.index) == set(pairs)
    for ours, name in pairs.items():
        assert shown[ours] == pytest.approx(theirs[name]["ndcg"], abs=1e-9)
    assert at.metric[3].value == f"{theirs['weighted cross-validated']['ndcg']:.4f}"


def test_a_weight_at_a_crossing_has_one_value_on_all_views(data_root: Path) -> None:
    """Ranks tie at .5: what is there is on neither side of it."""
    at = opened("evaluate", method="weighted ranks", norm="z-score", w="0.50")
    rows = frame_with(at, "ndcg").set_index("method")["ndcg"]
    at = opened("evaluate", method="weighted ranks", norm="z-score", w="0.50", view="weight")
    assert at.metric[2].value == f"{rows['weighted ranks, at 0.5']:.4f}"


def test_no_method_is_compared_twice(data_root: Path) -> None:
    at = opened("evaluate", method="weighted ranks", norm="z-score", all="1")
    names = frame_with(at, "p Holm")["method"]
    assert names.is_unique
    assert not names.str.contains(r"ranks \(").any()


def test_a_csv_holds_no_formula() -> None:
    texts = ["=1+1", "-2+3", "@x", "\tx", "a=b", "-0.01 to +0.02", "-3"]
    frame = pd.DataFrame({"query": texts, "ndcg": np.linspace(-1, 1, 7)})
    read = pd.read_csv(io.StringIO(csv_of(Table(frame), Heading("Queries", "Tiny"))), comment="#")
    assert read["query"].tolist() == ["'=1+1", "'-2+3", "'@x", "'\tx", *texts[4:]]
    assert read["ndcg"].tolist() == frame["ndcg"].tolist()


def test_queries_shows_every_run_of_every_query(data_root: Path) -> None:
    at = opened("queries", w="0.70", method="rrf", gains="esci-script")
    dataset = load_bundle(data_root / "tiny")
    shown = frame_with(at, "query_id").set_index("query_id")
    runs = {
        "text": signal_run(dataset, "words_text"),
        "image": signal_run(dataset, "words_image"),
        "fused": fusion_run(dataset, Fusion("rrf", 0.7)),
    }
    for name, run in runs.items():
        expected = evaluate(dataset, run, "esci-script", ("ndcg",)).per_query["ndcg"]
        np.testing.assert_allclose(shown[name], expected.to_numpy(), atol=1e-12)
    curves = dataset_curves(dataset, Fusion("rrf"), "esci-script")
    np.testing.assert_allclose(shown["best"], [curves.curve(q).best.value for q in range(8)])


def test_breakdown_means_are_the_groups_own(data_root: Path) -> None:
    at = opened("breakdown", group_by="colour word", w="0.30")
    dataset = load_bundle(data_root / "tiny")
    values = evaluate(dataset, fusion_run(dataset, Fusion(image_weight=0.3))).per_query["ndcg"].to_numpy()
    shown = frame_with(at, "group").set_index("group")
    assert shown["fused"]["names a colour"] == pytest.approx(values[:7].mean())
    assert shown["fused"]["no colour"] == pytest.approx(values[7])
    assert shown["n"].tolist() == [7, 1]


def test_breakdown_says_which_groups_its_sentence_leaves_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def many(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
        products, queries, judgements = tables
        copies = range(2)
        return [
            products,
            pd.concat([queries.assign(query_id=queries["query_id"] + str(copy)) for copy in copies]),
            pd.concat([judgements.assign(query_id=judgements["query_id"] + str(copy)) for copy in copies]),
        ]

    written(tmp_path / "data" / "many", many)
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    at = opened("breakdown", **{"group-by": "query length"})
    table = frame_with(at, "group").set_index("group")
    assert table["small"].to_dict() == {"1 word": True, "2 words": False}
    assert f"leaves out 1 group of fewer than 10 queries ({table.loc['1 word', 'lift']:+.4f})" in texts(at)


# --- every view, every control ---


@pytest.mark.parametrize("view", ["methods", "weight", "per-query", "labels", "missing"])
@pytest.mark.parametrize("method", ["weighted scores", "max", "embedding average"])
def test_every_view_for_every_kind_of_method(data_root: Path, view: str, method: str) -> None:
    at = opened("evaluate", view=view, method=method)
    assert not at.error
    assert widget(at, "view").value == view
    assert link_of(at).get("view", "methods") == view
    if method == "embedding average" and view == "missing":
        assert "embedding average" in texts(at).lower()


def test_eight_queries_have_no_verdict_and_a_toggle_changes_no_p(data_root: Path) -> None:
    at = opened("evaluate")
    assert "Too few queries for a verdict: 8, and it takes 10." in texts(at)
    before = frame_with(at, "p Holm").set_index("method")
    # Chosen on these queries, or no ranking at all: no p. One comparison with eight queries of which few differ.
    assert before["p"].isna()[["random order", "weighted scores, best weight"]].all()
    assert before["p"].notna()[["words_image", "weighted scores, cross-validated"]].all()
    widget(at, "all").set_value(True)
    rerun(at)
    after = frame_with(at, "p Holm").set_index("method")
    assert len(after) > len(before)
    pd.testing.assert_frame_equal(after.loc[before.index], before)


def test_the_approximate_view_is_there_for_a_bundle_with_an_index(data_root: Path) -> None:
    assert "approximate" not in widget(opened("evaluate"), "view").options
    assert precompute(["index", str(data_root / "tiny"), "--threads", "1"]) == 0
    at = opened("evaluate", view="approximate", ef="32")
    assert at.metric[0].label == "NDCG@10 lost"
    widget(at, "index").set_value("words_image")
    widget(at, "ef").set_value("128")
    rerun(at)
    assert link_of(at) == {"view": "approximate", "index": "words_image", "ef": "128"}


CONTROLS: list[tuple[str, dict[str, str], str, Any]] = [
    ("queries", {}, "w", 0.2),
    ("queries", {}, "method", "rrf"),
    ("queries", {}, "norm", "z-score"),
    ("queries", {}, "missing", "worst"),
    ("queries", {}, "gains", "esci-script"),
    ("queries", {}, "preset", "fusion hurts"),
    ("queries", {}, "find", "lamp"),
    ("queries", {}, "by", "query length"),
    ("queries", {"by": "query length"}, "group", "1 word"),
    ("queries", {}, "colour", "gain"),
    ("queries", {}, "map", "density"),
    ("queries", {}, "show", "runs"),
    ("queries", {"show": "runs"}, "a", "signal~words_image"),
    ("queries", {"show": "runs"}, "b", "signal~words_image"),
    ("evaluate", {}, "k", "5"),
    ("evaluate", {}, "measure", "recall@"),
    ("evaluate", {}, "baseline", "random order"),
    ("evaluate", {}, "all", True),
    ("evaluate", {"view": "per-query"}, "oracle", "category"),
    ("breakdown", {}, "group-by", "brand in the query"),
    ("breakdown", {}, "and-by", "query length"),
    ("breakdown", {}, "lift", "image-text"),
    ("breakdown", {}, "order", "lift"),
    ("dataset", {}, "details", "pictures"),
    ("dataset", {"details": "pictures"}, "least", "0.95"),
    ("dataset", {}, "gains", "esci-script"),
]


@pytest.mark.parametrize(("page", "link", "name", "value"), CONTROLS, ids=[f"{c[0]}-{c[2]}" for c in CONTROLS])
def test_every_control_is_a_link_that_reproduces_it(
    data_root: Path, page: str, link: dict[str, str], name: str, value: Any
) -> None:
    at = opened(page, **link)
    widget(at, name).set_value(value)
    rerun(at)
    assert not at.error
    assert name in link_of(at)
    again = opened(page, **link_of(at))
    assert widget(again, name).value == value
    assert link_of(again) == link_of(at)
    shown = [[each.value for each in kind] for kind in (at.metric, at.markdown)]
    assert [[each.value for each in kind] for kind in (again.metric, again.markdown)] == shown


@pytest.mark.parametrize("page", PAGES)
def test_nonsense_in_a_link_falls_back_and_says_so(data_root: Path, page: str) -> None:
    names = (
        "view w method norm missing gains k measure baseline all preset by group-by and-by details least show a pick"
    )
    at = opened(page, **dict.fromkeys(names.split(), "]nonsense["))
    assert "did not know" in texts(at) or "does not know" in texts(at)
    assert link_of(at) == {}
    assert "nonsense" not in texts(rerun(at))


def test_settings_are_shared_between_the_pages(data_root: Path) -> None:
    at = opened("evaluate", w="0.81", method="weighted ranks")
    at.query_params.clear()
    at.switch_page("pages/breakdown.py")
    rerun(at)
    assert (widget(at, "w").value, widget(at, "method").value) == (0.81, "weighted ranks")
    assert link_of(at) == {"w": "0.81", "method": "weighted ranks"}


def test_changing_the_weight_works_out_no_curve_again(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqid_ui.caches import measuring as resources

    calls: list[Fusion] = []
    real: Callable[..., Any] = resources.dataset_curves
    monkeypatch.setattr(resources, "dataset_curves", lambda *a, **k: calls.append(a[1]) or real(*a, **k))
    at = opened("evaluate")
    first = len(calls)
    for weight in (0.1, 0.9):
        widget(at, "w").set_value(weight)
        rerun(at)
    assert (first, len(calls)) == (1, 1)


# --- filters of the Queries page ---


def test_presets_filters_and_search_narrow_the_list(data_root: Path) -> None:
    everything = frame_with(opened("queries"), "query_id")
    assert len(everything) == 8
    assert frame_with(opened("queries", find="LAMP"), "query_id")["query"].tolist() == ["blue lamp"]
    assert frame_with(opened("queries", find="07"), "query_id")["query"].tolist() == ["mug"]
    assert frame_with(opened("queries", by="query length", group="1 word"), "query_id")["query"].tolist() == ["mug"]
    worse = opened("queries", show="runs", b="signal~words_image", preset="biggest losses")
    assert link_of(worse)["preset"] == "biggest losses"
    assert (frame_with(worse, "query_id")["gain"] < 0).all()
    rescued = frame_with(opened("queries", preset="pictures rescue"), "query_id")
    assert (rescued["image"] - rescued["text"] >= 0.1).all()
    picked = opened("queries", pick="02|05")
    assert frame_with(picked, "query_id")["query_id"].tolist() == ["02", "05"]
    assert "2 chosen on the map" in texts(picked)
    picked.get_by_key("clear map").click()
    assert len(frame_with(rerun(picked), "query_id")) == 8
    assert "No query fits" in texts(opened("queries", find="nothing like this"))


def test_a_group_of_another_grouping_is_every_group(data_root: Path) -> None:
    at = opened("queries", by="query length", group="no colour")
    assert widget(at, "group").value == "all"
    assert len(frame_with(at, "query_id")) == 8


# --- the encoder is asked only when somebody asks ---


def test_the_encoder_is_checked_on_request(data_root: Path, word_encoder: WordEncoder) -> None:
    at = opened("dataset", details="encoder")
    assert word_encoder.calls == 0
    at.get_by_key("check encoder").click()
    rerun(at)
    assert at.metric[-1].value == "1.0000"
    assert "does not say how much" in texts(at)


# --- the memory itself ---


def test_settings_read_only_what_they_would_write() -> None:
    for setting, good, bad in (
        (choice("a", ("x", "y")), "y", "z"),
        (some("a", ("x", "y|%7C")), "x|y%7C%257C", "x|z"),
        (number("a", 0, 1, 0.5), "0.25", "1.5"),
        (flag("a"), "1", "yes"),
        (words("a"), "lamp", "x" * 201),
    ):
        assert setting.write(setting.read(good)) == good
        with pytest.raises((ValueError, KeyError)):
            setting.read(bad)
    assert choice("a", ("x", "y"), "gone").default == "x"
    assert len(measures(10)) == 6
