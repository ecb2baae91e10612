"""The Compare page as AppTest sees it: numbers, queue, swaps, links, and bundles of other kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import THREE, build_tiny_bundle
from searching import APP, link_of, rerun, walk_on, widget
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from precompute.read.trec import write_run as write_trec
from sqid_core.bundle.labels import LabelScale
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec, write_run
from sqid_core.ranking.fusion import Fusion
from sqid_ui.caches import comparing as compare_resources

pytestmark = pytest.mark.usefixtures("word_encoder")
TEXT, FUSED = RunSpec(signal="words_text"), RunSpec(fusion=Fusion())


def opened(**link: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    at.switch_page("pages/compare.py")
    for name, value in link.items():
        at.query_params[name] = value
    return rerun(at)


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return rerun(at)


def told(at: AppTest, key: str) -> dict[str, Any]:
    """What a component was given."""
    proto = at.get_by_key(key).proto
    return dict(json.loads(proto.mixed.json or proto.json or proto.bytes))


def compared(dataset: Dataset, a: RunSpec, b: RunSpec, gains: str | None = None) -> RunComparison:
    values = (evaluate(dataset, run_of(dataset, spec), gains).per_query["ndcg"].to_numpy() for spec in (a, b))
    return run_comparison(*values, dataset.judgements.lengths > 0)


def queue_ids(dataset: Dataset, rows: Any) -> list[str]:
    return [str(dataset.judgements.query_ids[row]) for row in rows]


def headline(at: AppTest) -> list[str]:
    return [metric.value for metric in at.metric[:4]]


def test_the_first_view_is_text_against_fused(data_root: Path) -> None:
    at = opened()
    dataset = load_bundle(data_root / "tiny")
    found = compared(dataset, TEXT, FUSED)
    sign = "+" if found.difference > 0 else "−"
    assert headline(at) == [
        f"{found.mean_a:.4f}",
        f"{found.mean_b:.4f}",
        f"{sign}{abs(found.difference):.4f}",
        f"{found.outcomes.wins} · {found.outcomes.ties} · {found.outcomes.losses}",
    ]
    assert link_of(at) == {}
    queue = told(at, "compare-queue")
    assert queue["id"] == queue_ids(dataset, found.losses)
    assert queue["shown"] == queue["id"][0]
    np.testing.assert_allclose(queue["difference"], (found.b - found.a)[found.losses])
    assert not at.warning


def test_swaps_of_every_query_add_up_to_its_difference(data_root: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    found = compared(dataset, TEXT, FUSED)
    at = opened()
    for query_id, difference in zip(dataset.judgements.query_ids, found.b - found.a, strict=True):
        at.query_params["query"] = str(query_id)
        rerun(at)
        if np.isnan(difference) or abs(difference) < 1e-9:
            continue
        swaps = told(at, "compare-swaps")
        assert swaps["sum"] == pytest.approx(difference, abs=1e-9)
        assert sum(cause["sum"] for cause in swaps["causes"]) == pytest.approx(difference, abs=1e-9)
        assert {cause["name"] for cause in swaps["causes"]} <= {"Image", "Text and image", "No picture", "The method"}


def test_the_other_queue_opens_at_its_head(data_root: Path) -> None:
    at = opened(query="03")
    widget(at, "queue").set_value("wins")
    rerun(at)
    queue = told(at, "compare-queue")
    assert queue["shown"] == queue["id"][0]
    assert all(difference > 0 for difference in queue["difference"])
    assert link_of(at) == {"queue": "wins"}


def test_a_link_reproduces_everything(data_root: Path) -> None:
    a = RunSpec(fusion=Fusion("rrf", 0.3, missing_image="worst", rrf_k=10), name="Old & odd <b>")
    b = RunSpec(fusion=Fusion("max", 0.615, "z-score"), name="مرحبا")
    link = {"a": write_run(a), "b": write_run(b), "query": "05", "queue": "wins", "gains": "esci-script"}
    at = opened(**link)
    assert link_of(at) == link
    assert not at.warning
    found = compared(load_bundle(data_root / "tiny"), a, b, "esci-script")
    assert headline(at)[:2] == [f"{found.mean_a:.4f}", f"{found.mean_b:.4f}"]
    assert [ranked["note"].split(" · ")[0] for ranked in told(at, "compare-board")["lists"]] == [a.name, b.name]
    assert told(at, "compare-board")["judging"]["note"].endswith("Gains: esci-script.")
    rerun(at)
    assert link_of(at) == link


def test_controls_write_the_link_and_change_the_numbers(data_root: Path) -> None:
    at = opened()
    before = headline(at)
    widget(at, "a", "run").set_value("words_image")
    widget(at, "b", "w").set_value(0.2)
    widget(at, "b", "method").set_value("max")
    widget(at, "b", "name").set_value("  my \t new run ")
    rerun(at)
    assert link_of(at)["a"] == "signal~words_image"
    assert link_of(at)["b"] == "fused~max~w0.2~min-max~~my new run"
    assert headline(at) != before
    again = opened(**link_of(at))
    assert headline(again) == headline(at)


def test_nonsense_in_every_parameter_falls_back_and_says_so(data_root: Path) -> None:
    nonsense = {"a": "fused~w7", "b": "signal~nope", "query": "zz", "queue": "draws", "gains": "mine", "bundle": "x"}
    at = opened(**nonsense)
    warnings = " ".join(warning.value for warning in at.warning)
    assert all(name in warnings for name in ("a", "b", "query", "queue", "gains"))
    assert link_of(at) == {}
    assert headline(at) == headline(opened())


def test_exchanging_the_runs_turns_the_numbers_round(data_root: Path) -> None:
    at = opened()
    before = headline(at)
    press(at, "Swap A and B")
    after = headline(at)
    assert after[:2] == before[1::-1]
    assert link_of(at) == {"a": "fused", "b": "signal~words_text"}


def test_leaving_the_page_and_coming_back_keeps_the_runs(data_root: Path) -> None:
    at = opened(b="fused~w0.81~~Mine", query="03")
    before = headline(at)
    at.switch_page("pages/about.py").run()
    at.query_params.clear()
    at.switch_page("pages/compare.py")
    rerun(at)
    assert headline(at) == before
    assert link_of(at) == {"b": "fused~w0.81~~Mine", "query": "03"}


def test_a_run_against_itself_is_all_ties(data_root: Path) -> None:
    at = opened(a="fused~~One", b="fused~~Two")
    assert headline(at)[2:] == ["0.0000", "0 · 8 · 0"]
    assert any("same run" in text.value for text in at.markdown)
    assert any("rank this query alike" in info.value for info in at.info)
    assert any("B loses on no query" in caption.value for caption in at.caption)
    with pytest.raises(KeyError):
        at.get_by_key("compare-walk")


def test_walking_and_looking_compute_no_run_again(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ranked: list[str] = []

    def counted(dataset: Dataset, spec: RunSpec, *rest: Any) -> Any:
        ranked.append(spec.title)
        return run_of(dataset, spec, *rest)

    monkeypatch.setattr(compare_resources, "run_of", counted)
    at = opened()
    assert len(ranked) == 2
    walk_on(at, "compare-walk", 1)
    widget(at, "b", "name").set_value("Named")
    rerun(at)
    assert len(ranked) == 2
    widget(at, "b", "w").set_value(0.9)
    rerun(at)
    assert len(ranked) == 3


# --- other kinds of bundles ---


def test_another_bundle_keeps_the_runs_that_it_can_make(data_root: Path) -> None:
    build_tiny_bundle(data_root / "two", modalities=("image", "text"), name="two")
    at = opened(a="fused~w0.3~~Mine", query="02", bundle="tiny")
    widget(at, "bundle").set_value("two")
    rerun(at)
    assert link_of(at) == {"bundle": "two", "a": "fused~w0.3~~Mine"}
    build_tiny_bundle(data_root / "zz", modalities=("image",), name="zz")
    rerun(at)
    widget(at, "bundle").set_value("zz")
    rerun(at)
    assert any("only one run" in header.value for header in at.subheader)


def test_a_run_file_is_a_run(data_root: Path, tmp_path: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    write_trec(tmp_path, dataset, signal_run(dataset, "words_image"))
    run_file = next(tmp_path.glob("*.run"))
    arguments = ["--signal", "bm25", "--modality", "text", "--run", str(run_file)]
    assert precompute(["run-file", str(data_root / "tiny"), *arguments]) == 0
    at = opened(a="signal~bm25", b="fused~text-bm25")
    assert not at.warning
    found = compared(load_bundle(data_root / "tiny"), RunSpec(signal="bm25"), RunSpec(fusion=Fusion(), text="bm25"))
    assert headline(at)[:2] == [f"{found.mean_a:.4f}", f"{found.mean_b:.4f}"]
    assert headline(opened(a="signal~words_image", b="signal~bm25"))[2:] == ["0.0000", "0 · 8 · 0"]
    # Where the bundle has no pictures' signal there is no fusion, but there are two runs.
    alone = data_root / "alone"
    build_tiny_bundle(alone, modalities=("text",))
    assert precompute(["run-file", str(alone), *arguments]) == 0
    at = opened(bundle="alone")
    assert headline(at)[1] == f"{evaluate(dataset, signal_run(dataset, 'words_image')).means['ndcg']:.4f}"
    assert widget(at, "a", "run").options == ["words_text · text signal", "bm25 · run file"]
    # A method that needs two vectors is not on offer for a run file, nor taken from a link.
    assert "b" in opened(b="fused~embedding-average~text-bm25").warning[0].value


def test_one_run_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = build_tiny_bundle(tmp_path / "data" / "one", modalities=("image",))
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    at = opened(a="fused")
    assert any("only one run" in header.value for header in at.subheader)
    assert f"run-file {folder}" in at.code[0].value
    assert "--modality text" in at.code[0].value


def test_no_signals_names_the_next_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_bundle(tmp_path / "data" / "raw", modalities=())
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    assert "python -m precompute encode" in opened().code[0].value


def rejudged(folder: Path, judgements: pd.DataFrame, scale: LabelScale) -> None:
    """The tiny bundle with other judgements."""
    build_tiny_bundle(folder)
    kept = load_bundle(folder)
    vectors = {name: (np.array(s.products), np.array(s.present)) for name, s in kept.signals.items()}  # type: ignore[union-attr]
    encoder, queries = kept.manifest.encoders["words"], np.array(kept.query_vectors("words"))
    products = pd.read_parquet(folder / "products.parquet")
    with BundleWriter(folder) as writer:
        writer.write_tables("graded", products, pd.read_parquet(folder / "queries.parquet"), judgements, scale, {})
        writer.write_encoder(encoder, queries)
        for name, (rows, present) in vectors.items():
            writer.write_signal(name, kept.signals[name].modality, "words", rows, present)


def test_graded_labels_undefined_queries_and_slates_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_bundle(tmp_path / "old")
    pairs = pd.read_parquet(tmp_path / "old" / "judgements.parquet")
    pairs["label"] = pairs["label"].map({"E": "Good", "S": "Fair", "C": "Fair", "I": "Bad"}.get)
    # 00: no gain at all. 01: one product. 02: nothing judged.
    pairs.loc[pairs["query_id"] == "00", "label"] = "Bad"
    pairs = pd.concat(
        [pairs[pairs["query_id"] == "01"].head(1).assign(label="Good"), pairs[~pairs["query_id"].isin(["01", "02"])]]
    )
    rejudged(tmp_path / "data" / "graded", pairs, THREE)
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    at = opened()
    assert any("1 query without a gain is left out" in text.value for text in at.markdown)
    assert told(at, "compare-swaps")["scale"]["letters"] == ["G", "F", "B"]
    assert any("no swap changes it" in info.value for info in opened(query="00").info)
    assert any("rank this query alike" in info.value for info in opened(query="01").info)
    assert "query" in opened(query="02").warning[0].value
