"""Evaluating and comparing without a bundle, and what the functions refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import THREE

from sqid_core.bundle.judgements import Judgements
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.bundle.signals import ScoredSignal
from sqid_core.errors import InputError
from sqid_core.evaluation.comparisons import compare, run_comparison
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.significance import randomisation_p
from sqid_core.ranking.fusion import Fusion


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


def test_judgements_from_the_bundles_own_table_give_its_numbers(dataset: Dataset) -> None:
    frame = pd.read_parquet(dataset.folder / "judgements.parquet").sample(frac=1, random_state=0)
    judgements = Judgements.from_frame(frame, dataset.products["product_id"])
    signal = dataset.signals["words_image"]
    mine = ScoredSignal("mine", "image", signal.slate_scores(judgements))
    alone = evaluate(judgements, run_of(judgements, mine))
    pd.testing.assert_frame_equal(alone.per_query, evaluate(dataset, run_of(dataset, "words_image")).per_query)
    assert alone.run == "mine"


def test_the_gains_are_those_of_the_judgements_scale() -> None:
    frame = pd.DataFrame({"query_id": "q", "product_id": ["a", "b"], "label": ["Fair", "Good"]})
    judgements = Judgements.from_frame(frame, ["a", "b"], scale=THREE)
    run = run_of(judgements, ScoredSignal("mine", "text", np.array([[2.0, 1.0]])))
    report = evaluate(judgements, run, measures=("ndcg",))
    discount = 1 / np.log2(3)
    assert report.values("ndcg") == pytest.approx([(0.5 + discount) / (1 + 0.5 * discount)])
    assert report.gains == "own"


def test_some_of_the_judgements_keep_their_scale(dataset: Dataset) -> None:
    some = Judgements(dataset.judgements.query_ids, dataset.judgements.rows, dataset.judgements.labels, THREE)
    assert some.take(slice(2)).scale == THREE
    assert len(some.take(slice(2))) == 2


@pytest.mark.parametrize("column", ["query_id", "product_id", "label"])
def test_a_frame_without_a_column_is_a_sentence(column: str) -> None:
    frame = pd.DataFrame({"query_id": ["q"], "product_id": ["a"], "label": ["E"]})
    with pytest.raises(InputError, match=f"judgements lack the column '{column}'"):
        Judgements.from_frame(frame.drop(columns=column), ["a"])


def test_judgements_alone_have_no_signals_to_fuse(dataset: Dataset) -> None:
    for what in (Fusion(), "words_text"):
        with pytest.raises(InputError, match="judgements alone have no signals"):
            run_of(dataset.judgements, what)


def test_two_reports_are_compared_as_their_values_are(dataset: Dataset) -> None:
    a, b = (evaluate(dataset, run_of(dataset, what)) for what in ("words_text", Fusion(image_weight=0.4)))
    for measure in ("ndcg", "precision@10"):
        found = compare(a, b, measure)
        expected = run_comparison(a.values(measure), b.values(measure), dataset.judgements.lengths > 0)
        np.testing.assert_array_equal(found.wins, expected.wins)
        assert (found.difference, found.outcomes) == (expected.difference, expected.outcomes)
        np.testing.assert_array_equal(found.interval, expected.interval)
        assert found.p == randomisation_p(b.values(measure) - a.values(measure))
    assert found.names == ("words_text", b.run)


def test_reports_that_cannot_be_compared_are_refused(dataset: Dataset) -> None:
    run = run_of(dataset, "words_text")
    paper, script = evaluate(dataset, run), evaluate(dataset, run, "esci-script")
    with pytest.raises(InputError, match="other queries or gains"):
        compare(paper, script)
    with pytest.raises(InputError, match="has no ndcg@3; it has: ndcg, "):
        compare(paper, paper, "ndcg@3")
    with pytest.raises(ValueError, match="read-only"):
        paper.values("ndcg")[0] = 1
