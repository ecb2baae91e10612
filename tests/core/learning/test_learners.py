"""Learners: what they see, that they repeat, that they gain where something is to be learned and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ranker_sets import beside_one_weight, drawn_set, examples_of, folds_of, gains_of, permuted, planted

from sqid_core.errors import BundleError
from sqid_core.learning import trees
from sqid_core.learning.lambdamart import LAMBDAMART
from sqid_core.learning.learners import LEARNERS
from sqid_core.learning.linear import LINEAR
from sqid_core.learning.out_of_fold import fold_models, held_out_scores
from sqid_core.learning.protocol import Learner
from sqid_core.learning.stored import model_bytes, read_model

EACH = pytest.mark.parametrize("learner", LEARNERS.values(), ids=[*LEARNERS])


@pytest.fixture(scope="module")
def dataset():
    return drawn_set(0, queries=40)


@pytest.fixture(scope="module")
def examples(dataset):
    return examples_of(dataset)


def test_no_model_sees_the_queries_of_its_fold(dataset, examples):
    folds, seen = folds_of(dataset), []

    def fit(found, gains, seed):
        seen.append({*found.slates.texts})
        assert len(gains) == len(found.slates.rows) == len(found.features.values)
        return LINEAR.fit(found, gains, seed)

    fold_models(replace(LINEAR, fit=fit), examples, gains_of(dataset), folds, 0)
    texts = np.array(examples.slates.texts)
    assert [texts[folds == fold].tolist() for fold in range(5)] == [
        [text for text in texts if text not in known] for known in seen
    ]


def test_equal_texts_share_a_fold_and_folds_are_even():
    texts = [f"query {i // 2}" for i in range(60)]
    texts[1::2] = [text.upper().replace(" ", "  ") for text in texts[1::2]]
    dataset = drawn_set(0, queries=60)
    dataset = replace(dataset, queries=dataset.queries.assign(query=texts))
    folds = folds_of(dataset)
    assert (folds[::2] == folds[1::2]).all()
    assert np.bincount(folds).tolist() == [12] * 5
    assert (folds_of(dataset, seed=1) != folds).any()


@EACH
def test_a_model_is_the_same_again_and_from_its_file(learner: Learner, dataset, tmp_path):
    found, gains = examples_of(dataset, learner), gains_of(dataset)
    first, second = (model_bytes(learner.fit(found, gains, 7).arrays()) for _ in range(2))
    assert first == second
    (tmp_path / "model").write_bytes(first)
    stored = learner.load(read_model(tmp_path / "model"), found.features.values.shape[1])
    np.testing.assert_array_equal(stored.scores(found), learner.fit(found, gains, 7).scores(found))
    one = found.take(np.array([3]))
    # What a query's products score does not depend on what else is asked.
    np.testing.assert_array_equal(stored.scores(one), stored.scores(found)[found.slates.queries == 3])


@pytest.mark.parametrize("name", ["linear", "lambdamart"])
def test_what_the_signals_know_is_learned(name):
    dataset = drawn_set(1, queries=80, knows=(2.0, 2.0))
    shuffled = permuted(dataset, 0)
    learner = LEARNERS[name]
    assert beside_one_weight(learner, dataset).mean_b > beside_one_weight(learner, shuffled).mean_b + 0.1


@EACH
def test_there_is_nothing_to_gain_where_labels_are_chance(learner: Learner):
    gains = []
    for seed in (1, 2, 3):
        noise = drawn_set(seed, queries=40, knows=(0.0, 0.0))
        nulls = (
            beside_one_weight(learner, permuted(drawn_set(seed, queries=40), seed)),
            beside_one_weight(learner, noise, planted(noise, examples_of(noise, learner), seed)),
        )
        gains += [found.b - found.a for found in nulls]
    every = np.concatenate(gains)
    every = every[~np.isnan(every)]
    assert abs(every.mean()) < 3 * every.std() / np.sqrt(len(every))


def test_a_broken_fold_is_seen():
    noise = drawn_set(1, queries=40, knows=(0.0, 0.0))
    found = beside_one_weight(LAMBDAMART, noise, planted(noise, examples_of(noise), 1), leaking=True)
    assert found.interval[0] > 0.1


def test_the_linear_model_is_the_minimum(dataset, examples):
    torch = pytest.importorskip("torch")
    from sqid_core.learning import linear
    from sqid_core.learning.listwise import loss, padded_rows, targets

    model, gains = LINEAR.fit(examples, gains_of(dataset), 0), gains_of(dataset)
    weights = torch.tensor(model.weights, requires_grad=True)
    scores = (torch.from_numpy(model.standardised(examples)) @ weights)[torch.from_numpy(padded_rows(examples.slates))]
    target, mask = torch.from_numpy(targets(examples.slates, gains)), torch.from_numpy(examples.slates.mask)
    (loss(scores, target, mask) + linear._PENALTY * weights.square().sum()).backward()
    assert weights.grad.abs().max() < 1e-6


def test_trees_score_as_lightgbm_does(dataset, examples, monkeypatch):
    lightgbm = pytest.importorskip("lightgbm")
    kept, train = [], lightgbm.train
    monkeypatch.setattr(lightgbm, "train", lambda *args, **named: kept.append(train(*args, **named)) or kept[0])
    model = LAMBDAMART.fit(examples, gains_of(dataset), 0)
    np.testing.assert_array_equal(model.scores(examples), kept[0].predict(examples.features.values, raw_score=True))
    unknown = replace(
        examples, features=replace(examples.features, values=np.full_like(examples.features.values, np.nan))
    )
    np.testing.assert_array_equal(model.scores(unknown), kept[0].predict(unknown.features.values, raw_score=True))


@pytest.mark.parametrize(
    ("name", "value"),
    [("feature", 99), ("feature", -1), ("left", 0), ("right", 10_000), ("left", -10_000), ("threshold", np.nan)],
)
def test_trees_of_strangers_lead_nowhere(dataset, examples, name, value):
    arrays = LAMBDAMART.fit(examples, gains_of(dataset), 0).arrays()
    arrays[name] = arrays[name].copy()
    arrays[name][1] = value
    with pytest.raises(BundleError, match="run python -m precompute learn again"):
        trees.load(arrays, examples.features.values.shape[1])


def test_concatenated_vectors_are_a_weighted_sum_of_cosines():
    """Why no learner reads concatenations: scaled by √(1 − w) and √w, they are what the weight does already."""
    rng, w = np.random.default_rng(0), 0.3
    query, other, text, image = (v / np.linalg.norm(v) for v in rng.normal(size=(4, 16)))
    asked = np.concatenate([np.sqrt(1 - w) * query, np.sqrt(w) * other])
    product = np.concatenate([np.sqrt(1 - w) * text, np.sqrt(w) * image])
    assert np.linalg.norm(asked) == pytest.approx(1)
    assert asked @ product == pytest.approx((1 - w) * query @ text + w * other @ image, abs=1e-12)


def test_each_query_is_scored_by_the_model_of_its_fold(dataset, examples):
    folds = folds_of(dataset)
    models = fold_models(LINEAR, examples, gains_of(dataset), folds, 0)
    scores = held_out_scores(models, examples, folds)
    for query in (0, 17, 39):
        alone = models[folds[query]].scores(examples.take(np.array([query])))
        np.testing.assert_array_equal(scores[examples.slates.queries == query], alone)
