"""Fusions in the words of search engines: their formulas give our order on one list, and what they lack is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.analysis.engine_loss import engine_loss, shortlisted
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.exports.engines import ENGINES, taken_home
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.mixes import preferring

EXPRESSED = (
    ("opensearch", Fusion(norm="min-max", image_weight=0.3)),
    ("opensearch", Fusion("rrf", image_weight=0.3, rrf_k=20)),
    ("elasticsearch", Fusion(norm="min-max", image_weight=0.3)),
    ("elasticsearch", Fusion(image_weight=0.3)),
    ("elasticsearch", Fusion("rrf", image_weight=0.7)),
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    folder = build_tiny_bundle(tmp_path_factory.mktemp("engines") / "bundle")
    assert main(["lexical", str(folder), "--signal", "bm25"]) == 0
    return load_bundle(folder)


@pytest.mark.parametrize(("engine", "fusion"), EXPRESSED)
def test_on_one_list_the_formula_gives_our_order(dataset, engine, fusion):
    # A product without a picture is in one list alone, and stands there as a score of 0.
    image = dataset.signals["words_image"]
    whole = np.where(image.present[:, None], image.products, dataset.signals["words_text"].products)
    pictured = replace(image, products=whole, present=np.ones_like(image.present))
    dataset = replace(dataset, signals={**dataset.signals, "words_image": pictured})
    home = taken_home(dataset, fusion, engine)
    whole = engine_loss(dataset, fusion, home, size=len(dataset.products))
    assert whole.ours == pytest.approx(whole.theirs, abs=1e-12)
    assert json.loads(json.dumps(home.requests)) == home.requests
    if fusion.norm == "min-max":
        short = engine_loss(dataset, fusion, home, size=3)
        assert short.theirs != short.ours


def test_a_mix_on_the_same_scale_is_one_sum_of_all_its_signals(dataset):
    mixed = preferring(dataset, "words_text:0.5+bm25:0.5@min-max", "words_image")
    fusion = Fusion(norm="min-max", image_weight=0.4)
    home = taken_home(mixed, fusion, "opensearch")
    assert [(part.signal.name, round(part.weight, 6)) for part in home.parts] == [
        ("words_text", 0.3),
        ("bm25", 0.3),
        ("words_image", 0.4),
    ]
    told = json.dumps(home.requests)
    assert '"weights": [0.3, 0.3, 0.4]' in told
    assert '"match"' in told
    whole = engine_loss(mixed, fusion, taken_home(mixed, fusion, "elasticsearch"), size=len(dataset.products))
    assert whole.ours == pytest.approx(whole.theirs, abs=1e-12)


def test_a_weight_at_an_end_leaves_one_signal(dataset):
    home = taken_home(dataset, Fusion(norm="min-max", image_weight=1.0), "opensearch")
    assert [part.signal.name for part in home.parts] == ["words_image"]


@pytest.mark.parametrize(
    ("engine", "fusion", "expected"),
    [
        ("opensearch", Fusion(), "OpenSearch does not have the norm none; choose from: min-max, z-score"),
        (
            "elasticsearch",
            Fusion(norm="z-score"),
            "Elasticsearch does not have the norm z-score; choose from: none",
        ),
        ("opensearch", Fusion("max", norm="min-max"), "OpenSearch has no maximum"),
        ("elasticsearch", Fusion("embedding average"), "Elasticsearch has no embedding average"),
        ("opensearch", Fusion("rrf", rrf_k=0.5), "takes whole numbers from 1 to 10,000 for k, not 0.5"),
    ],
)
def test_what_an_engine_lacks_is_said(dataset, engine, fusion, expected):
    with pytest.raises(InputError, match=expected):
        taken_home(dataset, fusion, engine)


def test_a_mix_on_another_scale_and_a_run_are_refused(dataset, tmp_path):
    mixed = preferring(dataset, "words_text:0.5+bm25:0.5", "words_image")
    with pytest.raises(InputError, match="is mixed on a scale of its own; an engine puts all on one"):
        taken_home(mixed, Fusion(norm="min-max"), "opensearch")
    folder = build_tiny_bundle(tmp_path / "learned", copies=2)
    assert main(["learn", str(folder), "--name", "sum", "--learner", "linear", "--folds", "4"]) == 0
    learned = preferring(load_bundle(folder), "sum")
    with pytest.raises(InputError, match="sum is made neither of vectors nor of words"):
        taken_home(learned, Fusion(norm="min-max"), "opensearch")


def test_what_opensearch_does_to_z_scores_and_equal_scores(dataset):
    home = taken_home(dataset, Fusion(norm="z-score", image_weight=0.5), "opensearch")
    assert "Below the mean" in home.caution
    fused = home.formula([np.array([1.0, 0.0, -1.0, np.nan]), np.array([2.0, 2.0, 2.0, np.nan])])
    # By hand: z = 1.2247, 0 and -1.2247, of which the mean's own is 1 and what is below .001; equal scores are 1.
    # A cosine of 1 is 1 there, and one of 2 would be 1.5: neither changes a z-score.
    assert fused[:3] == pytest.approx([(1.224744871 + 1) / 2, 1.0, 0.5 * 1e-3 + 0.5])
    assert fused[3] == -np.inf


def test_a_shortlist_holds_the_first_and_nothing_absent():
    scores = np.array([0.1, np.nan, 0.3, 0.2])
    assert np.array_equal(shortlisted(scores, 2), [np.nan, np.nan, 0.3, 0.2], equal_nan=True)
    assert np.isnan(shortlisted(scores, 9)).tolist() == [False, True, False, False]
    assert set(ENGINES) == {"opensearch", "elasticsearch"}
