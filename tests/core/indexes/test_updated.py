"""An index that follows its catalogue: what is gone is never found, and it finds what a new one finds."""

from __future__ import annotations

import numpy as np
import pytest

from sqid_core.errors import BundleError
from sqid_core.indexes.exact import ExactIndex
from sqid_core.indexes.hnsw import MOST_DEAD, HnswIndex, hnswlib_installed
from sqid_core.indexes.protocol import IndexSpec, recall

pytestmark = pytest.mark.skipif(not hnswlib_installed(), reason="hnswlib is not installed")
COUNT, DIM = 2_000, 24


def drawn(rng, count):
    """Unit vectors around forty centres, as a catalogue's are."""
    vectors = np.random.default_rng(9).standard_normal((40, DIM))[rng.integers(0, 40, count)]
    vectors = (vectors + 0.7 * rng.standard_normal((count, DIM))).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def changed(rng, vectors, present, share):
    """A round: some vectors edited, some products gone, some new, and all in other rows. (moved, vectors, present)."""
    count = len(vectors)
    touched = rng.choice(count, int(count * share), replace=False)
    edited, gone = np.array_split(touched, 2)
    kept = np.setdiff1d(np.arange(count), gone)
    now = vectors.copy()
    now[edited] = drawn(rng, len(edited))
    moved, place = np.full(count, -1), rng.permutation(count)
    moved[kept] = place[: len(kept)]
    after, there = np.empty_like(vectors), np.empty(count, bool)
    after[place] = np.concatenate([now[kept], drawn(rng, len(gone))])
    there[place] = np.concatenate([present[kept], np.ones(len(gone), bool)])
    there &= rng.random(count) > 0.005
    return moved, np.where(there[:, None], after, 0).astype(np.float32), there


@pytest.mark.parametrize("share", [0.01, 0.08])
def test_ten_random_rounds_find_what_a_fresh_build_finds(share):
    rng = np.random.default_rng(int(share * 100))
    vectors, present = drawn(rng, COUNT), rng.random(COUNT) > 0.1
    vectors[~present] = 0
    index, built = HnswIndex.build(vectors, present, threads=1), 0
    for _ in range(10):
        moved, after, there = changed(rng, vectors, present, share)
        updated = index.updated(vectors, moved, after, there, threads=1)
        built += updated is None
        index = updated or HnswIndex.build(after, there, threads=1)
        vectors, present = after, there
        assert len(index) == present.sum()
        assert index.spec.dead <= MOST_DEAD * (index.spec.count + index.spec.dead)
    assert (built > 0) == (share > 0.05)
    queries = drawn(rng, 200)
    truth = ExactIndex(vectors, present).search(queries, 100)
    found = index.search(queries, 100)
    assert present[found.rows].all()
    np.testing.assert_allclose(found.scores, np.take_along_axis(queries @ vectors.T, found.rows, 1), atol=1e-5)
    fresh = recall(HnswIndex.build(vectors, present, threads=1).search(queries, 100), truth)
    assert recall(found, truth) > fresh - 0.005


def test_a_row_that_moved_is_not_added_again():
    rng = np.random.default_rng(0)
    vectors, everything = drawn(rng, 300), np.ones(300, bool)
    place = rng.permutation(300)
    moved = np.empty_like(vectors)
    moved[place] = vectors
    built = HnswIndex.build(vectors, everything, threads=1)
    index = built.updated(vectors, place, moved, everything)
    assert index.spec == built.spec
    assert index.search(moved, 1).rows[:, 0].tolist() == list(range(300))


def test_it_is_built_anew_beyond_the_share_of_dead_and_not_at_it():
    vectors, everything = drawn(np.random.default_rng(3), 10), np.ones(10, bool)
    for gone, dead in ((1, 1), (2, 2), (3, None)):
        index = HnswIndex.build(vectors, everything, threads=1)
        found = index.updated(vectors, np.arange(10), vectors, np.arange(10) >= gone)
        assert (None if found is None else found.spec.dead) == dead
    index = HnswIndex.build(vectors, everything, threads=1)
    assert index.updated(vectors, np.arange(10), vectors, everything) is index


def test_it_comes_back_from_its_file_with_its_rows(tmp_path):
    rng = np.random.default_rng(1)
    vectors, present = drawn(rng, 400), np.ones(400, bool)
    moved, after, there = changed(rng, vectors, present, 0.05)
    index = HnswIndex.build(vectors, present, threads=1).updated(vectors, moved, after, there)
    index.save(tmp_path / "index.hnsw")
    spec = IndexSpec(**index.spec.to_json())
    again = HnswIndex.load(tmp_path / "index.hnsw", spec, index.rows)
    np.testing.assert_array_equal(again.search(after[:20], 10).rows, index.search(after[:20], 10).rows)
    third = again.updated(after, np.arange(400), after, there & (np.arange(400) != 7))
    assert 7 not in third.search(after[7:8], 399).rows
    with pytest.raises(BundleError, match="a product twice, or one that"):
        HnswIndex.load(tmp_path / "index.hnsw", spec, index.rows[:5])
