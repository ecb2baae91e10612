"""A product's details, the choice of signals, and odd bundles and links."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import ENCODER, QUERIES, WordEncoder, build_tiny_bundle, product_frame, product_vectors, text_vector
from searching import board, keys, link_of, opened, press, rerun, said, set_to, shown_ids, widget, widget_key
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from precompute.read.trec import write_run
from sqid_core.analysis.word_effects import WordEffect
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import EncoderError
from sqid_core.evaluation.reports import signal_run
from sqid_core.ranking.candidates import slate_candidates
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.one_product import judged_for
from sqid_core.ranking.ranks import order
from sqid_ui.caches import encoders
from sqid_ui.caches.encoders import Unknown, words_unknown
from sqid_ui.search import word_causes

pytestmark = pytest.mark.usefixtures("word_encoder")
NONSENSE = {
    "like": "nobody",
    "words": "2",
    "text": "clip9",
    "image": "words_text",
    "rrf_k": "0",
    "category": "mug|cars",
    "brand": "nobody",
    "price_from": "-1",
    "price_to": "cheap",
    "picture": "maybe",
    "topic": "cars",
    "source": "?",
    "difficulty": "insane",
    "product": "P999",
}


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


# --- details ---


def test_details_show_the_product_and_lead_on(dataset: Dataset) -> None:
    at = opened(query="00", product="P000")
    text = said(at)
    assert all(part in text for part in ("P000", "Nordhus", "$4.99", "mug"))
    row = list(dataset.products["product_id"]).index("P000")
    others = [query for query, _ in judged_for(dataset, row) if query != 0]
    assert others
    for query in others:
        assert f"open query {query:02d}" in {button.key for button in at.button}
    assert link_of(at) == {"query": "00", "product": "P000"}
    press(at, f"open query {others[0]:02d}")
    rerun(at)
    assert link_of(at) == {"query": f"{others[0]:02d}"}


def test_each_word_is_left_out_on_demand_and_measured(dataset: Dataset, word_encoder: WordEncoder) -> None:
    query = next(row for row, text in enumerate(dataset.queries["query"]) if len(text.split()) > 1)
    text = dataset.queries["query"].iloc[query]
    slate = slate_candidates(dataset, query, Fusion())
    product = dataset.products["product_id"].iloc[slate.rows[0]]
    at = opened(query=f"{query:02d}", product=str(product))
    assert "Without *" not in said(at)
    calls = word_encoder.calls
    press(at, "leave out words")
    # The encoder is held to the bundle's vectors, then one batch is all.
    assert word_encoder.calls == calls + 2
    shown = next(frame.value for frame in at.dataframe if "Without" in frame.value)
    assert list(shown["Without"]) == text.split()
    ranks = order(np.where(np.isnan(slate.text), -np.inf, slate.text)).tolist()
    assert all(cell.startswith(f"{ranks.index(0) + 1} → ") for cell in shown["Rank by text"])
    assert "Without *" in said(at) or "No word moves it" in said(at)


def test_without_the_encoder_no_word_is_left_out(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise EncoderError("the model is not here")

    monkeypatch.setattr("sqid_ui.caches.words_left_out.encoder", missing)
    query = next(row for row, text in enumerate(dataset.queries["query"]) if len(text.split()) > 1)
    row = slate_candidates(dataset, query, Fusion()).rows[0]
    at = opened(query=f"{query:02d}", product=str(dataset.products["product_id"].iloc[row]))
    press(at, "leave out words")
    assert "needs the encoder" in said(at)
    assert "the model is not here" in said(at)


def test_sentences_say_what_was_measured() -> None:
    effects = [
        WordEffect("novel", "text", -0.2, 2, 2),
        WordEffect("a", "text", 0.0, 2, 2),
        WordEffect("red", "text", 0.1, 2, 1),
        WordEffect("novel", "image", -0.3, 1, 5),
        WordEffect("a", "image", 0.0, 1, 1),
        WordEffect("red", "image", -0.01, 1, 3),
    ]
    assert word_causes.sentences(effects) == [
        "Without *novel* it keeps rank 2 by text and falls from 1 to 5 by picture.",
        "Without *red* it rises from 2 to 1 by text and falls from 1 to 3 by picture.",
    ]
    assert word_causes.sentences(effects[1:2]) == ["No word moves it: without any one of them it keeps its ranks."]
    assert word_causes.table(effects[:1]).to_dict("records") == [
        {"Without": "novel", "Rank by text": "2 → 2", "Score by text": "−0.200"}
    ]


def test_find_similar_searches_like_the_product(dataset: Dataset) -> None:
    at = opened(product="P000")
    press(at, "find similar")
    rerun(at)
    assert link_of(at) == {"like": "P000"}
    assert "P000" not in shown_ids(at, "image")


def test_markup_in_a_title_stays_text(dataset: Dataset) -> None:
    at = opened(product="P007")
    assert not any("<img" in markdown.value for markdown in at.markdown)
    assert link_of(at) == {"product": "P007"}


# --- signals ---


@pytest.fixture
def several(data_root: Path) -> Path:
    """A bundle with a second text signal, of another encoder."""
    folder = build_tiny_bundle(data_root / "several", name="several")
    other = replace(ENCODER, name="other")
    with BundleWriter(folder) as writer:
        writer.write_encoder(other, np.stack([text_vector(query[::-1]) for query in QUERIES]))
        products = pd.read_parquet(folder / "products.parquet")
        writer.write_signal("other_text", "text", "other", *product_vectors(products, "image"))
    return folder


def test_a_chosen_signal_ranks_and_is_in_the_link(several: Path) -> None:
    at = opened(bundle="several", query="01")
    first = shown_ids(at, "text")
    set_to(at, "text_signal", "other_text")
    assert shown_ids(at, "text") != first
    dataset = load_bundle(several).preferring("other_text")
    candidates = slate_candidates(dataset, 1, Fusion())
    shown = np.array(board(at)["products"]["text"], dtype=float)
    np.testing.assert_allclose(shown, candidates.text, atol=1e-6)
    assert link_of(at)["text"] == "other_text"
    again = opened(**link_of(at))
    assert shown_ids(again, "fused") == shown_ids(at, "fused")
    assert "embedding average" not in [m.lower() for m in widget(at, "method").options]


def make_true(several: Path) -> None:
    """Gives the second encoder the vectors that the tests' encoder makes."""
    queries = load_bundle(several).signals["words_text"].queries  # type: ignore[attr-defined]
    with BundleWriter(several) as writer:
        writer.write_encoder(replace(ENCODER, name="other"), np.array(queries))


def test_unknown_words_are_told_of_the_encoder_that_does_not_know_them(
    several: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_true(several)
    known = {"words": frozenset({"mug", "lamp"})}
    monkeypatch.setattr(encoders, "load_vocabulary", lambda folder: known.get(folder.name))
    dataset = load_bundle(several)
    assert [(each.reads, each.nothing_known) for each in words_unknown(dataset, "zxqv")] == [("text", True)]
    apart = dataset.preferring("other_text")
    assert words_unknown(apart, "mug wvut") == (Unknown("image", False, ("wvut",)),)
    at = AppTest.from_function(_notice, kwargs={"folder": str(several)}).run()
    assert "of the image ranking knows none of these words" in at.warning[0].value
    assert "so the order below means nothing" in opened(bundle="several", q="zxqv").warning[0].value


def _notice(folder: str) -> None:
    from sqid_core.bundle.load import load_bundle
    from sqid_ui.parts.notices import unknown_words

    unknown_words(load_bundle(folder).preferring("other_text"), "zxqv wvut")


def test_both_encoders_are_checked_beside_each_other(several: Path) -> None:
    make_true(several)
    at = opened(bundle="several")
    at.query_params["details"] = "encoder"
    at.switch_page("pages/dataset.py").run()
    at.button(key="check encoder").click().run()
    assert not at.exception
    assert [metric.label for metric in at.metric].count("Query vectors made again") == 2


def test_signals_apart_cannot_be_averaged(several: Path) -> None:
    at = opened(bundle="several", text="other_text", method="embedding average")
    assert "method" in said(at)
    assert widget(at, "method").value == "weighted scores"
    together = opened(bundle="several", method="embedding average")
    assert widget(together, "method").value == "embedding average"
    set_to(together, "text_signal", "other_text")
    assert widget(together, "method").value == "weighted scores"
    assert not together.error


def test_an_imported_run_that_is_chosen_is_stood_in_for_in_the_catalogue(data_root: Path, tmp_path: Path) -> None:
    dataset = load_bundle(data_root / "tiny")
    run = write_run(tmp_path, dataset, signal_run(dataset, "words_image"))
    assert (
        precompute(["run-file", str(dataset.folder), "--signal", "bm25", "--modality", "text", "--run", str(run)]) == 0
    )
    at = opened(query="01", text="bm25")
    assert "in its place" not in said(at)
    set_to(at, "scope", "catalogue")
    assert "words_text searches the catalogue in its place" in said(at)
    expected = opened(query="01", scope="catalogue")
    assert shown_ids(at, "fused") == shown_ids(expected, "fused")


def test_one_signal_offers_no_choice(dataset: Dataset) -> None:
    at = opened()
    assert widget_key(at, "text_signal") not in {box.key for box in at.selectbox}


def test_the_constant_of_rrf_is_a_setting(dataset: Dataset) -> None:
    at = opened(query="01", method="rrf")
    assert board(at)["columns"]["a"][0] <= 1 / 61
    set_to(at, "rrf_k", 1)
    assert max(board(at)["columns"]["a"]) == pytest.approx(1 / 2)
    assert link_of(at)["rrf_k"] == "1"


# --- odd links and bundles ---


def test_nonsense_in_every_new_parameter_falls_back_and_says_so(dataset: Dataset) -> None:
    at = opened(**NONSENSE)
    text = next(warning.value for warning in at.warning)
    assert all(name in text for name in NONSENSE)
    assert link_of(at) == {}
    assert shown_ids(at, "fused") == shown_ids(opened(), "fused")


def odd_bundle(folder: Path, pairs: list[tuple[str, str, str]]) -> None:
    products = product_frame()
    ids = sorted({query for query, _, _ in pairs})
    queries = pd.DataFrame({"query_id": ids, "query": [f"query {i}" for i in ids], "source": "other"})
    judged = pd.DataFrame(pairs, columns=["query_id", "product_id", "label"])
    with BundleWriter(folder) as writer:
        writer.write_tables("odd", products, queries, judged, ESCI, {})
    order = pd.read_parquet(folder / "products.parquet")
    with BundleWriter(folder) as writer:
        writer.write_encoder(ENCODER, np.stack([text_vector(text) for text in queries["query"]]))
        for modality in ("text", "image"):
            writer.write_signal(f"words_{modality}", modality, "words", *product_vectors(order, modality))


@pytest.mark.parametrize("scope", ["slate", "catalogue"])
def test_slates_of_one_product_and_without_the_best_label(data_root: Path, scope: str) -> None:
    pairs = [("1", "P000", "E"), ("2", "P001", "S"), ("2", "P002", "C"), ("3", "P003", "I"), ("3", "P004", "I")]
    odd_bundle(data_root / "odd", pairs)
    for query, sentence in (("1", "1 judged product."), ("2", "None of them is Exact"), ("3", "None of them is Exact")):
        at = opened(bundle="odd", query=query, scope=scope)
        assert shown_ids(at, "fused")
        assert not at.error
        if scope == "slate":
            assert sentence in said(at)
    press(at, "surprise me")
    assert shown_ids(at, "fused")


@pytest.mark.parametrize("modality", ["text", "image"])
def test_one_signal_searches_by_pictures_filters_and_details(data_root: Path, modality: str) -> None:
    build_tiny_bundle(data_root / "one", modalities=[modality], name="one")
    at = opened(bundle="one", like="P000", category="mug|bowl", product="P001")
    assert keys(at) == [modality]
    assert len(shown_ids(at, modality)) == 11
    press(opened(bundle="one", query="02"), "surprise me")
