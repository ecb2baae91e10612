"""The Compare page's parts that need no Streamlit: its link, the words for causes, the queue's stretch, the slate."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from links import read_link, write_link

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.compared_slates import compared_slate
from sqid_core.evaluation.comparisons import run_comparison
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.evaluation.slate_scores import SlateScores, slate_scores
from sqid_core.evaluation.swaps import Cause
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.methods import METHODS
from sqid_core.ranking.norms import NORMS
from sqid_ui.compare.data import query_shown, queue_data, swaps_data
from sqid_ui.compare.state import QUEUES, settings_of, side
from sqid_ui.compare.words import cause_group, cause_sentence, signal_words
from sqid_ui.settings.setting import Setting


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def table(dataset: Dataset) -> tuple[Setting, ...]:
    return settings_of(dataset, frozenset(map(str, dataset.judgements.query_ids)))


@st.composite
def runs(draw: st.DrawFn) -> RunSpec:
    name = draw(st.sampled_from(("", "Old", "a ~~ b", "ß & <i>")))
    if draw(st.booleans()):
        return RunSpec(signal=draw(st.sampled_from(("words_text", "words_image"))), name=name)
    method, norm = draw(st.sampled_from(list(METHODS))), draw(st.sampled_from(list(NORMS)[1:]))
    return RunSpec(fusion=Fusion(method, draw(st.floats(0, 1)), norm, rrf_k=draw(st.integers(1, 1000))), name=name)


GAINS = st.sampled_from(("paper", "esci-script"))


@given(runs(), runs(), GAINS, st.sampled_from(QUEUES), st.sampled_from(("", "03")), st.sampled_from(("", "No picture")))
def test_a_link_gives_back_the_settings(
    table: tuple[Setting, ...], a: RunSpec, b: RunSpec, gains: str, queue: str, query_id: str, cause: str
) -> None:
    wanted = {"a": side(a), "b": side(b), "gains": gains, "queue": queue, "query_id": query_id}
    wanted |= {"category": "", "cause": cause}
    assert read_link(write_link(wanted, table), table) == (wanted, ())


@given(link=st.dictionaries(st.sampled_from(["a", "b", "query", "queue", "gains", "bundle"]), st.text(max_size=20)))
def test_any_link_is_read(table: tuple[Setting, ...], link: dict[str, str]) -> None:
    settings, rejected = read_link(link, table)
    assert set(rejected) <= set(link)
    assert all(settings[setting.name] == setting.default for setting in table if setting.linked in rejected)


@pytest.mark.parametrize("run", ["fused~k0.5", "fused~k1001", "fused~k60.5"])
def test_a_constant_that_the_page_cannot_show_is_refused(table: tuple[Setting, ...], run: str) -> None:
    settings, rejected = read_link({"b": run}, table)
    assert rejected == ("b",)
    assert settings == {setting.name: setting.default for setting in table}


WORDS = {"t": "text", "i": "image", "r": "bm25"}


@pytest.mark.parametrize(
    ("cause", "group", "sentence"),
    [
        (Cause(("i",), ("t",)), "Image", "Image prefers it, text does not"),
        (Cause(("t", "i")), "Text and image", "Text and image prefer it"),
        (Cause(("t",), passed_lacks=("i",)), "No picture", "The other has no picture; text prefers it"),
        (Cause(against=("t",), lacks=("i",)), "No picture", "It has no picture"),
        (Cause(against=("t", "i")), "The method", "Not text and image: the method"),
        (Cause(), "The method", "Equal scores: the order of the ids"),
        (Cause(("r",)), "bm25", "bm25 prefers it"),
        (Cause(("r",), ("t", "i")), "bm25", "bm25 prefers it, text and image do not"),
        (Cause(lacks=("r",)), "No bm25 score", "It has no bm25 score"),
    ],
)
def test_causes_in_words(cause: Cause, group: str, sentence: str) -> None:
    assert (cause_group(cause, WORDS), cause_sentence(cause, WORDS)) == (group, sentence)


def test_signals_are_called_by_their_modality_where_that_is_clear(dataset: Dataset) -> None:
    fused = RunSpec(fusion=Fusion())
    assert signal_words(dataset, RunSpec(signal="words_text"), fused) == {"words_text": "text", "words_image": "image"}
    scores = np.zeros(dataset.judgements.rows.shape)
    more = replace(dataset, signals={**dataset.signals, "bm25": ScoredSignal("bm25", "text", scores)})
    words = signal_words(more, RunSpec(signal="bm25"), fused)
    assert words == {"bm25": "bm25", "words_text": "words_text", "words_image": "image"}


def test_a_stretch_of_a_long_queue_travels() -> None:
    count = 1000
    ids = np.array([f"q{row}" for row in range(count)], dtype=object)
    b = np.linspace(0.4, 0.0, count)
    found = run_comparison(np.full(count, 0.5), b, np.ones(count, bool))
    assert query_shown(found, found.losses, "", ids) == count - 1
    data = queue_data(found, found.losses, 500, ids, ["x" * 500] * count)
    place = data["id"].index("q500")
    assert data["first"] + place == 500
    assert len(data["id"]) == 201
    assert len(data["text"][0]) < 200
    assert data["largest"] == pytest.approx(0.5)
    assert query_shown(found, found.wins, "", ids) == 0
    undefined = run_comparison(*np.full((2, 3), np.nan), np.ones(3, bool))
    assert query_shown(undefined, undefined.wins, "", ids) == -1


@pytest.mark.parametrize("method", METHODS)
def test_a_slate_alone_is_ranked_as_among_all(dataset: Dataset, method: str) -> None:
    a, b = RunSpec(signal="words_image"), RunSpec(fusion=Fusion(method, 0.4, "z-score"))
    gains = dataset.scale.gains()
    both = slate_scores(dataset.judgements, *dataset.both_signals, own=True)
    scores = SlateScores(image=both.image), both
    runs = run_of(dataset, a), run_of(dataset, b)
    ndcgs = [evaluate(dataset, run).per_query["ndcg"] for run in runs]
    for row, length in enumerate(dataset.judgements.lengths):
        found = compared_slate(dataset, row, (a, b), scores, gains)
        for order, run in zip((found.orders["a"], found.orders["b"]), runs, strict=True):
            np.testing.assert_array_equal(order, run.order[row][:length])
        assert found.swaps.contribution.sum() == pytest.approx(ndcgs[1].iloc[row] - ndcgs[0].iloc[row], abs=1e-9)
        assert found.ndcg["b"] == pytest.approx(ndcgs[1].iloc[row])


def test_swaps_say_what_matches_what_differs_and_where_the_share_stands(dataset: Dataset) -> None:
    """Every swap's facts by another way: words by splitting, ranks by the orders, differences by the table."""
    a, b = RunSpec(signal="words_text"), RunSpec(signal="words_image")
    scores = slate_scores(dataset.judgements, *dataset.both_signals)
    for query in range(3):
        runs = SlateScores(text=scores.text), SlateScores(image=scores.image)
        slate = compared_slate(dataset, query, (a, b), runs, dataset.scale.gains())
        data = swaps_data(dataset, slate, a, b, str(dataset.judgements.query_ids[query]))
        products, table = data["products"], dataset.products.set_index("product_id")
        asked = set(dataset.queries["query"].iloc[query].lower().split())
        for product_id, pieces in zip(products["id"], products["title"], strict=True):
            assert "".join(pieces) == table["title"][product_id]
            assert {word.lower() for word in pieces[1::2]} <= asked | {f"{word}s" for word in asked}
        for i, (up, down) in enumerate(zip(data["up"], data["down"], strict=True)):
            moves = [abs(products["a"][p] - products["b"][p]) for p in (up, down)]
            assert data["moved"][i] == (moves[0] > moves[1])
            colours = [table["color"][products["id"][p]] for p in (up, down)]
            assert (("Colour", *colours) in data["differs"][i]) == (colours[0] != colours[1])
        shares = zip(data["down"], data["contribution"], strict=True)
        losing = {products["id"][down] for down, share in shares if share < 0}
        assert bool(data["fall"]) == bool(losing)
        if data["fall"]:
            assert any(table["title"][each][:40] in data["fall"] for each in losing)
            why = r"(by image \d+ of them (is|are) nearer|it has no picture)"
            assert re.search(rf"fell from \d+ to \d+, past \d+ worse products?: {why}", data["fall"])
