"""Bundles of every kind on the Search and About pages: one signal, none, an imported run, broken, foreign, several."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import DIM, ENCODER, build_tiny_bundle
from searching import APP, board, link_of, opened, rerun, setting, shown_ids, widget
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from precompute.read.trec import write_run
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.evaluation.reports import signal_run

pytestmark = pytest.mark.usefixtures("word_encoder")


@pytest.mark.parametrize(("modality", "other"), [("text", "image"), ("image", "text")])
def test_one_signal_gives_one_list_and_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modality: str, other: str
) -> None:
    build_tiny_bundle(tmp_path / "data" / "one", modalities=(modality,))
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    for at in (opened(), opened(scope="catalogue"), opened(q="red mug")):
        assert [ranked["key"] for ranked in board(at)["lists"]] == [modality]
        assert board(at)["columns"] is None
        assert f"--modality {other}" in at.info[0].value


def test_no_signals_names_the_next_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_bundle(tmp_path / "data" / "raw", modalities=())
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    at = opened()
    assert "python -m precompute encode" in at.code[0].value
    at.switch_page("pages/about.py").run()
    assert not at.exception


def test_a_broken_bundle_is_a_sentence_and_the_others_work(data_root: Path) -> None:
    broken = data_root / "broken"
    shutil.copytree(data_root / "tiny", broken)
    vectors = broken / "signals" / "words_text" / "products.npy"
    flipped = bytearray(vectors.read_bytes())
    flipped[-1] ^= 1
    vectors.write_bytes(bytes(flipped))
    at = opened(bundle="broken")
    assert "hash differs" in at.error[0].value
    assert "unexpected" not in at.error[0].value
    widget(at, "bundle").set_value("tiny")
    rerun(at)
    assert not at.error
    assert shown_ids(at, "fused")


@pytest.mark.parametrize("manifest", ["", "{}", '{"format_version": 99}', "[]"])
def test_a_foreign_manifest_is_a_sentence(data_root: Path, manifest: str) -> None:
    (data_root / "foreign").mkdir()
    (data_root / "foreign" / "manifest.json").write_text(manifest)
    at = opened(bundle="foreign")
    assert len(at.error) == 1
    assert opened().get_by_key("board") is not None


def test_a_folder_of_something_else_is_not_a_bundle(data_root: Path) -> None:
    (data_root / "notes").mkdir()
    at = opened()
    assert not at.error
    assert not [box for box in at.selectbox if box.label == "Bundle"]


def test_a_bundle_that_lost_its_manifest_is_a_sentence(data_root: Path) -> None:
    shutil.copytree(data_root / "tiny", data_root / "half", ignore=shutil.ignore_patterns("manifest.json"))
    assert "so it is no finished bundle" in opened(bundle="half").error[0].value
    assert not opened().error


def test_changing_the_bundle_keeps_what_it_can(data_root: Path) -> None:
    build_tiny_bundle(data_root / "other", name="other")
    at = opened(query="03", w="0.81", bundle="tiny")
    widget(at, "bundle").set_value("other")
    rerun(at)
    assert setting(at, "w") == 0.81
    assert not at.warning


def test_without_a_name_the_first_bundle_that_can_be_searched_is_opened(data_root: Path) -> None:
    build_tiny_bundle(data_root / "aa raw", modalities=(), name="raw")
    build_tiny_bundle(data_root / "bb one", modalities=("text",), name="one")
    build_tiny_bundle(data_root / "zz alike", name="alike")
    (data_root / "0 broken").mkdir()
    (data_root / "0 broken" / "manifest.json").write_text("{}")
    at = opened()
    assert not at.error
    assert widget(at, "bundle").value == "tiny"
    assert widget(opened(bundle="aa raw"), "bundle").value == "aa raw"


def test_a_catalogue_without_judgements_is_searched_and_the_other_pages_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = build_tiny_bundle(tmp_path / "data" / "catalogue")
    dataset = load_bundle(folder)
    products = pd.read_parquet(folder / "products.parquet")
    none = pd.DataFrame({"query_id": [], "product_id": [], "label": [], "query": []}, dtype="object")
    with BundleWriter(folder) as writer:
        tables = products, none[["query_id", "query"]], none[["query_id", "product_id", "label"]]
        writer.write_tables("catalogue", *tables, dataset.scale)
        writer.write_encoder(ENCODER, np.zeros((0, DIM), np.float32))
        for name, signal in dataset.signals.items():
            writer.write_signal(name, signal.modality, "words", signal.products, signal.present)  # type: ignore[attr-defined]
    monkeypatch.setenv("SQID_DATA", str(tmp_path / "data"))
    assert shown_ids(opened(q="red mug"), "fused")
    assert shown_ids(opened(like="P000"), "image")
    at = opened()
    for page in ("compare", "queries", "evaluate", "breakdown"):
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        assert "judged" in at.info[0].value
    at.switch_page("pages/dataset.py").run()
    assert not at.exception


# --- the About page ---


def test_a_bundle_of_a_link_stays_on_other_pages(data_root: Path) -> None:
    build_tiny_bundle(data_root / "other", name="other")
    at = opened(bundle="tiny", query="03")
    for page in ("about", "compare", "search"):
        at.query_params.clear()
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        assert link_of(at)["bundle"] == "tiny"
    assert link_of(at) == {"bundle": "tiny", "query": "03"}


def test_about_describes_the_bundle(data_root: Path) -> None:
    at = opened()
    at.switch_page("pages/about.py").run()
    assert not at.exception
    assert [metric.value for metric in at.metric] == ["60", "8", "132"]
    frames = [frame.value for frame in at.dataframe]
    assert list(frames[0]["Signal"]) == ["words_text", "words_image"]
    assert list(frames[1]["Gain, paper"]) == [1.0, 0.1, 0.01, 0.0]
    assert any("arxiv.org/abs/2405.15190" in markdown.value for markdown in at.markdown)


def test_an_imported_run_ranks_slates_and_no_catalogue(data_root: Path, tmp_path: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    run = write_run(tmp_path, dataset, signal_run(dataset, "words_text"))
    shutil.rmtree(data_root / "tiny")
    for name, modalities in (("mixed", ["image"]), ("bare", [])):
        build_tiny_bundle(data_root / name, modalities=modalities)
        words = ["--signal", "bm25", "--modality", "text", "--run", str(run)]
        assert precompute(["run-file", str(data_root / name), *words]) == 0

    assert len(board(opened(bundle="mixed", query="03"))["lists"]) == 3
    catalogue = opened(bundle="mixed", query="03", scope="catalogue")
    assert [ranked["key"] for ranked in board(catalogue)["lists"]] == ["image"]
    assert "bm25" in catalogue.info[0].value
    assert [ranked["key"] for ranked in board(opened(bundle="mixed", q="red mug"))["lists"]] == ["image"]
    assert [ranked["key"] for ranked in board(opened(bundle="bare", query="03"))["lists"]] == ["text"]
    assert "rank judged products only" in opened(bundle="bare", q="red mug").error[0].value
    about = AppTest.from_file(APP, default_timeout=60)
    about.query_params["bundle"] = "mixed"
    about.switch_page("pages/about.py").run()
    assert not about.exception
    assert "imported run" in about.dataframe[0].value["Encoder"].tolist()
