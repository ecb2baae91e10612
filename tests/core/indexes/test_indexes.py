"""One contract for every index; the exact one is the oracle."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from cuvs_stand_in import install_cuvs

from sqid_core.errors import BundleError
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import HnswIndex, hnswlib_installed
from sqid_core.indexes.hnsw_on_gpu import build_on_gpu
from sqid_core.indexes.milvus import MilvusIndex
from sqid_core.indexes.milvus_collection import HNSW, FilteredColumns, make_collection
from sqid_core.indexes.milvus_server import MilvusServer
from sqid_core.indexes.protocol import NO_ROW, Hits, IndexSpec, SearchIndex, recall
from sqid_core.indexes.top_rows import top_rows

needs_hnswlib = pytest.mark.skipif(not hnswlib_installed(), reason="hnswlib is not installed")


def unit_vectors(count: int, dim: int = 16, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def exact(vectors: np.ndarray, present: np.ndarray) -> SearchIndex:
    return ExactIndex(vectors, present)


def hnsw(vectors: np.ndarray, present: np.ndarray) -> SearchIndex:
    return HnswIndex.build(vectors, present, ef=len(vectors), threads=1)


def hnsw_by_cuvs(vectors: np.ndarray, present: np.ndarray) -> SearchIndex:
    if not present.any():  # few vectors are always left to hnswlib
        return hnsw(vectors, present)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        install_cuvs(patch, Path(folder))
        return build_on_gpu(vectors, present, ef=len(vectors))


@pytest.fixture(scope="module")
def build(request, server):
    """A function that builds an index of vectors and their presence."""
    return request.param if callable(request.param) else partial(in_milvus, server, request.param)


def in_milvus(server: MilvusServer, kind: str, vectors: np.ndarray, present: np.ndarray) -> SearchIndex:
    spec = IndexSpec(kind, vectors.shape[1], int(present.sum()), ef=max(len(vectors), 1))
    columns = FilteredColumns.without(len(vectors))
    make_collection(server, "contract", {"a": (vectors * present[:, None], present)}, columns, {"a": spec})
    return MilvusIndex(server, "contract", "a", spec, len(vectors))


INDEXES = pytest.mark.parametrize(
    "build",
    [exact, *(pytest.param(kind, marks=needs_hnswlib) for kind in (hnsw, hnsw_by_cuvs)), HNSW],
    indirect=True,
    ids=lambda kind: kind if isinstance(kind, str) else kind.__name__,
)


@INDEXES
class TestContract:
    def test_a_vector_finds_itself_first(self, build) -> None:
        vectors = unit_vectors(200)
        hits = build(vectors, np.ones(200, bool)).search(vectors, 5)
        assert hits.rows[:, 0].tolist() == list(range(200))
        np.testing.assert_allclose(hits.scores[:, 0], 1, atol=1e-5)
        assert (np.diff(hits.scores, axis=1) <= 0).all()
        assert hits.rows.dtype == np.int32

    def test_all_agree_with_the_oracle(self, build) -> None:
        vectors, queries = unit_vectors(400), unit_vectors(20, seed=1)
        present = np.arange(400) % 7 != 0
        found = build(vectors, present).search(queries, 10)
        truth = np.argsort(-np.where(present, queries @ vectors.T, -9), axis=1)[:, :10]
        np.testing.assert_array_equal(found.rows, truth)

    def test_absent_products_are_never_found(self, build) -> None:
        vectors, present = unit_vectors(50), np.arange(50) % 2 == 0
        index = build(vectors, present)
        assert len(index) == 25
        assert not (index.search(vectors, 25).rows % 2).any()

    def test_k_beyond_the_count_gives_all_and_pads(self, build) -> None:
        vectors = unit_vectors(6)
        hits = build(vectors, np.arange(6) < 4).search(vectors[:2], 9)
        assert hits.rows.shape == (2, 9)
        assert sorted(hits.rows[0, :4].tolist()) == [0, 1, 2, 3]
        assert (hits.rows[:, 4:] == NO_ROW).all()
        assert (hits.scores[:, 4:] == -np.inf).all()

    def test_ties_go_to_the_lower_row(self, build) -> None:
        vectors = np.repeat(unit_vectors(4), 5, axis=0)
        hits = build(vectors, np.ones(20, bool)).search(vectors[[7]], 5)
        assert hits.rows.tolist() == [[5, 6, 7, 8, 9]]

    def test_nothing_to_find(self, build) -> None:
        vectors = unit_vectors(3)
        for asked in (1, 2):
            hits = build(vectors, np.zeros(3, bool)).search(vectors[:asked], 2)
            assert hits.rows.tolist() == [[NO_ROW, NO_ROW]] * asked
            assert (hits.scores == -np.inf).all()

    def test_wrong_questions_are_refused(self, build) -> None:
        index = build(unit_vectors(5), np.ones(5, bool))
        with pytest.raises(ValueError, match=r"expected query vectors \(q, 16\), got \(1, 8\)"):
            index.search(unit_vectors(1, 8), 2)
        with pytest.raises(ValueError, match="k must be at least 1, got 0"):
            index.search(unit_vectors(1), 0)


@needs_hnswlib
class TestHnswFiles:
    def test_ef_and_dim_survive_saving(self, tmp_path: Path) -> None:
        vectors, present = unit_vectors(3000), np.ones(3000, bool)
        built = HnswIndex.build(vectors, present, m=4, ef_construction=20, ef=3000, threads=1)
        built.save(tmp_path / "index.hnsw")
        loaded = HnswIndex.load(tmp_path / "index.hnsw", built.spec)
        assert loaded.spec == built.spec
        queries, truth = vectors[:50], ExactIndex(vectors, present).search(vectors[:50], 10)
        assert recall(loaded.search(queries, 10), truth) == pytest.approx(recall(built.search(queries, 10), truth))
        assert recall(loaded.with_ef(10).search(queries, 10), truth) < recall(
            loaded.with_ef(3000).search(queries, 10), truth
        )

    def test_another_width_or_count_is_noticed(self, tmp_path: Path) -> None:
        built = HnswIndex.build(unit_vectors(20), np.ones(20, bool), threads=1)
        built.save(tmp_path / "index.hnsw")
        for change in ({"dim": 17}, {"count": 21}):
            wrong = type(built.spec)(**{**built.spec.to_json(), **change})
            with pytest.raises(BundleError, match="holds 20 vectors of 16 dimensions, expected"):
                HnswIndex.load(tmp_path / "index.hnsw", wrong)

    @pytest.mark.parametrize("keep", [0, 40, 500])
    def test_a_cut_off_file_is_refused(self, tmp_path: Path, keep: int) -> None:
        built, path = HnswIndex.build(unit_vectors(20), np.ones(20, bool), threads=1), tmp_path / "index.hnsw"
        built.save(path)
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(BundleError, match="run python -m precompute index again"):
            HnswIndex.load(path, built.spec)

    def test_one_thread_gives_the_same_bytes(self, tmp_path: Path) -> None:
        for name in "ab":
            HnswIndex.build(unit_vectors(500), np.ones(500, bool), threads=1).save(tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@needs_hnswlib
def test_a_graph_in_pieces_gives_what_can_be_reached() -> None:
    """hnswlib raises where it reaches fewer than k; with two links and many equal vectors, that is often so."""
    vectors = np.repeat(np.eye(8, dtype=np.float32), 50, axis=0)
    index = HnswIndex.build(vectors, np.ones(400, bool), m=2, ef_construction=1, ef=1, threads=1)
    hits = index.search(vectors[::50], 400)
    found = hits.rows != NO_ROW
    assert found.shape == (8, 400)
    for place, alone in enumerate(vectors[::50]):
        np.testing.assert_array_equal(index.search(alone[None], 400).rows[0], hits.rows[place])
    assert not found.all()
    assert found.any(axis=1).all()
    assert (np.diff(found.astype(int), axis=1) <= 0).all()


def test_many_exact_searches_are_as_each_alone() -> None:
    vectors = np.concatenate([unit_vectors(300), unit_vectors(300)[:50]])
    present = np.arange(350) % 7 != 3
    index = ExactIndex(vectors, present)
    together = index.search(vectors[:150], 12)
    for i in range(150):
        alone = index.search(vectors[i : i + 1], 12)
        np.testing.assert_array_equal(together.rows[i], alone.rows[0])
        np.testing.assert_array_equal(together.scores[i], alone.scores[0])


@pytest.mark.parametrize("k", [1, 7, 50, 51, 400])
def test_top_rows_is_a_stable_sort(k: int) -> None:
    rng = np.random.default_rng(k)
    for levels in (1, 2, 9, 10**6):
        scores = rng.integers(levels, size=50).astype(float)
        scores[rng.random(50) < 0.2] = -np.inf
        np.testing.assert_array_equal(top_rows(scores, k), np.argsort(-scores, kind="stable")[:k])


def test_a_spec_names_its_dead_only_where_there_are_some() -> None:
    assert IndexSpec("hnsw", 3, 0).to_json() == {
        "kind": "hnsw", "dim": 3, "count": 0, "m": 16, "ef_construction": 200, "ef": 64
    }  # fmt: skip
    assert IndexSpec("hnsw", 3, 5, dead=2).to_json()["dead"] == 2


def test_recall_counts_whichever_of_equal_products_is_found() -> None:
    truth = Hits(np.array([[0, 1, 2]], np.int32), np.array([[0.9, 0.5, 0.5]], np.float32))
    others = Hits(np.array([[0, 7, 8]], np.int32), np.array([[0.9, 0.5, 0.4999999]], np.float32))
    worse = Hits(np.array([[0, 7, NO_ROW]], np.int32), np.array([[0.9, 0.49, -np.inf]], np.float32))
    few = Hits(np.array([[0, NO_ROW, NO_ROW]], np.int32), np.array([[0.9, -np.inf, -np.inf]], np.float32))
    near = Hits(np.array([[0, 7, NO_ROW]], np.int32), np.array([[0.9, 0.55, -np.inf]], np.float32))
    steps = Hits(truth.rows, np.array([[0.9, 0.6, 0.5]], np.float32))
    assert recall(near, steps) == pytest.approx(2 / 3)
    assert recall(near, few) == 1
    one_other = Hits(np.array([[7, NO_ROW, NO_ROW]], np.int32), np.array([[0.3, -np.inf, -np.inf]], np.float32))
    assert recall(one_other, few) == 0
    assert [recall(found, truth) for found in (truth, others, worse)] == pytest.approx([1, 1, 1 / 3])
    assert (recall(few, few), recall(truth, few), recall(worse, few)) == (1, 1, 1)


@needs_hnswlib
@pytest.mark.parametrize(("titles", "copies"), [(300, 12), (1, 3000)])
def test_equal_products_are_no_loss(titles: int, copies: int) -> None:
    # In a mixed order, as ids are hashed: copies beside each other make islands in the graph.
    vectors = np.random.default_rng(2).permutation(np.repeat(unit_vectors(titles), copies, axis=0))
    present = np.ones(len(vectors), bool)
    queries = unit_vectors(40, seed=1)
    oracle, graph = ExactIndex(vectors, present), HnswIndex.build(vectors, present, threads=1)
    assert recall(graph.search(queries, 10), oracle.search(queries, 10)) > 0.95
    assert recall(graph.search(queries, 100), oracle.search(queries, 100)) > 0.95


@needs_hnswlib
def test_a_graph_of_many_vectors_finds_each_by_its_own_row() -> None:
    """More than are added at once: they are added in another order than they stand in."""
    vectors, present = unit_vectors(7_000), np.arange(7_000) % 3 > 0
    index = HnswIndex.build(vectors, present, m=8, ef_construction=40, ef=100)
    rows = np.flatnonzero(present)[::50]
    hits = index.search(vectors[rows], 1)
    assert (hits.rows[:, 0] == rows).mean() > 0.98
    assert len(index) == present.sum()
