"""A bundle judged by a set of labels: published labels give published numbers, and a label moves its query alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from act_frames import acts_of, labelled, said
from fixtures import THREE, build_tiny_bundle
from hard_bundles import HARD, build_hard
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.known_labels import KNOWN_LABELS
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import InputError
from sqid_core.evaluation.reports import dataset_curves, evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import runs_of
from sqid_core.judging.label_sets import PUBLISHED, LabelSet
from sqid_core.judging.relabelled import relabelled
from sqid_core.ranking.candidates import catalogue_labels
from sqid_core.ranking.fusion import Fusion

MAJORITY = LabelSet("majority", version=10**9)
ALONE = LabelSet("majority", version=10**9, alone=True)


def published_pairs(dataset: Dataset) -> pd.DataFrame:
    judgements = dataset.judgements
    queries, slots = np.nonzero(judgements.mask)
    products = dataset.products["product_id"].astype(str).to_numpy()[judgements.rows[queries, slots]]
    labels = [dataset.scale.names[code] for code in judgements.labels[queries, slots]]
    return pd.DataFrame({"pair": judgements.query_ids[queries].astype(str) + " " + products, "label": labels})


def votes(dataset: Dataset) -> list[dict[str, object]]:
    """Three judges of whom two say of every pair what was published."""
    pairs = list(published_pairs(dataset).itertuples(index=False))
    return [labelled(judge, *pair) for judge in ("ann", "bob") for pair in pairs] + [
        labelled("cleo", pair, dataset.scale.names[-1]) for pair, _ in pairs[::2]
    ]


def measured(dataset: Dataset) -> dict[str, np.ndarray]:
    """Every measure of every query of every run, and the curves of the default fusion."""
    found = {spec.title: evaluate(dataset, run_of(dataset, spec)).per_query.to_numpy() for spec in runs_of(dataset)}
    if dataset.can_fuse:
        curves = dataset_curves(dataset, Fusion())
        found |= {"starts": curves.starts, "values": curves.values}
    return found


def assert_same_numbers(one: Dataset, other: Dataset) -> None:
    mine, theirs = measured(one), measured(other)
    assert mine.keys() == theirs.keys()
    for name, values in mine.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name, strict=True)


# --- published labels give published numbers ---


ALIKE = [(what, MAJORITY) for what in HARD] + [(what, ALONE) for what in ("ties everywhere", "three grades")]


@pytest.mark.parametrize(("what", "labels"), ALIKE, ids=lambda each: each if isinstance(each, str) else "")
def test_a_majority_of_the_published_labels_changes_no_bit(what, labels, tmp_path):
    dataset = load_bundle(build_hard(what, tmp_path / "hard"))
    found = relabelled(dataset, acts_of(votes(dataset)), labels)
    pairs = int(dataset.judgements.mask.sum())
    # Two against one; where a judge alone says the worst label of a pair that has it, all three agree.
    assert (found.given, found.changed, found.added, found.removed, found.gone, found.unknown) == (pairs, 0, 0, 0, 0, 0)
    np.testing.assert_array_equal(found.dataset.judgements.rows, dataset.judgements.rows, strict=True)
    np.testing.assert_array_equal(found.dataset.judgements.labels, dataset.judgements.labels, strict=True)
    assert_same_numbers(found.dataset, dataset)
    assert found.dataset.judgements.digest == dataset.judgements.digest
    assert_same_numbers(relabelled(dataset.as_retrieval(), acts_of([]), MAJORITY).dataset, dataset.as_retrieval())


def test_the_tiny_bundle_with_vectors_too(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    assert_same_numbers(relabelled(dataset, acts_of(votes(dataset)), ALONE).dataset, dataset)


def test_how_a_bundle_is_read_stays(tmp_path):
    dataset = load_bundle(build_hard("half of the pictures", tmp_path / "hard")).as_retrieval()
    found = relabelled(dataset, acts_of(votes(dataset)), MAJORITY).dataset
    assert found.retrieval
    assert_same_numbers(found, dataset)


def test_without_acts_only_the_published_labels_are_left(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    assert_same_numbers(relabelled(dataset, acts_of([]), MAJORITY).dataset, dataset)
    nothing = relabelled(dataset, acts_of([]), ALONE)
    assert nothing.removed == 132
    assert not nothing.dataset.judgements.mask.any()
    for spec in runs_of(nothing.dataset):
        assert evaluate(nothing.dataset, run_of(nothing.dataset, spec)).n_scored == 0
    assert len(dataset_curves(nothing.dataset, Fusion())) == 8
    assert nothing.sentence() == "0 labels; 132 published pairs count as unjudged"


def test_the_published_set_is_the_bundle(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    found = relabelled(dataset, acts_of(votes(dataset)), PUBLISHED)
    assert found.dataset is dataset
    assert found.sentence() == ""


# --- one label ---


@pytest.mark.parametrize("what", ["ties everywhere", "slates of 1 to 300", "three grades"])
def test_one_flipped_label_changes_exactly_its_query(what, tmp_path):
    dataset = load_bundle(build_hard(what, tmp_path / "hard"))
    pairs = published_pairs(dataset)
    for place in (0, len(pairs) // 2, len(pairs) - 1):
        pair, label = pairs.iloc[place]
        other = next(name for name in reversed(dataset.scale.names) if name != label)
        found = relabelled(dataset, acts_of([labelled("ann", pair, other)]), MAJORITY)
        assert (found.given, found.changed, found.added, found.removed) == (1, 1, 0, 0)
        changed = dataset.judgements.query_ids == pair.partition(" ")[0]
        assert (found.dataset.judgements.labels != dataset.judgements.labels).any(axis=1).tolist() == changed.tolist()
        before, after = measured(dataset), measured(found.dataset)
        for spec in runs_of(dataset):
            np.testing.assert_array_equal(after[spec.title][~changed], before[spec.title][~changed], strict=True)
        expected = _by_hand(dataset, pair, other)
        np.testing.assert_array_equal(found.dataset.judgements.labels, expected.labels)


def _by_hand(dataset: Dataset, pair: str, label: str) -> Judgements:
    frame = published_pairs(dataset)
    frame.loc[frame["pair"] == pair, "label"] = label
    frame[["query_id", "product_id"]] = frame["pair"].str.split(" ", expand=True)
    return Judgements.from_frame(frame, dataset.products["product_id"], dataset.queries["query_id"], dataset.scale)


def test_a_new_pair_is_scored_by_vectors_and_unknown_to_runs(tiny_bundle, tmp_path):
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))
    before = load_bundle(folder)
    scores = np.where(before.judgements.mask, before.judgements.rows.astype(np.float64), np.nan)
    with BundleWriter(folder) as writer:
        writer.write_scores("run", "text", scores, {})
    dataset = load_bundle(folder)
    new = next(row for row in range(60) if row not in dataset.judgements.rows[3])
    product = dataset.products["product_id"].iloc[new]
    found = relabelled(dataset, acts_of([labelled("ann", f"03 {product}", "E")]), MAJORITY)
    assert (found.added, found.changed) == (1, 0)
    judgements = found.dataset.judgements
    assert sorted(judgements.rows[3][judgements.mask[3]]) == judgements.rows[3][judgements.mask[3]].tolist()
    place = judgements.rows[3].tolist().index(new)
    vectors, run = (found.dataset.signals[name].slate_scores(judgements) for name in ("words_text", "run"))
    signal = dataset.signals["words_text"]
    assert vectors[3, place] == signal.products[new] @ signal.queries[3]
    assert np.isnan(run[3, place])
    assert found.dataset.signals["run"].knows(judgements).sum() == 132
    np.testing.assert_array_equal(run[judgements.mask & ~np.isnan(run)], scores[dataset.judgements.mask])
    # Others are what they were, but for what wider rows do to a last bit.
    other = np.arange(8) != 3
    for name, values in measured(found.dataset).items():
        if len(values) == 8:
            np.testing.assert_allclose(values[other], measured(dataset)[name][other], rtol=0, atol=1e-12)
    assert evaluate(found.dataset, run_of(found.dataset, "run")).n_scored == 8


def test_labels_alone_are_all_that_is_judged(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    chosen = published_pairs(dataset).iloc[[0, 1, 60]]
    acts = acts_of([labelled("ann", pair, label) for pair, label in chosen.itertuples(index=False)])
    found = relabelled(dataset, acts, ALONE)
    assert (found.given, found.removed, int(found.dataset.judgements.mask.sum())) == (3, 129, 3)
    assert found.dataset.judgements.rows.shape == (8, 2)


def test_known_labels_follow_and_go_with_the_others(tiny_bundle, tmp_path):
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))
    with BundleWriter(folder) as writer:
        writer.write_array(KNOWN_LABELS, np.full((8, 60), 3, dtype=np.int8), np.int8)
    dataset = load_bundle(folder)
    product = dataset.products["product_id"].iloc[40]
    acts = acts_of([labelled("ann", f"02 {product}", "Exact")])
    found = relabelled(dataset, acts, MAJORITY).dataset
    assert catalogue_labels(found, 2)[40] == 0
    assert (np.delete(catalogue_labels(found, 2), 40) == 3).all()
    assert dataset.known_labels[2, 40] == 3
    assert catalogue_labels(relabelled(dataset, acts, ALONE).dataset, 2).tolist().count(-1) == 59


# --- what does not fit, and words for labels ---


def test_what_does_not_fit_is_counted(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    pair, label = published_pairs(dataset).iloc[0]
    acts = acts_of(
        [
            labelled("ann", pair, label.lower()),
            labelled("bob", pair, label[0]),
            labelled("cleo", pair, dataset.scale.names[-1]),
            labelled("ann", "no-such-query P001", "E"),
            labelled("ann", "00 no-such-product", "E"),
            labelled("ann", "00 P001", "Perfect"),
            labelled("ann", "01 P001", ""),
            labelled("ann", "01 P002", "E"),
            labelled("bob", "01 P002", "S"),
            said("ann", "unrateable", "01 P003"),
        ]
    )
    found = relabelled(dataset, acts, MAJORITY)
    assert (found.given, found.changed, found.gone, found.unknown, found.unresolved) == (1, 0, 2, 1, 3)
    assert found.sentence() == (
        "1 label; 3 pairs have no label (a tie, or it cannot be rated); 2 labels are of queries or products that are "
        "gone; 1 label is not of this scale"
    )
    mine = relabelled(dataset, acts, LabelSet("judge", "ann", 100))
    assert (mine.given, mine.gone, mine.unknown, mine.unresolved) == (2, 2, 1, 2)


def test_the_same_acts_fit_another_scale(tmp_path):
    assert ESCI.names != THREE.names
    folder = build_tiny_bundle(tmp_path / "tiny")
    pairs = pd.read_parquet(folder / "judgements.parquet").assign(label="Fair")
    tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("products", "queries")]
    with BundleWriter(folder) as writer:
        writer.write_tables("tiny", *tables, pairs, THREE)
    dataset = load_bundle(folder)
    rows = [labelled("ann", published_pairs(dataset)["pair"][i], name) for i, name in enumerate(["G", "bad", "Exact"])]
    found = relabelled(dataset, acts_of(rows), MAJORITY)
    assert (found.given, found.changed, found.unknown) == (2, 2, 1)


# --- keys ---


def test_a_key_tells_sets_apart_and_equal_labels_are_one(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    pair, label = published_pairs(dataset).iloc[0]
    other = "Irrelevant" if label != "Irrelevant" else "Exact"
    acts = acts_of([labelled("ann", pair, other), said("ann", "note", pair, "x"), labelled("ann", pair, "Complement")])
    one, two, three = (relabelled(dataset, acts, LabelSet("majority", version=n)).dataset for n in (1, 2, 3))
    assert one.key == two.key != three.key
    assert dataset.key not in (one.key, three.key)
    assert one.content_key != dataset.content_key != three.content_key
    assert one.label_set == "majority~v1"
    assert two.as_retrieval().key != two.key
    assert hash(one.key) == hash(two.key)


def test_a_set_needs_a_version_and_the_published_labels_below(tiny_bundle):
    dataset = load_bundle(tiny_bundle)
    with pytest.raises(ValueError, match="labels need a version"):
        relabelled(dataset, acts_of([]), LabelSet("majority"))
    found = relabelled(dataset, acts_of([]), MAJORITY).dataset
    with pytest.raises(InputError, match="is judged by majority~v1000000000 already"):
        relabelled(found, acts_of([]), MAJORITY)


# --- layouts ---


@settings(max_examples=50)
@given(st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=5), st.data())
def test_values_follow_their_pairs_into_another_layout(slates, data):
    others = [data.draw(st.sets(st.integers(0, 9))) for _ in slates]
    before, now = (_slates(each) for each in (slates, others))
    queries = np.arange(len(slates))[:, None]
    found = before.laid_out_as(now, np.where(before.mask, queries * 100.0 + before.rows, np.nan))
    assert found.shape == now.rows.shape
    for query, (row, values) in enumerate(zip(now.rows, found, strict=True)):
        expected = [query * 100.0 + p if p in slates[query] else np.nan for p in row if p >= 0]
        np.testing.assert_array_equal(values, expected + [np.nan] * (len(row) - len(expected)))


def _slates(slates):
    pairs = [(query, row) for query, slate in enumerate(slates) for row in sorted(slate)]
    queries, rows = (np.array(each, dtype=np.int64) for each in (zip(*pairs, strict=True) if pairs else ([], [])))
    ids = [f"q{query}" for query in range(len(slates))]
    return Judgements.from_rows(queries, rows, np.zeros(len(pairs), np.int8), ids, ESCI)
