"""A learned ranking asked about a text: of a query's products it says what the final model says of its slate."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.learned_signal import LearnedSignal
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import BundleError
from sqid_core.learning.features import features
from sqid_core.learning.final_model import asked_slate, final_model, final_scores, has_seen
from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.protocol import Examples
from sqid_core.learning.slates import judged_slates


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    folder = build_tiny_bundle(tmp_path_factory.mktemp("final") / "bundle", copies=2)
    for learner in LEARNERS:
        assert main(["learn", str(folder), "--name", f"by_{learner}", "--learner", learner, "--folds", "4"]) == 0
    return folder


@pytest.fixture(scope="module")
def dataset(bundle) -> Dataset:
    return load_bundle(bundle)


def learned(dataset: Dataset, name: str) -> LearnedSignal:
    signal = dataset.signals[name]
    assert isinstance(signal, LearnedSignal)
    return signal


@pytest.mark.parametrize("learner", LEARNERS)
def test_asked_about_a_query_and_its_products_it_says_what_it_says_of_the_slate(dataset, learner):
    final = final_model(dataset, learned(dataset, f"by_{learner}"))
    slates = judged_slates(dataset, final.signals)
    expected = final.model.scores(Examples(slates, features(slates, final.groups)))
    for query in (0, 7):
        rows = slates.rows[slates.queries == query]
        vectors = {name: dataset.query_vectors(name)[query] for name in final.encoders}
        slate = asked_slate(dataset, final.signals, slates.texts[query], vectors, rows)
        # Sums over a slate differ in the last digit by how far other slates pad it.
        np.testing.assert_allclose(final_scores(final, slate), expected[slates.queries == query], rtol=1e-12)


def test_it_says_which_texts_it_has_seen(dataset):
    text = dataset.queries["query"].iloc[0]
    assert has_seen(dataset, f" {text.upper()} ")
    assert not has_seen(dataset, "a text that nobody asked")
    rows = dataset.judgements.rows.copy()
    rows[(dataset.queries["query"] == text).to_numpy()] = -1
    labels = np.where(rows < 0, -1, dataset.judgements.labels).astype(np.int8)
    unjudged = replace(dataset, judgements=replace(dataset.judgements, rows=rows, labels=labels))
    assert not has_seen(unjudged, text)


def test_a_signal_that_cannot_search_is_unknown_to_it(dataset):
    run = learned(dataset, "by_linear")
    final = replace(final_model(dataset, run), signals={**dataset.signals})
    assert set(final.silent) == {f"by_{learner}" for learner in LEARNERS}
    slate = asked_slate(dataset, {"run": run}, "red mug", {}, np.arange(3))
    assert np.isnan(slate.scores["run"]).all()


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ({"signals": ("gone",)}, "was learned by the signal gone, which is not there"),
        ({"learner": "oracle"}, "was learned by the learner oracle, which is not there"),
        ({"features": ("smell",)}, "reads unknown features 'smell'"),
    ],
)
def test_what_is_not_there_is_one_sentence(dataset, origin, expected):
    signal = learned(dataset, "by_linear")
    with pytest.raises(BundleError, match=f"{expected}; run python -m precompute learn again"):
        final_model(dataset, replace(signal, origin=replace(signal.origin, **origin)))


def test_a_model_that_was_changed_is_refused(bundle, tmp_path):
    folder = Path(shutil.copytree(bundle, tmp_path / "changed"))
    dataset = load_bundle(folder)
    (folder / "signals" / "by_linear" / "model.safetensors").write_bytes(b"no model")
    with pytest.raises(BundleError, match="is no readable model"):
        final_model(dataset, learned(dataset, "by_linear"))
