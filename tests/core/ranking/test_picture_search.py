from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fixtures import text_vector, unit

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.encoders.families import reads_pictures
from sqid_core.errors import InputError
from sqid_core.ranking.candidates import catalogue_candidates, fused_ranking
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.picture_search import Question, mixed, similar_to


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


def test_a_product_is_the_most_similar_to_itself(dataset: Dataset) -> None:
    row = int(np.flatnonzero(dataset.signals["words_image"].present)[3])
    vectors = similar_to(dataset, row)
    candidates = catalogue_candidates(dataset, vectors, Fusion())
    assert np.nanargmax(candidates.image) == row
    assert candidates.image[row] == pytest.approx(1, abs=1e-6)
    expected = dataset.signals["words_text"].catalogue_scores(dataset.signals["words_image"].products[row])
    np.testing.assert_array_equal(candidates.text, expected)
    assert len(fused_ranking(candidates, Fusion(), 5).rows) == 5


def test_a_product_without_a_picture_stands_by_its_text(dataset: Dataset) -> None:
    row = int(np.flatnonzero(~dataset.signals["words_image"].present)[0])
    np.testing.assert_array_equal(similar_to(dataset, row)["words"], dataset.signals["words_text"].products[row])


def test_a_text_encoder_that_knows_no_pictures_takes_no_part(dataset: Dataset) -> None:
    other = replace(dataset.signals["words_text"], encoder="sentences")
    apart = replace(dataset, signals={"sentences_text": other, "words_image": dataset.signals["words_image"]})
    row = int(np.flatnonzero(apart.signals["words_image"].present)[0])
    candidates = catalogue_candidates(apart, similar_to(apart, row), Fusion())
    assert candidates.text is None
    assert candidates.columns is None
    assert candidates.image is not None
    with pytest.raises(InputError, match="try a text"):
        catalogue_candidates(apart, {}, Fusion())
    both = mixed(similar_to(apart, row), {"words": text_vector("mug"), "sentences": text_vector("mug")}, 0.5)
    assert catalogue_candidates(apart, both, Fusion()).columns is not None
    np.testing.assert_array_equal(both["sentences"], text_vector("mug"))


def test_mixing_is_the_normalised_weighted_mean() -> None:
    picture, words = text_vector("red"), text_vector("mug")
    for share in (0.0, 0.25, 0.5, 1.0):
        found = mixed({"e": picture}, {"e": words}, share)["e"]
        np.testing.assert_allclose(found, unit((1 - share) * picture + share * words), atol=1e-6)
        assert found.dtype == np.float32
    np.testing.assert_array_equal(mixed({"e": picture}, {"e": -picture}, 0.5)["e"], picture)


def test_only_clip_models_read_pictures(dataset: Dataset) -> None:
    spec = dataset.manifest.encoders["words"]
    assert reads_pictures(spec)
    assert not reads_pictures(replace(spec, family="sentence-transformers"))


def test_what_nearly_cancels_out_is_the_picture() -> None:
    picture = np.array([1.0, 0.0], np.float32)
    for height, alone in ((0.0019, True), (0.0021, False)):
        words = np.array([-1.0, height], np.float32)
        found = mixed({"e": picture}, {"e": words}, 0.5)["e"]
        assert (found is picture) == alone
        assert alone or found.tolist() == pytest.approx([0, 1])


def test_a_picture_is_asked_for_by_a_product_or_an_upload() -> None:
    asked = [Question(text="mug"), Question(like="p"), Question(upload="h"), Question(like="p", upload="h")]
    assert [question.by_picture for question in asked] == [False, True, True, True]
