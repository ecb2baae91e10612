"""What a server finds, ranked: the numbers of an exact search, over fewer products."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from precompute.steps.index_in_milvus import MilvusSpec, index_in_milvus
from precompute.steps.lexical import index_words
from sqid_core.bundle.in_milvus import milvus_indexes
from sqid_core.bundle.load import load_bundle
from sqid_core.errors import ServerError
from sqid_core.indexes.milvus_collection import FLAT
from sqid_core.indexes.milvus_server import MilvusPlace, MilvusServer
from sqid_core.ranking.candidates import catalogue_candidates, fused_ranking, signal_ranking
from sqid_core.ranking.filters import ProductFilter
from sqid_core.ranking.found import Served, found_candidates
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.mixes import preferring
from sqid_core.ranking.server_filters import ProductCodes

RAW = Fusion(image_weight=0.4, norm="none")
ONLY = ProductFilter(brands=("LINNEA",), price_to=14.0)


@pytest.fixture(scope="module")
def served(tmp_path_factory, tiny_bundle):
    """The tiny bundle with BM25, and its vectors in Milvus Lite."""
    folder = tmp_path_factory.mktemp("found")
    bundle = shutil.copytree(tiny_bundle, folder / "bundle")
    index_words(bundle, "bm25")
    place = MilvusPlace(str(folder / "lite.db"))
    index_in_milvus(bundle, place, MilvusSpec(FLAT))
    dataset, server = load_bundle(bundle), MilvusServer(place)
    yield dataset, Served(milvus_indexes(dataset, server), ProductCodes.of(dataset.products))
    server.close()


def question(dataset, query):
    vectors = {name: dataset.query_vectors(name)[query] for name in dataset.manifest.encoders}
    return vectors, str(dataset.queries["query"].iloc[query])


@pytest.mark.parametrize("signals", [(), ("bm25",), ("words_text:0.7+bm25:0.3",)])
@pytest.mark.parametrize("only", [ProductFilter(), ONLY])
def test_found_deep_enough_it_is_the_whole_catalogue(served, signals, only):
    """Every number, and the norms too, where all products are found."""
    dataset, there = preferring(served[0], *signals), served[1]
    fusion = Fusion(image_weight=0.3, norm="z-score")
    for query in range(3):
        vectors, text = question(dataset, query)
        exact = catalogue_candidates(dataset, vectors, fusion, query, text=text)
        found = found_candidates(dataset, there, vectors, fusion, query, text, only, depth=60)
        fits = only.mask(dataset.products)
        np.testing.assert_array_equal(found.rows, np.flatnonzero(fits & ~np.isnan(exact.text)))
        np.testing.assert_array_equal(found.labels, exact.labels[found.rows])
        if not signals or ":" not in signals[0]:  # a mix is normed over what is found
            np.testing.assert_array_equal(found.text, exact.text[found.rows])
        np.testing.assert_array_equal(found.image, exact.image[found.rows])
        if not only and not any(np.isnan(exact.text)):
            ours = fused_ranking(exact, fusion, 60)
            theirs = fused_ranking(found, fusion, 60)
            np.testing.assert_array_equal(ours.rows, theirs.rows)
            np.testing.assert_array_equal(ours.scores, theirs.scores)


def test_each_list_begins_as_it_does_here_and_the_judged_are_there(served):
    dataset, there = served
    for query in range(len(dataset.queries)):
        vectors, text = question(dataset, query)
        exact = catalogue_candidates(dataset, vectors, RAW, query, text=text)
        found = found_candidates(dataset, there, vectors, RAW, query, text, depth=12)
        for modality in ("text", "image"):
            expected = signal_ranking(exact, modality, 12)
            alone = signal_ranking(found, modality, 12)
            np.testing.assert_array_equal(alone.rows, expected.rows)
            np.testing.assert_array_equal(alone.scores, expected.scores)
        judged = dataset.judgements.rows[query][dataset.judgements.mask[query]]
        assert {*judged.tolist()} <= {*found.rows.tolist()}


def test_nothing_that_fits_is_an_empty_answer(served):
    dataset, there = served
    vectors, text = question(dataset, 0)
    found = found_candidates(dataset, there, vectors, Fusion(), 0, text, ProductFilter(brands=("nobody",)))
    assert len(found.rows) == 0


def test_the_embedding_average_reads_the_vectors_of_what_was_found(served):
    dataset, there = served
    vectors, text = question(dataset, 1)
    fusion = Fusion("embedding average", image_weight=0.5)
    exact = fused_ranking(catalogue_candidates(dataset, vectors, fusion, text=text), fusion, 5)
    found = fused_ranking(found_candidates(dataset, there, vectors, fusion, text=text, depth=40), fusion, 5)
    np.testing.assert_array_equal(found.rows, exact.rows)
    np.testing.assert_allclose(found.scores, exact.scores, atol=1e-6)


def test_a_lost_server_is_an_error_of_its_own(served):
    dataset, there = served
    vectors, text = question(dataset, 0)
    server = MilvusServer(MilvusPlace("http://localhost:1"))
    gone = {name: type(index)(server, "none", name, index.spec, 60) for name, index in there.indexes.items()}
    with pytest.raises(ServerError, match="cannot be reached"):
        found_candidates(dataset, Served(gone, there.codes), vectors, RAW, text=text)
