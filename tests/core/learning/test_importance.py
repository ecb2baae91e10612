"""What a ranking rests on: groups that know something, and pictures that do or do not."""

from __future__ import annotations

import numpy as np
import pytest
from ranker_sets import drawn_set, examples_of, folds_of, gains_of

from sqid_core.learning.features import reads_pictures
from sqid_core.learning.gate import GATE
from sqid_core.learning.importance import importance, what_pictures_add, without_pictures
from sqid_core.learning.lambdamart import LAMBDAMART
from sqid_core.learning.linear import LINEAR
from sqid_core.learning.out_of_fold import fold_models, held_out_scores


@pytest.fixture(scope="module")
def knowing():
    """Text knows nothing, pictures know the labels."""
    dataset = drawn_set(3, queries=40, knows=(0.0, 3.0))
    return dataset, examples_of(dataset), gains_of(dataset), folds_of(dataset)


@pytest.mark.parametrize("learner", [LINEAR, LAMBDAMART], ids=lambda learner: learner.name)
def test_what_knows_the_labels_is_first(knowing, learner):
    dataset, examples, gains, folds = knowing
    models = fold_models(learner, examples, gains, folds, 0)
    found = importance(dataset, models, examples, folds)
    assert found["group"][0] == "signal image"
    assert found["low"][0] > 0.05
    others = found.iloc[1:]
    assert (others["loss"] < found["low"][0]).all()
    assert {*found["group"]} == {*examples.features.groups}
    if learner is LAMBDAMART:
        assert found["gain"].sum() == pytest.approx(1)
        assert found["gain"].idxmax() == 0
        assert (found["gain low"] <= found["gain"]).all()
    else:
        assert found["gain"].isna().all()


@pytest.mark.parametrize("learner", [LINEAR, GATE], ids=lambda learner: learner.name)
def test_pictures_add_what_they_know(knowing, learner):
    dataset, examples, gains, folds = knowing
    scores = held_out_scores(fold_models(learner, examples, gains, folds, 0), examples, folds)
    found = what_pictures_add(dataset, learner, examples, gains, folds, 0, scores)
    assert found.everywhere.interval[0] > 0.05
    whole = ~np.isnan(dataset.signals["image"].scores).any(axis=1)
    assert found.pictured.outcomes.n == (whole & ~np.isnan(found.everywhere.a)).sum() < found.everywhere.outcomes.n
    np.testing.assert_array_equal(found.pictured.b[whole], found.everywhere.b[whole])


def test_without_pictures_nothing_is_read_of_them(knowing):
    dataset, examples, _, _ = knowing
    textual = without_pictures(examples)
    assert [*textual.slates.signals] == [*textual.slates.scores] == ["text", "texts"]
    gone = {*examples.features.groups} - {*textual.features.groups}
    assert gone == {"signal image", "signal images", "picture"}
    assert len(textual.features.names) == textual.features.values.shape[1] == len(textual.features.groups)
    assert not reads_pictures("title", dataset.signals)
