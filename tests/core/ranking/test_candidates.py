from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fixtures import QUERIES, build_tiny_bundle, text_vector

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.curves import judged_curve
from sqid_core.evaluation.reports import dataset_curves, evaluate, fusion_run
from sqid_core.ranking.candidates import (
    catalogue_candidates,
    fused_ranking,
    signal_ranking,
    slate_candidates,
)
from sqid_core.ranking.fusion import Fusion

FUSIONS = [Fusion(image_weight=0.4), Fusion("rrf", 0.3), Fusion("embedding average", 0.6)]


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.mark.parametrize("fusion", FUSIONS, ids=str)
def test_a_slate_is_ranked_as_in_the_evaluation(dataset: Dataset, fusion: Fusion) -> None:
    run = fusion_run(dataset, fusion)
    for query in range(len(QUERIES)):
        candidates = slate_candidates(dataset, query, fusion)
        ranking = fused_ranking(candidates, fusion, 99)
        length = dataset.judgements.lengths[query]
        expected = dataset.judgements.rows[query][run.order[query][:length]]
        np.testing.assert_array_equal(ranking.rows, expected)


def test_the_slates_curve_is_the_querys(dataset: Dataset) -> None:
    fusion = Fusion(norm="z-score")
    curves = dataset_curves(dataset, fusion)
    curve = judged_curve(slate_candidates(dataset, 3, fusion), dataset.scale.gains(), fusion)
    np.testing.assert_array_equal(curve.values, curves.curve(3).values)
    ndcg = evaluate(dataset, fusion_run(dataset, Fusion(norm="z-score", image_weight=0.37))).per_query["ndcg"]
    assert float(curve.at(0.37)) == pytest.approx(ndcg.iloc[3])


def test_the_catalogue_is_searched_whole(dataset: Dataset) -> None:
    fusion = Fusion(image_weight=0.0)
    candidates = catalogue_candidates(dataset, {"words": text_vector("red mug")}, fusion, query=0)
    assert len(candidates.rows) == len(dataset.products)
    first = dataset.products.iloc[fused_ranking(candidates, fusion, 3).rows]
    assert (first["category"] == "mug").all()
    judged = candidates.labels >= 0
    assert judged.sum() == dataset.judgements.lengths[0]


def test_a_judged_query_has_the_same_scores_in_slate_and_catalogue(dataset: Dataset) -> None:
    fusion = Fusion()
    slate = slate_candidates(dataset, 0, fusion)
    vector = dataset.signals["words_text"].queries[0]
    catalogue = catalogue_candidates(dataset, {"words": vector}, fusion, query=0)
    np.testing.assert_array_equal(catalogue.text[slate.rows], slate.text)
    np.testing.assert_array_equal(catalogue.image[slate.rows], slate.image)
    np.testing.assert_array_equal(catalogue.labels[slate.rows], slate.labels)


def test_the_first_k_do_not_depend_on_k(dataset: Dataset) -> None:
    for fusion in FUSIONS:
        candidates = catalogue_candidates(dataset, {"words": text_vector("blue lamp")}, fusion)
        whole = fused_ranking(candidates, fusion, 60).rows
        np.testing.assert_array_equal(fused_ranking(candidates, fusion, 7).rows, whole[:7])


def test_a_signal_alone_ranks_products_without_it_last(dataset: Dataset) -> None:
    candidates = slate_candidates(dataset, 0, Fusion())
    ranking = signal_ranking(candidates, "image", 99)
    missing = np.isnan(ranking.scores)
    assert missing.any()
    assert not missing[: len(missing) - missing.sum()].any()


def test_one_signal_is_enough_to_search(tmp_path: Path) -> None:
    alone = load_bundle(build_tiny_bundle(tmp_path / "text", modalities=["text"]))
    candidates = slate_candidates(alone, 0, Fusion())
    assert len(signal_ranking(candidates, "text", 5).rows) == 5
    with pytest.raises(ValueError, match="a text and an image signal"):
        fused_ranking(candidates, Fusion(), 5)
    with pytest.raises(ValueError, match="no image signal"):
        signal_ranking(candidates, "image", 5)
