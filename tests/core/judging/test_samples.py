from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from checked_pairs import checked
from hypothesis import given
from hypothesis import strategies as st
from noise import noise_dataset

from sqid_core.analysis.groupings import categories
from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.judging.samples import allotted, drawn_pairs, drawn_queries


@pytest.fixture(scope="module")
def noise() -> Dataset:
    return noise_dataset(60, seed=4)


@pytest.mark.parametrize("draw", [drawn_pairs, drawn_queries])
def test_samples_repeat_grow_and_know_their_probability(noise: Dataset, draw) -> None:
    small, large = draw(noise, 12, seed=3), draw(noise, 30, seed=3)
    pairs = checked(large, noise)
    assert large.by_chance
    assert pairs.equals(draw(noise, 30, seed=3).pairs)
    assert not pairs["query_id"].equals(draw(noise, 30, seed=4).pairs["query_id"])
    keys = ["query_id", "product_id"]
    plain_small, plain = (draw(noise, count, 3, by_category=False).pairs[keys] for count in (12, 30))
    assert set(plain_small.itertuples(index=False)) < set(plain.itertuples(index=False))
    assert small.source.endswith("stratified by category, seed 3")
    units = pairs.drop_duplicates("query_id") if draw is drawn_queries else pairs
    population = _units(noise, draw)
    for name, part in units.groupby("stratum"):
        assert part["probability"].unique() == pytest.approx([len(part) / population[name]])
    # Horvitz and Thompson's count of all there are.
    assert (1 / units["probability"]).sum() == pytest.approx(population.sum())


def _units(dataset: Dataset, draw) -> pd.Series:
    names = categories(dataset)
    repeats = dataset.judgements.lengths if draw is drawn_pairs else 1
    return pd.Series(np.repeat(names, repeats)).value_counts()


def test_whole_queries_come_with_all_their_pairs(noise: Dataset) -> None:
    pairs = drawn_queries(noise, 9).pairs
    lengths = dict(zip(noise.judgements.query_ids, noise.judgements.lengths, strict=True))
    assert pairs["query_id"].nunique() == 9
    assert all(len(part) == lengths[name] for name, part in pairs.groupby("query_id"))


def test_every_pair_comes_as_often_as_its_probability_says(noise: Dataset) -> None:
    counts: dict[tuple[str, str], int] = {}
    for seed in range(150):
        found = drawn_pairs(noise, 60, seed).pairs
        for pair in found[["query_id", "product_id"]].itertuples(index=False):
            counts[tuple(pair)] = counts.get(tuple(pair), 0) + 1
    shares = np.array(list(counts.values())) / 150
    expected = 60 / noise.judgements.lengths.sum()
    assert shares.mean() == pytest.approx(expected, abs=0.01)
    assert shares.max() < expected + 5 * np.sqrt(expected / 150)


def test_small_categories_are_one_and_a_small_book_has_none(noise: Dataset) -> None:
    few = noise.products.assign(category=np.where(np.arange(len(noise.products)) == 3, "Rare", "Home"))
    lonely = Dataset(**{**vars(noise), "products": few})
    assert set(drawn_pairs(lonely, 20).pairs["stratum"]) <= {"Home", "Rare", "all"}
    assert set(drawn_pairs(noise, 2).pairs["stratum"]) == {"all"}
    assert len(drawn_pairs(noise, 10**6).pairs) == noise.judgements.lengths.sum()
    assert (drawn_pairs(noise, 10**6).pairs["probability"] == 1).all()
    with pytest.raises(InputError, match="one pair or more"):
        drawn_pairs(noise, 0)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.floats(0, 1))
def test_allotments_add_up(sizes: list[int], share: float) -> None:
    found = np.array(sizes)
    count = int(share * found.sum())
    allotment = allotted(found, count)
    assert allotment.sum() == count
    assert (allotment <= found).all()
    assert (np.abs(allotment - count * found / found.sum()) < 1 + 1e-6).all()
