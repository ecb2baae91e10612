"""The Search page as AppTest sees it: numbers, states and what a rerun may not do."""

from __future__ import annotations

from pathlib import Path

import board as board_module
import numpy as np
import pytest
from fixtures import WordEncoder, text_vector
from searching import board, give, link_of, opened, press, rerun, said, shown_ids, widget

from sqid_core.analysis.opening import examples
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import EncoderError
from sqid_core.evaluation.metrics import ndcg
from sqid_core.ranking import candidates as search
from sqid_core.ranking.fusion import Fusion, fuse
from sqid_core.ranking.ranks import order
from sqid_ui.caches import bundles as resources
from sqid_ui.search.welcome import PICKED

pytestmark = pytest.mark.usefixtures("word_encoder")
ODD_TEXTS = (
    "   ",
    "x" * 10_000,
    "🛒🧸",
    "كوب أحمر",
    "<script>alert(1)</script>",
    "[a](javascript:alert(1)) $x^2$ :red[b] `c`",
    "\\",
)


def slate_ids(dataset: Dataset, query_id: str, fusion: Fusion, k: int) -> list[str]:
    candidates = search.slate_candidates(dataset, dataset.judgements.row_of(query_id), fusion)
    rows = search.fused_ranking(candidates, fusion, k).rows
    return list(dataset.products["product_id"].iloc[rows])


# --- the first view ---


def test_first_view_ranks_a_judged_query_without_an_encoder(data_root: Path, word_encoder: WordEncoder) -> None:
    at = opened()
    dataset = load_bundle(data_root / "tiny")
    query_id = examples(dataset)[0].query_id
    assert shown_ids(at, "fused") == slate_ids(dataset, query_id, Fusion(), 20)
    assert word_encoder.calls == 0
    assert link_of(at) == {}
    assert not at.warning
    assert not at.error


def test_first_screen_says_what_it_is_and_why_each_example_was_picked(data_root: Path) -> None:
    at = opened()
    picked = examples(load_bundle(data_root / "tiny"))
    assert len(picked) > 1
    for example in picked:
        assert "Drag the slider" in said(at)
        press(at, f"example {example.shows}")
        assert link_of(at) == ({} if example is picked[0] else {"query": example.query_id})
        assert PICKED[example.shows] in said(at)
    # Who works on other queries is not told again.
    other = next(f"0{q}" for q in range(8) if f"0{q}" not in {example.query_id for example in picked})
    assert not any(words in said(opened(query=other)) for words in ("Drag the slider", "Picked because"))


def test_numbers_are_the_cores(data_root: Path) -> None:
    at = opened(query="01", w="0.30")
    dataset = load_bundle(data_root / "tiny")
    row, fusion = dataset.judgements.row_of("01"), Fusion(image_weight=0.3)
    candidates = search.slate_candidates(dataset, row, fusion)
    gains = dataset.scale.gains()[candidates.labels]
    rankings_of = (
        order(np.nan_to_num(candidates.text, nan=-9)),
        order(fuse(candidates.columns, fusion)),
        order(np.nan_to_num(candidates.image, nan=-9)),
    )
    values = [float(ndcg(gains[positions])) for positions in rankings_of]
    told = board(at)
    assert [board_module.slate_ndcg(told, name) for name in ("text", "fused", "image")] == pytest.approx(values)
    assert told["judging"]["against"] == {"key": "fused", "name": "Fusing adds"}
    assert "Gains: paper." in told["judging"]["note"]


def test_other_gains_change_numbers_and_are_named(data_root: Path) -> None:
    paper, script = opened(query="01"), opened(query="01", gains="esci-script")
    assert board_module.slate_ndcg(board(paper), "text") != board_module.slate_ndcg(board(script), "text")
    assert "Gains: esci-script." in board(script)["judging"]["note"]
    assert all("esci-script gains" in ranked["note"] for ranked in board(script)["lists"])


# --- typed queries ---


def test_typed_query_searches_the_whole_catalogue(data_root: Path, word_encoder: WordEncoder) -> None:
    at = opened()
    widget(at, "text").set_value("green lamp")
    rerun(at)
    dataset = load_bundle(data_root / "tiny")
    candidates = search.catalogue_candidates(dataset, {"words": text_vector("green lamp")}, Fusion())
    rows = search.fused_ranking(candidates, Fusion(), 20).rows
    assert shown_ids(at, "fused") == list(dataset.products["product_id"].iloc[rows])
    assert link_of(at) == {"q": "green lamp"}
    assert widget(at, "query_id").value is None
    assert board(at)["judging"] is None
    assert board(at)["scale"] is None
    text, image = ({*shown_ids(at, name)[:10]} for name in ("text", "image"))
    assert f"Text and image share {len(text & image)} of their first 10; rank-biased overlap RBO(0.9)" in said(at)


def test_emptied_text_brings_the_judged_query_back(data_root: Path) -> None:
    at = opened(query="04")
    before = shown_ids(at, "fused")
    widget(at, "text").set_value("lamp")
    rerun(at)
    widget(at, "text").set_value(" ")
    rerun(at)
    assert widget(at, "query_id").value == "04"
    assert shown_ids(at, "fused") == before


def test_picking_a_judged_query_replaces_the_text(data_root: Path) -> None:
    at = opened(q="lamp")
    widget(at, "query_id").set_value("05")
    rerun(at)
    assert widget(at, "text").value == ""
    assert link_of(at) == {"query": "05"}


def test_nothing_asked_is_an_invitation(data_root: Path) -> None:
    at = opened(query="05")
    widget(at, "query_id").set_value(None)
    rerun(at)
    assert "Type a query" in at.info[0].value
    widget(at, "text").set_value("lamp")
    rerun(at)
    assert shown_ids(at, "fused")


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_are_only_texts(data_root: Path, text: str) -> None:
    at = opened()
    widget(at, "text").set_value(text)
    rerun(at)
    assert not at.error
    assert len(shown_ids(at, "fused")) >= 10
    assert not any("<script" in markdown.value for markdown in at.markdown)
    rerun(opened(**link_of(at)))


def test_a_very_long_text_is_left_out_of_the_link(data_root: Path) -> None:
    at = opened()
    widget(at, "text").set_value("mug " * 2500)
    rerun(at)
    assert "q" not in link_of(at)
    assert "cannot be part of the link" in said(at)


def test_a_query_without_a_known_word_gets_a_notice(data_root: Path) -> None:
    assert any("knows none of these words" in warning.value for warning in opened(q="zxqv wvu").warning)
    assert not opened(q="red mug").warning


def test_an_encoder_that_cannot_load_is_a_sentence(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise EncoderError("the model is not on this machine; connect to the network")

    monkeypatch.setattr("sqid_ui.caches.encoders.load_encoder", refuse)
    at = opened(q="lamp")
    assert "not on this machine" in at.error[0].value
    widget(at, "query_id").set_value("01")
    rerun(at)
    assert not at.error


# --- what a rerun may not do ---


def test_moving_the_slider_encodes_and_searches_nothing(
    data_root: Path, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []
    for name in ("slate_candidates", "catalogue_candidates"):
        found = getattr(search, name)
        monkeypatch.setattr(search, name, lambda *a, _f=found, _n=name, **k: searched.append(_n) or _f(*a, **k))
    loaded: list[Path] = []
    monkeypatch.setattr(resources, "load_bundle", lambda folder: loaded.append(folder) or load_bundle(folder))
    for at in (opened(q="red mug"), opened(query="01"), opened(query="01", scope="catalogue")):
        encoded, seen, before = word_encoder.calls, len(searched), shown_ids(at, "fused")
        for weight in (0.0, 0.13, 0.9, 1.0):
            give(at, "w", weight)
            rerun(at)
        assert (word_encoder.calls, len(searched)) == (encoded, seen)
        assert shown_ids(at, "fused") != before
    assert len(loaded) == 1


def test_sessions_share_one_copy_of_the_vectors(data_root: Path) -> None:
    opened()
    opened(query="01")
    dataset = load_bundle(data_root / "tiny")
    first = resources.dataset(str(data_root / "tiny"), dataset.manifest)
    assert first is resources.dataset(str(data_root / "tiny"), dataset.manifest)
    signal = first.signal("text")
    assert not signal.products.flags.writeable  # type: ignore[union-attr]


# --- the fusion settings ---


@pytest.mark.parametrize("method", ["weighted scores", "weighted ranks", "rrf", "max", "embedding average"])
@pytest.mark.parametrize("norm", ["none", "min-max", "z-score"])
@pytest.mark.parametrize("scope", ["slate", "catalogue"])
def test_every_method_and_norm_shows_a_page(data_root: Path, method: str, norm: str, scope: str) -> None:
    at = opened(method=method, norm=norm, scope=scope, w="0.4")
    assert not at.error
    assert shown_ids(at, "fused")
    assert widget(at, "norm").disabled == (method not in ("weighted scores", "max"))


def test_a_sampled_curve_says_so(data_root: Path) -> None:
    assert "Sampled at 201 weights" in board(opened(method="embedding average"))["curve"]["sentence"]
    assert "Exact." in board(opened())["curve"]["sentence"]
