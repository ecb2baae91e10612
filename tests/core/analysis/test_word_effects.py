import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fixtures import text_vector

from precompute.steps.lexical import index_words
from sqid_core.analysis.word_effects import Encode, WordEffect, left_out, word_effects
from sqid_core.bundle.lexical import LexicalSignal
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.signals import DenseSignal
from sqid_core.ranking.candidates import prepare_catalogue, prepare_slate, signal_ranking
from sqid_core.ranking.fusion import Fusion
from sqid_core.types import MODALITIES, Vectors


def test_each_word_is_left_out_once() -> None:
    assert left_out("red mug") == {"red": "mug", "mug": "red"}
    assert left_out("mug , not a Mug!") == {"mug": ", not a", "not": "mug , a Mug!", "a": "mug , not Mug!"}
    assert left_out("  blue   5.5 in cup ") == {
        "blue": "5.5 in cup",
        "5.5": "blue in cup",
        "in": "blue 5.5 cup",
        "cup": "blue 5.5 in",
    }


@pytest.mark.parametrize("text", ["", "  ", "mug", "mug mug", "mug !", "- –"])
def test_one_word_is_not_left_out(text: str) -> None:
    assert left_out(text) == {}


def signal(modality: str, products: list[list[float]], present: list[bool]) -> DenseSignal:
    rows = np.array(products, dtype=np.float32)
    return DenseSignal(modality, modality, "words", rows, np.array(present), rows[:1])


def test_what_a_word_does_by_hand() -> None:
    """Asked is (red, mug). The first product is red, the second a mug, the third both, the fourth has no vector."""
    both = 2**-0.5
    text = signal("text", [[1, 0], [0, 1], [both, both], [0, 0]], [True, True, True, False])
    vectors = {"red": [1.0, 0.0], "mug": [0.0, 1.0]}
    asked = np.array([both, both, 1.0, np.nan])
    calls = []

    def encode(texts: Sequence[str]) -> Vectors:
        calls.append(list(texts))
        return np.array([vectors[each] for each in texts], dtype=np.float32)

    rests = left_out("red mug")
    found = word_effects(rests, np.arange(4), 0, [(text, asked)], lambda _: encode)
    # The first ties with the second, and the row decides.
    assert [(each.word, each.before, each.after) for each in found] == [("red", 2, 3), ("mug", 2, 1)]
    assert [each.score for each in found] == pytest.approx([-both, 1 - both])
    assert calls == [["mug", "red"]]
    assert word_effects(rests, np.arange(4), 3, [(text, asked)], lambda _: encode) == []


@pytest.mark.parametrize("catalogue", [False, True])
def test_it_is_what_a_search_without_the_word_gives(tiny_bundle: Path, catalogue: bool) -> None:
    dataset = load_bundle(tiny_bundle)
    query = next(row for row, text in enumerate(dataset.queries["query"]) if len(left_out(text)) > 1)
    rests = left_out(dataset.queries["query"].iloc[query])
    signals = {name: dataset.dense_signal(name) for name in MODALITIES}
    slate = prepare_slate(dataset, query, Fusion())
    own = {each.encoder: each.queries[query] for each in signals.values() if each is not None}
    asked = prepare_catalogue(dataset, own, Fusion()) if catalogue else slate
    rows, product = asked.candidates.rows, 3
    scored = [(each, asked.scores[name]) for name, each in signals.items() if each is not None]
    found = word_effects(rests, rows, product, scored, lambda _: lambda texts: np.stack(list(map(text_vector, texts))))
    assert len(found) == sum(len(rests) for _, scores in scored if np.isfinite(scores[product]))
    for effect in found:
        vectors = {name: text_vector(rests[effect.word]) for name in dataset.search_encoders}
        again = prepare_catalogue(dataset, vectors, Fusion()).candidates
        order = signal_ranking(again, effect.modality, len(again.rows)).rows
        order = order[np.isin(order, rows)]
        assert effect.after == order.tolist().index(rows[product]) + 1
        assert effect.before == asked.ranks(np.array([product]))[effect.modality][0]
        scores = again.text if effect.modality == "text" else again.image
        assert scores is not None
        before = asked.scores[effect.modality][product]
        assert effect.score == pytest.approx(float(scores[rows[product]] - before))


@pytest.mark.parametrize("catalogue", [False, True])
def test_words_of_bm25(tiny_bundle: Path, tmp_path: Path, catalogue: bool) -> None:
    """Exactly what a search without the word gives; without its only known word nothing is ranked."""
    pytest.importorskip("bm25s", reason="the extra rankers is not installed")
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))
    index_words(folder, "bm25")
    bm25 = load_bundle(folder).signals["bm25"]
    assert isinstance(bm25, LexicalSignal)

    def encode(_: str) -> Encode:
        raise AssertionError("nothing is encoded for BM25")

    def effects(text: str) -> list[WordEffect]:
        scores = bm25.searched({}, text)
        assert scores is not None
        rows = np.arange(len(scores)) if catalogue else np.flatnonzero(scores > 0)[:9]
        return word_effects(left_out(text), rows, int(np.argmax(scores[rows])), [(bm25, scores[rows])], encode)

    by_word = {effect.word: effect for effect in effects("red quagga mug")}
    assert by_word["quagga"].score == 0
    assert by_word["quagga"].before == by_word["quagga"].after == 1
    assert by_word["mug"].score < 0
    assert by_word["mug"].after is not None
    assert [(each.word, each.after) for each in effects("quagga mug")] == [("quagga", 1), ("mug", None)]
