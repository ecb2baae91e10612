"""BM25 as a bundle's signal: its scores, what it does not score, and every way in which its files can disagree."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from precompute.steps.lexical import index_words
from sqid_core.bundle.lexical import LexicalSignal
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError, InputError
from sqid_core.ranking.search import search

pytest.importorskip("bm25s", reason="the extra rankers is not installed")


@pytest.fixture(scope="module")
def indexed(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lexical") / "tiny"
    shutil.copytree(tiny_bundle, folder)
    index_words(folder, "bm25")
    return folder


@pytest.fixture(scope="module")
def dataset(indexed: Path) -> Dataset:
    return load_bundle(indexed)


@pytest.fixture(scope="module")
def signal(dataset: Dataset) -> LexicalSignal:
    found = dataset.signals["bm25"]
    assert isinstance(found, LexicalSignal)
    return found


def test_slates_are_scored_as_searches_are(dataset, signal):
    judgements = dataset.judgements
    slates = signal.slate_scores(judgements)
    assert np.isnan(slates[~judgements.mask]).all()
    for query, text in enumerate(dataset.queries["query"]):
        rows = judgements.rows[query][judgements.mask[query]]
        found = signal.searched({}, text)
        np.testing.assert_array_equal(signal.query_scores(judgements, query), found[rows])
        np.testing.assert_array_equal(slates[query][judgements.mask[query]], found[rows])
    np.testing.assert_array_equal(signal.knows(judgements), judgements.mask)


def test_a_typed_query_without_a_known_word_scores_nothing(signal):
    assert signal.searched({}, "  ") is None
    assert np.isnan(signal.searched({}, "zebra the a")).all()
    assert signal.unknown_words("Red zebra the zebra quagga") == ("zebra", "quagga")


def test_typed_words_find_products(dataset):
    found = search(dataset, "blue umbrella", by="bm25", k=3)
    assert found.table["title"].str.contains("Blue umbrella").iloc[0]


def test_evaluating_needs_no_library(indexed, monkeypatch):
    for module in ("bm25s", "Stemmer"):
        monkeypatch.setitem(sys.modules, module, None)
    dataset = load_bundle(indexed)
    signal = dataset.signals["bm25"]
    assert np.isfinite(signal.slate_scores(dataset.judgements)[dataset.judgements.mask]).all()
    with pytest.raises(InputError, match=r"bm25s is not installed; .*\[rankers\]"):
        signal.searched({}, "red mug")


def test_the_library_makes_no_difference_to_what_is_said(dataset):
    assert "bm25" in repr(dataset.signals["bm25"])
    kind = dataset.kind("bm25")
    assert kind.searches
    assert kind.made(dataset.signals["bm25"]).startswith("BM25 over ")
    assert kind.coverage(dataset.signals["bm25"], dataset.judgements) == "bm25 has 100.0% of the judged products"


def _pointers(found):
    found[1] = found[2] + 1


def _empty_column(found):
    found[1] = 0


def _swapped(found):
    found[[0, 1]] = found[[1, 0]]


def _over(found):
    found[0] = 10_000


def _negative(found):
    found[0] = -1


def _nan(found):
    found[0] = np.nan


def _letter(found):
    found[0] = 255


def _all_one(found):
    found[:] = ord("a")


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("pointers.npy", _pointers, "does not cut"),
        ("pointers.npy", _empty_column, "does not cut"),
        ("rows.npy", _swapped, "not in order"),
        ("rows.npy", _over, "names products that are not there"),
        ("rows.npy", _negative, "names products that are not there"),
        ("weights.npy", _nan, "negative or no finite numbers"),
        ("weights.npy", _negative, "negative or no finite numbers"),
        ("words.npy", _letter, "no UTF-8"),
        ("words.npy", _all_one, "pointers.npy holds"),
        ("words.npy", _swapped, "out of order"),
        ("query_columns.npy", _over, "names words that are not there"),
        ("query_pointers.npy", _pointers, "does not cut"),
        ("present.npy", lambda found: found.fill(False), "rows.npy names .* have no text"),
        ("weights.npy", None, "expected"),
        ("query_pointers.npy", None, "expected"),
    ],
)
def test_damage_is_one_sentence(indexed, tmp_path, file, damage, said):
    folder = Path(shutil.copytree(indexed, tmp_path / "tiny"))
    place = f"signals/bm25/{file}"
    array = np.load(folder / place)
    if damage is None:
        array = array[:-1]
    else:
        damage(array)
    with BundleWriter(folder) as writer:
        writer.write_array(place, array, array.dtype)
        writer.write_signal_files("bm25", SignalSpec("text", "", ("title",), kind="lexical"), {}, _about(folder))
    with pytest.raises(BundleError, match=rf"signals/bm25/.*{said}.*; run python -m precompute lexical again$"):
        load_bundle(folder)


@pytest.mark.parametrize(
    "change",
    [{"k1": "1"}, {"k1": True}, {"k1": -1}, {"b": 2}, {"stopwords": "the"}, {"stopwords": [1]}, {"stemmer": None}],
)
def test_settings_that_say_nothing_are_one_sentence(indexed, tmp_path, change):
    folder = Path(shutil.copytree(indexed, tmp_path / "tiny"))
    with BundleWriter(folder) as writer:
        spec = SignalSpec("text", "", ("title",), kind="lexical")
        writer.write_signal_files("bm25", spec, {}, _about(folder) | change)
    with pytest.raises(BundleError, match=r"signal\.json does not say how a text is scored .*lexical again$"):
        load_bundle(folder)


def _about(folder: Path) -> dict:
    return json.loads((folder / "signals/bm25/signal.json").read_text(encoding="utf-8"))
