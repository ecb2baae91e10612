from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from checked_pairs import checked
from fixtures import WordEncoder
from noise import noise_dataset

from sqid_core.analysis.query_sets import QuerySet
from sqid_core.analysis.suspects import suspect_labels
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError
from sqid_core.evaluation.comparisons import RunComparison, compare
from sqid_core.evaluation.reports import Run, evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import RunSpec
from sqid_core.judging.drawn import CHOSEN, rank_discounts, run_ranks, slots
from sqid_core.judging.pooling import pooled
from sqid_core.judging.sources import disagreement, losses_and_wins, of_products, of_queries, suspects
from sqid_core.ranking.fusion import Fusion
from sqid_core.ranking.search import search


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def noise() -> Dataset:
    return noise_dataset(60, seed=4)


@pytest.fixture(scope="module")
def compared(noise: Dataset) -> tuple[tuple[Run, Run], RunComparison]:
    runs = run_of(noise, "text"), run_of(noise, "image")
    return runs, compare(*(evaluate(noise, run) for run in runs))


def test_suspects_are_those_of_the_dataset_page(noise: Dataset) -> None:
    found = suspects(noise, most=20)
    pairs, expected = checked(found, noise), suspect_labels(noise, most=20)
    assert found.source == f"{CHOSEN}: 20 labels that text and image both contradict"
    assert pairs["query_id"].tolist() == noise.judgements.query_ids[expected["query"]].tolist()
    first = expected.iloc[0]
    assert f"text ranks it {first['text_rank']} and image {first['image_rank']} of" in pairs["why"].iloc[0]
    assert f"{first['cost']:.3f} NDCG" in pairs["why"].iloc[0]


def test_ranks_and_discounts_by_hand(dataset: Dataset) -> None:
    judgements = noise_dataset(3, seed=1).judgements
    order = np.argsort(-np.where(judgements.mask, judgements.rows % 7, -1), axis=1, kind="stable")
    # Padding behind, by whatever positions.
    order[:, -1] = np.where(judgements.mask[:, -1], order[:, -1], 0)
    run = Run("mine", order.astype(np.int32))
    ranks = run_ranks(judgements, run)
    for query, length in enumerate(judgements.lengths):
        assert [list(order[query]).index(place) for place in range(length)] == ranks[query, :length].tolist()
        assert (ranks[query, length:] == ranks.shape[1]).all()
    cut = rank_discounts(ranks, 2)
    assert cut[ranks == 0] == pytest.approx(1.0)
    assert cut[ranks == 1] == pytest.approx(1 / np.log2(3))
    assert not cut[ranks > 1].any()
    returned = judgements.mask & (judgements.rows % 2 == 0)
    hidden = run_ranks(judgements, Run("mine", run.order, returned))
    assert (hidden[~returned] == ranks.shape[1]).all()


def test_losses_hold_the_products_that_moved(noise: Dataset, compared) -> None:
    runs, comparison = compared
    lost = checked(losses_and_wins(noise, runs, comparison, "losses", queries=5, each=3), noise)
    ids = noise.judgements.query_ids
    assert list(dict.fromkeys(lost["query_id"])) == ids[comparison.losses[:5]].tolist()
    assert lost.groupby("query_id").size().max() <= 3
    assert lost["why"].str.contains("which loses").all()
    won = checked(losses_and_wins(noise, runs, comparison, "wins", queries=5), noise)
    assert set(won["query_id"]) == set(ids[comparison.wins[:5]])
    both = losses_and_wins(noise, runs, comparison, queries=8)
    change = pd.Series(np.abs(comparison.b - comparison.a), ids)
    drawn = change[list(dict.fromkeys(both.pairs["query_id"]))]
    assert drawn.is_monotonic_decreasing
    assert drawn.iloc[-1] >= change.drop(drawn.index).max()
    assert both.source.startswith(f"{CHOSEN}: the biggest losses and wins of image against text")
    with pytest.raises(ValueError, match="unknown side"):
        losses_and_wins(noise, runs, comparison, "draws")  # type: ignore[arg-type]


def test_two_equal_runs_have_no_losses(noise: Dataset, compared) -> None:
    run = compared[0][0]
    same = compare(evaluate(noise, run), evaluate(noise, run))
    assert len(losses_and_wins(noise, (run, run), same).pairs) == 0


def test_disagreement_knows_both(noise: Dataset) -> None:
    pairs = checked(disagreement(noise, most=30, each=2), noise)
    assert len(pairs) == 30
    assert pairs.groupby("query_id").size().max() <= 2
    query, place = slots(noise, pairs)
    for signal in noise.signals.values():
        assert np.isfinite(signal.slate_scores(noise.judgements)[query, place]).all()


def test_the_pairs_of_a_set_in_its_order(dataset: Dataset) -> None:
    found = of_queries(dataset, QuerySet("both fail", ("05", "02")))
    pairs = checked(found, dataset)
    lengths = dataset.judgements.lengths[[5, 2]]
    assert pairs["query_id"].tolist() == ["05"] * lengths[0] + ["02"] * lengths[1]
    assert found.source == "the judged pairs of 2 queries: both fail"
    with pytest.raises(InputError, match="no query 'x'"):
        of_queries(dataset, QuerySet("x", ("x",)))
    with pytest.raises(InputError, match="no product is judged"):
        of_queries(dataset, QuerySet("nothing", ()))


def test_a_pool_is_what_the_search_shows_and_nobody_judged(dataset: Dataset) -> None:
    specs = [RunSpec(signal="words_text"), RunSpec(fusion=Fusion(image_weight=0.4)), RunSpec(signal="words_image")]
    steps: list[tuple[int, int]] = []
    pairs = checked(pooled(dataset, specs, k=4, progress=lambda done, total: steps.append((done, total))), dataset)
    assert steps[-1] == (24, 24)
    judged = {(q, p) for q, p in _judged(dataset)}
    expected = {}
    for query_id, text in dataset.queries[["query_id", "query"]].itertuples(index=False):
        for spec in specs:
            shown = search(dataset, text, spec.fusion or spec.signal, k=4, encoder=WordEncoder()).table
            for rank, product in shown["product_id"].items():
                if (query_id, product) not in judged:
                    expected.setdefault((query_id, product), []).append(f"rank {rank} of {spec.title}")
    found = {(q, p): sorted(why.split(", rank")) for q, p, why in pairs[["query_id", "product_id", "why"]].to_numpy()}
    assert set(found) == set(expected)
    assert all(len(found[pair]) == len(reasons) for pair, reasons in expected.items())
    best = pairs["why"].str.extract(r"rank (\d+)")[0].astype(int)
    assert best.is_monotonic_increasing


def _judged(dataset: Dataset) -> set[tuple[str, str]]:
    query, place = np.nonzero(dataset.judgements.mask)
    ids = dataset.products["product_id"].to_numpy()[dataset.judgements.rows[query, place]]
    return set(zip(dataset.judgements.query_ids[query], ids, strict=True))


def test_a_run_file_cannot_be_pooled(noise: Dataset, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="cannot be pooled: text ranks judged products only"):
        pooled(noise, [RunSpec(signal="text")])
    with pytest.raises(InputError, match="cannot be pooled"):
        pooled(noise, [RunSpec(fusion=Fusion())])
    with pytest.raises(InputError, match="at least one run"):
        pooled(dataset, [])
    assert len(pooled(dataset, [RunSpec(signal="words_text")], queries=np.empty(0, np.int64)).pairs) == 0
    deep = pooled(dataset, [RunSpec(signal="words_image")], k=500, queries=np.array([1]))
    assert len(deep.pairs) == 55 - sum(q == "01" and p in _pictured(dataset) for q, p in _judged(dataset))


def _pictured(dataset: Dataset) -> set[str]:
    return set(dataset.products["product_id"][dataset.signals["words_image"].present])


def test_slots_find_judged_pairs_alone(dataset: Dataset) -> None:
    judged = _judged(dataset)
    frame = pd.DataFrame([*sorted(judged), ("00", "P059"), ("nobody", "P001"), ("00", "nothing")],
                         columns=["query_id", "product_id"])  # fmt: skip
    query, place = slots(dataset, frame)
    assert (place[:-3] >= 0).all()
    assert (place[-3:] == -1).all() == (("00", "P059") not in judged)
    assert query[-2] == -1
    rows = dataset.judgements.rows[query[:-3], place[:-3]]
    assert dataset.products["product_id"].iloc[rows].tolist() == frame["product_id"].tolist()[:-3]


def test_a_book_of_an_area_holds_its_judged_pairs(dataset: Dataset) -> None:
    chosen = np.zeros(len(dataset.products), dtype=bool)
    chosen[:20] = True
    drawn = of_products(dataset, chosen, "an area")
    judged = {
        (query, product) for query, product in zip(drawn.pairs["query_id"], drawn.pairs["product_id"], strict=True)
    }
    ids = set(dataset.products["product_id"][:20])
    assert {product for _, product in judged} <= ids
    assert len(drawn.pairs) == sum(int(row in range(20)) for row in dataset.judgements.rows[dataset.judgements.mask])
    with pytest.raises(InputError, match="no product of an area is judged"):
        of_products(dataset, ~np.ones(len(dataset.products), dtype=bool), "an area")
