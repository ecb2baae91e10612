"""`learn`: a signal that others can compare, the same bytes again, and one sentence for what cannot be learned."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.analysis.methods import tuned_methods
from sqid_core.analysis.mixed_methods import mixed_methods
from sqid_core.bundle.learned_signal import LearnedSignal
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError
from sqid_core.evaluation.reports import dataset_curves, evaluate, signal_run
from sqid_core.ranking.fusion import Fusion


@pytest.fixture(scope="module")
def learned(tmp_path_factory) -> Path:
    """The tiny bundle with each query twice, and a signal of every kind of file that a learner writes."""
    folder = build_tiny_bundle(tmp_path_factory.mktemp("learned") / "bundle", copies=2)
    assert main(["learn", str(folder), "--name", "trees", "--learner", "lambdamart", "--folds", "4"]) == 0
    assert main(["learn", str(folder), "--name", "sum", "--learner", "linear", "--features", "title"]) == 0
    return folder


@pytest.fixture
def changed(learned, tmp_path) -> Path:
    return Path(shutil.copytree(learned, tmp_path / "changed"))


def test_a_learned_signal_is_a_signal_like_others(learned):
    dataset = load_bundle(learned)
    signal = dataset.signals["trees"]
    assert repr(signal) == "LearnedSignal(trees: text, lambdamart, 264 pairs out of 4 folds)"
    assert dataset.kind("trees").coverage(signal, dataset.judgements).startswith("trees scores 100.0%")
    assert "out-of-fold" in dataset.kind("trees").about
    assert dataset.signals["sum"].origin.features == ("signal words_text", "signal words_image", "title")
    assert np.array_equal(dataset.signals["sum"].folds, signal.folds)
    texts = dataset.queries["query"].to_numpy()
    assert all(len({*signal.folds[texts == text]}) == 1 for text in texts)
    assert main(["verify", str(learned)]) == 0


def test_its_numbers_are_pytrec_evals(learned):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    dataset = load_bundle(learned)
    judgements, signal = dataset.judgements, dataset.signals["trees"]
    # Equal scores stand in the bundle's order; the tool would break ties by the product's name.
    run, qrels = {}, {}
    worth = np.round(dataset.scale.gains() * 100).astype(int)
    for query, order in enumerate(signal_run(dataset, "trees").order):
        length = judgements.lengths[query]
        ids = [f"p{row}" for row in judgements.rows[query, :length]]
        scores = signal.scores[query, order[:length]]
        assert (np.diff(scores) <= 0).all()
        run[str(query)] = {ids[place]: float(-rank) for rank, place in enumerate(order[:length])}
        qrels[str(query)] = {i: int(worth[label]) for i, label in zip(ids, judgements.labels[query], strict=False)}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg"}).evaluate(run)
    ours = evaluate(dataset, signal_run(dataset, "trees"), measures=("ndcg",)).values("ndcg")
    np.testing.assert_allclose(ours, [theirs[str(query)]["ndcg"] for query in range(len(ours))], atol=1e-9)


def test_again_changes_nothing_and_elsewhere_gives_the_same_bytes(learned, tmp_path, capsys):
    before = {path: path.read_bytes() for path in learned.rglob("*.*") if path.is_file()}
    assert main(["learn", str(learned), "--name", "trees", "--learner", "lambdamart"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in learned.rglob("*.*") if path.is_file()}
    other = build_tiny_bundle(tmp_path / "bundle", copies=2)
    assert main(["learn", str(other), "--name", "trees", "--learner", "lambdamart", "--folds", "4"]) == 0
    for name in ("signals/trees/scores.npy", "signals/trees/model.safetensors", "folds/queries.npy"):
        assert (other / name).read_bytes() == before[learned / name]


def test_a_weight_over_it_is_in_sample(learned):
    """Its scores on other folds learned from this fold's labels: no fold can choose an honest weight."""
    dataset = load_bundle(learned)
    for first, in_sample in (("trees", True), ("words_text", False)):
        chosen = dataset.preferring(first)
        _, honest = tuned_methods(chosen, Fusion(), dataset_curves(chosen, Fusion()), None, ("ndcg",))
        assert honest.in_sample is in_sample
        assert honest.tested is not in_sample
        assert mixed_methods(chosen, (first, "words_image"), None, ("ndcg",)).honest.in_sample is in_sample


def test_the_best_weights_of_many_keep_to_the_folds_of_the_learners(learned):
    dataset = load_bundle(learned)
    found = mixed_methods(dataset, ("words_text", "words_image"), None, ("ndcg",))
    assert len(found.by_fold) == len({*dataset.signals["trees"].folds.tolist()}) == 4


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--features", "titel"], "there are no features 'titel'; choose from: title, brand"),
        (["--signals", "nothing"], "the signal nothing of .* is not there; choose from: words_text, words_image"),
        (["--signals", "trees"], "the signal trees of .* was itself learned, from the labels of other folds"),
        (["--folds", "3"], "has 4 folds, which all its learned signals share; leave --folds away"),
        (["--name", "words_text"], "has a signal words_text that was not learned; give this another --name"),
        (["--name", "../x"], "must consist of letters"),
        (["--learner", "presence", "--features", "price"], "presence reads nothing but fields and picture, not price"),
        (["--learner", "oracle"], "is not one of"),
        (["--folds", "1"], "--folds must be between 2 and 100, got 1"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(learned, capsys, options, expected):
    before = (learned / "manifest.json").read_bytes()
    command = ["learn", str(learned), "--name", "new", "--learner", "linear", *options]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert pd.Series([said]).str.contains(expected)[0], said
    assert said.count("\n") == 1
    assert (learned / "manifest.json").read_bytes() == before
    assert not (learned / ".learn").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda pairs: pairs.assign(label="E"), "no query of .* has judged products of different worth"),
        (lambda pairs: pairs[pairs["query_id"] == "00"], "1 query teaches anything .* too few for 5 folds"),
        (lambda pairs: pairs[pairs["query_id"] < "04"], "4 queries teach anything .* too few for 5 folds"),
        (lambda pairs: pairs[:0], "no query of .* has judged products of different worth"),
    ],
)
def test_too_little_to_learn_from_gets_a_sentence(bundle, capsys, change, expected):
    tables = [pd.read_parquet(bundle / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    scale = load_bundle(bundle).scale
    with BundleWriter(bundle) as writer:
        writer.write_tables("tiny", tables[0], tables[1], change(tables[2]), scale)
    assert main(["learn", str(bundle), "--name", "new", "--learner", "linear"]) == 2
    said = capsys.readouterr().err
    assert pd.Series([said]).str.contains(expected)[0], said


def test_without_signals_there_is_nothing_to_learn(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    assert main(["learn", str(folder), "--name", "new", "--learner", "linear"]) == 2
    assert "has no signal to learn from; run python -m precompute encode first" in capsys.readouterr().err


def test_one_signal_is_enough(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "words", modalities=("text",))
    assert main(["learn", str(folder), "--name", "new", "--learner", "linear", "--folds", "2"]) == 0
    assert "words_text alone" in capsys.readouterr().out


def test_other_labels_drop_it(changed):
    tables = [pd.read_parquet(changed / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    scale = load_bundle(changed).scale
    with BundleWriter(changed) as writer:
        writer.write_tables("tiny", *tables[:2], tables[2][5:], scale)
    assert not any(isinstance(signal, LearnedSignal) for signal in load_bundle(changed).signals.values())
    # The folds stay: what is learned next keeps the same queries apart.
    assert (changed / "folds" / "queries.npy").exists()


@pytest.mark.parametrize(
    ("file", "write", "expected"),
    [
        ("signals/sum/scores.npy", lambda array: np.where(array > 0, np.nan, array), "must score every judged pair"),
        ("folds/queries.npy", lambda array: array * 2, "must number two folds or more from 0"),
        ("folds/queries.npy", lambda array: (array + 1) % 4, "was learned on other folds"),
    ],
)
def test_what_was_changed_is_refused(changed, file, write, expected):
    with BundleWriter(changed) as writer:
        array = np.load(changed / file)
        writer.write_array(file, write(array).astype(array.dtype), array.dtype)
    with pytest.raises(BundleError, match=expected):
        load_bundle(changed)


def test_what_it_says_of_itself_is_checked(changed):
    about = json.loads((changed / "signals/sum/signal.json").read_text())
    assert (about["validation"], about["learner"], about["seed"]) == ("out-of-fold", "linear", 0)
    for key, value in (("learner", 3), ("features", "title"), ("signals", [1])):
        path = changed / "signals/sum/signal.json"
        path.write_text(json.dumps(about | {key: value}))
        with BundleWriter(changed) as writer:
            writer.write_file("signals/sum/signal.json", Path(shutil.copy(path, changed.parent / "about.json")))
        with pytest.raises(BundleError, match="does not say what was learned"):
            load_bundle(changed)


@pytest.mark.parametrize("learner", ["gate", "attention", "presence"])
def test_each_learner_makes_a_signal(changed, capsys, learner):
    assert main(["learn", str(changed), "--name", learner, "--learner", learner, "--explain"]) == 0
    said = capsys.readouterr().out
    assert f"{learner}, out-of-fold: NDCG" in said
    assert "pictures add: " in said
    assert "where every product has one: " in said
    assert ("feature group" in said) is (learner == "presence")
    assert load_bundle(changed).signals[learner].origin.learner == learner


def test_a_gate_needs_pictures_and_reads_no_features(learned, tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "words", modalities=("text",))
    assert main(["learn", str(folder), "--name", "new", "--learner", "gate"]) == 2
    assert "needs a text and an image signal with vectors, and none of words_text" in capsys.readouterr().err
    assert main(["learn", str(learned), "--name", "new", "--learner", "gate", "--features", "title"]) == 2
    assert "reads vectors and scores, no features; leave --features away" in capsys.readouterr().err
