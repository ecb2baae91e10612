from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from judging_simulations import LAWS, mean_coverage, share_coverage
from noise import knowing_dataset, noise_dataset

from sqid_core.bundle.load import Dataset
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.reports import Run, evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.judging.book_samples import book_sample
from sqid_core.judging.books import Book
from sqid_core.judging.corrected import Corrected, corrected_means, wrong_labels
from sqid_core.judging.drawn import CHOSEN, Drawn
from sqid_core.judging.samples import drawn_pairs, drawn_queries
from sqid_core.judging.sources import suspects


def book_of(found: Drawn) -> Book:
    return Book("b", "Mine", "noise", "f", found.source, found.by_chance)


def judged(dataset: Dataset, pairs: pd.DataFrame) -> pd.DataFrame:
    """What judges say of pairs who know this data set's labels."""
    sample = book_sample(dataset, pairs, pairs.assign(label=""))
    names = np.array(dataset.scale.names)
    return pairs[["query_id", "product_id"]].assign(label=names[dataset.judgements.labels[sample.query, sample.place]])


def with_errors(dataset: Dataset, share: float, seed: int = 0) -> Dataset:
    """The same where so many published labels are another one."""
    rng = np.random.default_rng(seed)
    labels, count = dataset.judgements.labels, len(dataset.scale.names)
    wrong = (rng.random(labels.shape) < share) & dataset.judgements.mask
    other = (labels + rng.integers(1, count, labels.shape)) % count
    return relabelled(dataset, np.where(wrong, other, labels))


def relabelled(dataset: Dataset, labels: np.ndarray) -> Dataset:
    return replace(dataset, judgements=replace(dataset.judgements, labels=labels.astype(np.int8)))


def ndcg(dataset: Dataset, run: Run) -> np.ndarray:
    return evaluate(dataset, run, measures=("ndcg",)).values("ndcg")


def acts_of(labels: pd.DataFrame, book: str = "b") -> pd.DataFrame:
    return labels.assign(book=book)


def wrong_of(dataset: Dataset, drawn: Drawn, labels: pd.DataFrame) -> Corrected:
    return wrong_labels(dataset, book_of(drawn), drawn.pairs, acts_of(labels), as_told)


def means_of(dataset: Dataset, drawn: Drawn, labels: pd.DataFrame, runs: dict[str, Run]) -> Corrected:
    return corrected_means(dataset, book_of(drawn), drawn.pairs, acts_of(labels), as_told, runs)


def as_told(acts: pd.DataFrame) -> pd.DataFrame:
    """There is one judge, who says everything once."""
    return acts[["query_id", "product_id", "label"]]


@pytest.fixture(scope="module")
def truth() -> Dataset:
    return knowing_dataset(120, 5, np.full(120, 2.0), np.full(120, 1.0))


@pytest.fixture(scope="module")
def published(truth: Dataset) -> Dataset:
    return with_errors(truth, 0.15)


@pytest.fixture(scope="module")
def runs(truth: Dataset) -> dict[str, Run]:
    return {"Text": run_of(truth, "text"), "Image": run_of(truth, "image")}


@pytest.mark.parametrize(
    ("n", "cluster", "label"), [(100, False, None), (200, False, 1), (100, True, None), (50, True, 0)]
)
def test_intervals_of_wrong_labels_hold_the_truth(n: int, cluster: bool, label: int | None) -> None:
    found = share_coverage(n, cluster, sets=250, seed=3, label=label)
    assert not found.broken, found
    assert abs(found.error) < 0.01
    assert found.given > 0.9


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_intervals_of_means_hold_the_truth(law) -> None:
    found = mean_coverage(law, 60, sets=400, seed=3)
    assert not found.broken, found


def test_a_book_of_everything_gives_what_everything_is(truth: Dataset, published: Dataset, runs) -> None:
    everything = drawn_queries(published, 10_000)
    labels = judged(truth, everything.pairs)
    found = means_of(published, everything, labels, runs)
    table = found.table.set_index("what")
    for name, run in runs.items():
        before, after = ndcg(published, run), ndcg(truth, run)
        assert table.loc[name, ["published", "corrected"]].tolist() == pytest.approx(
            [np.nanmean(before), np.nanmean(after)]
        )
        assert table.loc[name, "change"] == pytest.approx(np.nanmean(after - before))
        assert table.loc[name, "low"] < table.loc[name, "corrected"] < table.loc[name, "high"]
    assert table.loc["Image − Text", "verdict"] == "worse"
    assert "120 of 120 queries judged whole" in found.caption
    assert CHOSEN not in found.caption
    wrong = wrong_of(published, everything, labels).table.set_index("label")
    changed = (truth.judgements.labels != published.judgements.labels)[truth.judgements.mask]
    assert wrong.loc[""].tolist() == pytest.approx([len(changed), *[changed.mean()] * 3])
    exact = published.judgements.labels == 0
    assert wrong.loc["Exact", "wrong"] == pytest.approx((truth.judgements.labels != 0)[exact].mean())


def test_samples_are_right_on_average(truth: Dataset, published: Dataset, runs) -> None:
    share = (truth.judgements.labels != published.judgements.labels)[truth.judgements.mask].mean()
    after = {name: np.nanmean(ndcg(truth, run)) for name, run in runs.items()}
    means, shares = [], []
    for seed in range(15):
        drawn = drawn_queries(published, 30, seed)
        labels = judged(truth, drawn.pairs)
        means.append(means_of(published, drawn, labels, runs).table.set_index("what")["corrected"])
        pairs = drawn_pairs(published, 150, seed)
        shares.append(wrong_of(published, pairs, judged(truth, pairs.pairs)).table["wrong"][0])
    assert np.mean(shares) == pytest.approx(share, abs=0.02)
    assert pd.DataFrame(means).mean()[list(runs)].to_dict() == pytest.approx(after, abs=0.015)


def test_pairs_tell_what_each_wrong_label_changes_alone(truth: Dataset, published: Dataset, runs) -> None:
    everything = drawn_pairs(published, 10**6)
    labels = judged(truth, everything.pairs)
    # All pairs of all queries are also all queries judged whole: one of them less, and pairs were drawn.
    lengths = published.judgements.lengths
    dropped = everything.pairs.drop_duplicates("query_id").index
    some = everything.pairs.drop(dropped)
    found = means_of(published, replace(everything, pairs=some), labels, runs).table.set_index("what")
    before = {name: ndcg(published, run) for name, run in runs.items()}
    gone = set(zip(everything.pairs["query_id"][dropped], everything.pairs["product_id"][dropped], strict=True))
    sums = dict.fromkeys(runs, 0.0)
    for query, place in zip(*np.nonzero(truth.judgements.labels != published.judgements.labels), strict=True):
        product = published.products["product_id"].iloc[published.judgements.rows[query, place]]
        if (published.judgements.query_ids[query], product) in gone:
            continue
        one = published.judgements.labels.copy()
        one[query, place] = truth.judgements.labels[query, place]
        for name, run in runs.items():
            sums[name] += np.nan_to_num(ndcg(relabelled(published, one), run)[query] - before[name][query])
    defined = int((~np.isnan(before["Text"])).sum())
    for name in runs:
        assert found.loc[name, "change"] == pytest.approx(sums[name] / defined)
        assert found.loc[name, "published"] == pytest.approx(np.nanmean(before[name]))
        told = found.loc[name, ["low", "corrected", "high"]] - found.loc[name, "published"]
        assert told.tolist() == pytest.approx(found.loc[name, ["change low", "change", "change high"]].tolist())
    assert found.loc["Image − Text", "change"] == pytest.approx((sums["Image"] - sums["Text"]) / defined)
    assert found.loc["Text", "n"] == lengths.sum() - len(dropped)
    assert (found["verdict"] == "").all()


def test_what_is_not_judged_yet_is_left_out_and_what_has_no_label_stays(
    truth: Dataset, published: Dataset, runs
) -> None:
    drawn = drawn_queries(published, 40)
    labels = judged(truth, drawn.pairs)
    ids = drawn.pairs["query_id"].unique()
    partly = labels[~((labels["query_id"] == ids[0]) & labels.duplicated("query_id"))]
    found = means_of(published, drawn, partly, runs)
    assert "39 of 40 queries judged whole" in found.caption
    unrateable = labels.assign(label=labels["label"].where(labels["query_id"] != ids[1], ""))
    table = means_of(published, drawn, unrateable, runs)
    assert "40 of 40" in table.caption
    assert wrong_of(published, drawn, unrateable).table["judged"][0] < len(labels)
    nobody = means_of(published, drawn, labels[:0], runs).table
    assert nobody[["corrected", "low", "change"]].isna().all(axis=None)
    assert wrong_of(published, drawn, labels[:0]).table["wrong"].isna().all()


def test_twenty_units_at_least(truth: Dataset, published: Dataset, runs) -> None:
    drawn = drawn_queries(published, 19, by_category=False)
    table = means_of(published, drawn, judged(truth, drawn.pairs), runs).table
    assert table["corrected"].notna().all()
    assert table[["low", "high"]].isna().all(axis=None)
    assert (table["verdict"] == "").all()


def test_a_bundle_that_lost_products_keeps_the_rest(truth: Dataset, published: Dataset, runs) -> None:
    drawn = drawn_queries(published, 20)
    foreign = pd.concat([drawn.pairs, drawn.pairs.head(3).assign(query_id="gone", product_id=["x", "y", "z"])])
    labels = judged(truth, drawn.pairs)
    more = pd.concat([labels, foreign.tail(3)[["query_id", "product_id"]].assign(label="No such label")])
    found = means_of(published, replace(drawn, pairs=foreign), more, runs).table
    assert found.equals(means_of(published, drawn, labels, runs).table)


def test_what_another_book_judged_of_the_same_pairs_does_not_count(truth: Dataset, published: Dataset, runs) -> None:
    drawn = drawn_queries(published, 40)
    labels = judged(truth, drawn.pairs)
    own = acts_of(labels[labels["query_id"].isin(labels["query_id"].unique()[:20])])
    both = pd.concat([own, acts_of(labels.assign(label="Irrelevant"), "suspects"), acts_of(labels, "")])
    for count, *more in ((corrected_means, runs), (wrong_labels,)):
        alone, beside = (count(published, book_of(drawn), drawn.pairs, acts, as_told, *more) for acts in (own, both))
        assert beside.table.equals(alone.table)


# --- who chooses the pairs decides what comes out ---


def noise_rankers(seed: int) -> tuple[Dataset, dict[str, Run]]:
    """Labels that are right, and two rankings that know nothing of them; the signals are those of the second."""
    dataset = noise_dataset(80, seed)
    rng = np.random.default_rng((seed, 1))
    mask = dataset.judgements.mask
    one, other = (np.where(mask, rng.standard_normal(mask.shape), np.nan) for _ in range(2))
    signals = {name: ScoredSignal(name, name, other) for name in ("text", "image")}  # type: ignore[arg-type]
    runs = {
        "A": run_of(dataset.judgements, ScoredSignal("A", "text", one)),
        "B": run_of(dataset.judgements, ScoredSignal("B", "text", other)),
    }
    return replace(dataset, signals=signals), runs


def noisy(dataset: Dataset, pairs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Judges who know the labels half of the time and guess else."""
    labels = judged(dataset, pairs)
    rng = np.random.default_rng(seed)
    guess = rng.choice(dataset.scale.names, len(labels))
    return labels.assign(label=np.where(rng.random(len(labels)) < 0.5, labels["label"], guess))


def under(dataset: Dataset, labels: pd.DataFrame) -> Dataset:
    """The data set with these labels instead of the published ones."""
    sample = book_sample(dataset, labels.assign(probability=np.nan, stratum=""), labels)
    found = dataset.judgements.labels.copy()
    found[sample.query, sample.place] = sample.label
    return relabelled(dataset, found)


def says(found: Corrected) -> str:
    return found.table.set_index("what").loc["B − A", "verdict"]


def test_a_noise_ranker_that_chooses_suspects_is_not_declared_better() -> None:
    naive, chosen, by_chance = [], [], []
    for seed in range(16):
        dataset, runs = noise_rankers(seed)
        picked = suspects(dataset, most=300)
        labels = noisy(dataset, picked.pairs, seed)
        # The danger is real: the labels that B contradicts, judged by guess, come to agree with B.
        a, b = (evaluate(under(dataset, labels), run, measures=("ndcg",)) for run in runs.values())
        naive.append(compare(a, b).verdict.kind == "better")
        found = means_of(dataset, picked, labels, runs)
        chosen.append(says(found))
        assert CHOSEN in found.caption
        assert found.table[["low", "high", "change low", "change high"]].isna().all(axis=None)
        shares = wrong_of(dataset, picked, labels)
        assert CHOSEN in shares.caption
        assert shares.table[["low", "high"]].isna().all(axis=None)
        drawn = drawn_queries(dataset, 40, seed)
        by_chance.append(says(means_of(dataset, drawn, noisy(dataset, drawn.pairs, seed), runs)))
    assert np.mean(naive) > 0.3
    assert set(chosen) == {""}
    assert by_chance.count("better") <= 2
