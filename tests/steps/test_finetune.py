"""`finetune --how full`: scores by models that did not see the query, a model folder that says what it saw, and a
sentence for what cannot be trained."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import QUERIES, build_tiny_bundle
from safetensors.numpy import load_file
from tiny_models import write_random_clip
from tiny_rerankers import write_random_cross_encoder, write_random_sentence_encoder

from precompute.__main__ import main
from precompute.demo.training.model_folder import MODEL_FOLDER
from precompute.tuning import training
from sqid_core.analysis.ladder import RERANKED, TUNED, step_of
from sqid_core.analysis.methods import signal_method
from sqid_core.bundle.adapted_signal import NO_FOLD
from sqid_core.bundle.learned_signal import in_sample, reads_labels
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.seen_queries import SEEN_QUERIES, seen_in, seen_json
from sqid_core.bundle.tuned_signal import TunedSignal
from sqid_core.bundle.write import BundleWriter
from sqid_core.errors import BundleError
from sqid_core.evaluation.comparisons import compare
from sqid_core.evaluation.validation import IN_SAMPLE, OUT_OF_FOLD, of_other_folds, of_scores

QUICK = ("--rate", "1e-3", "--batch-size", "4", "--device", "cpu")


def finetune(bundle: Path, *words: str, encoder: str = "clip", out: str = "tuned") -> int:
    return main(["finetune", str(bundle), "--encoder", encoder, "--out", out, *words])


def full(bundle: Path, *words: str, out: str = "tuned") -> int:
    return finetune(bundle, "--how", "full", *QUICK, *words, out=out)


def crossed(bundle: Path, model: Path | str, *words: str, out: str = "cross") -> int:
    return finetune(bundle, "--family", "cross-encoder", *QUICK, *words, encoder=str(model), out=out)


def encode(bundle: Path, signal: str, modality: str, model: Path, *words: str) -> int:
    options = ["--signal", signal, "--modality", modality, "--model", str(model), "--device", "cpu"]
    return main(["encode", str(bundle), *options, *words])


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    """The tiny bundle, encoded by a random CLIP."""
    home = tmp_path_factory.mktemp("start")
    folder, model = build_tiny_bundle(home / "bundle", modalities=()), write_random_clip(home / "clip")
    for modality in ("text", "image"):
        assert encode(folder, f"clip_{modality}", modality, model, "--encoder-name", "clip") == 0
    return folder


@pytest.fixture(scope="module")
def tuned(start, tmp_path_factory) -> Path:
    folder = Path(shutil.copytree(start, tmp_path_factory.mktemp("tuned") / "bundle"))
    assert full(folder, "--folds", "3") == 0
    return folder


@pytest.fixture(scope="module")
def cross(tmp_path_factory) -> Path:
    return write_random_cross_encoder(tmp_path_factory.mktemp("models") / "cross")


@pytest.fixture(scope="module")
def crossing(start, cross, tmp_path_factory) -> Path:
    folder = Path(shutil.copytree(start, tmp_path_factory.mktemp("crossing") / "bundle"))
    assert crossed(folder, cross, "--folds", "3") == 0
    return folder


@pytest.fixture
def bundle(start, tmp_path) -> Path:
    return Path(shutil.copytree(start, tmp_path / "bundle"))


def told(capfd) -> str:
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(lines) == 1, lines
    return lines[0]


def test_titles_and_pictures_are_scored_out_of_their_fold(tuned):
    dataset = load_bundle(tuned)
    judgements, names = dataset.judgements, ("tuned_text", "tuned_image")
    for name, before in zip(names, ("clip_text", "clip_image"), strict=True):
        signal = dataset.signals[name]
        assert isinstance(signal, TunedSignal)
        assert np.array_equal(signal.knows(judgements), dataset.signals[before].knows(judgements))
        assert not np.allclose(signal.scores, dataset.signals[before].slate_scores(judgements), equal_nan=True)
        assert dataset.kind(name).coverage(signal, judgements).endswith("each query out of its fold")
        assert (reads_labels(signal), in_sample(signal), signal.is_run) == (True, False, False)
    assert repr(dataset.signals["tuned_text"]) == "TunedSignal(tuned_text: text, clip fine-tuned, 132 pairs)"
    assert dataset.kind("tuned_image").made(dataset.signals["tuned_image"]) == "clip, fine-tuned on labels"
    assert {step_of(dataset.signals[name]) for name in names} == {TUNED}
    assert [dataset.signals[name].of for name in names] == ["clip_text", "clip_image"]
    assert main(["verify", str(tuned)]) == 0
    assert main(["evaluate", str(tuned), "--text", "tuned_text", "--image", "tuned_image"]) == 0


def test_a_querys_own_labels_never_make_its_scores(tuned, bundle):
    """Labels of one fold dealt out anew: its scores stay to the last bit, those of the others do not."""
    before = load_bundle(tuned).signals["tuned_text"]
    pairs = pd.read_parquet(bundle / "judgements.parquet")
    mine = pairs["query_id"].isin(load_bundle(bundle).judgements.query_ids[before.folds == 0])
    pairs.loc[mine, "label"] = (
        pairs.loc[mine].groupby("query_id")["label"].transform(lambda each: each.to_numpy()[::-1])
    )
    with BundleWriter(bundle) as writer:
        tables = [pd.read_parquet(bundle / f"{name}.parquet") for name in ("products", "queries")]
        writer.write_tables("tiny", *tables, pairs, load_bundle(bundle).scale)
    assert full(bundle, "--folds", "3") == 0
    after = load_bundle(bundle).signals["tuned_text"]
    assert np.array_equal(after.folds, before.folds)
    assert np.array_equal(after.scores[before.folds == 0], before.scores[before.folds == 0], equal_nan=True)
    for fold in (1, 2):
        assert not np.allclose(after.scores[before.folds == fold], before.scores[before.folds == fold], equal_nan=True)


def test_the_model_says_what_it_saw_wherever_it_goes(tuned, tmp_path, capfd):
    model = tuned / "models/tuned"
    assert json.loads((model / SEEN_QUERIES).read_text()) == {"queries": sorted(QUERIES)}
    folder = Path(shutil.copytree(tuned, tmp_path / "bundle"))
    assert encode(folder, "again_text", "text", model, "--encoder-name", "again") == 0
    assert encode(folder, "again_image", "image", model, "--encoder-name", "again") == 0
    dataset = load_bundle(folder)
    signal = dataset.signals["again_image"]
    assert (signal.seen.all(), in_sample(signal), reads_labels(signal)) == (True, True, True)
    assert dataset.kind("again_text").made(signal).endswith("in-sample: its model was fine-tuned on 8 of these queries")
    assert (of_scores(signal), of_other_folds(signal)) == (IN_SAMPLE, IN_SAMPLE)
    assert of_scores(dataset.signals["tuned_image"]) == OUT_OF_FOLD
    before, after = (signal_method(dataset, name, None, ("ndcg",)) for name in ("clip_image", "again_image"))
    assert (before.tested, after.tested) == (True, False)
    assert compare(before.report, after.report, in_sample=True).verdict.kind == "in-sample"
    asked = dataset.signals["again_text"].slate_scores(dataset.judgements)
    assert np.nanmax(np.abs(asked - dataset.signals["clip_text"].slate_scores(dataset.judgements))) > 0.01
    capfd.readouterr()
    for words in (["--how", "full", "--device", "cpu"], ["--how", "adapter"]):
        assert finetune(folder, *words, encoder="again", out="twice") == 2
        assert re.search("again learned from 8 queries of .* already", told(capfd))


def test_other_queries_are_not_in_sample(tuned, bundle):
    queries = pd.read_parquet(bundle / "queries.parquet")
    queries["query"] = [*queries["query"][:1].str.upper(), *(queries["query"][1:] + " new")]
    with BundleWriter(bundle) as writer:
        tables = [pd.read_parquet(bundle / f"{name}.parquet") for name in ("products", "judgements")]
        writer.write_tables("tiny", tables[0], queries, tables[1], load_bundle(bundle).scale)
    assert encode(bundle, "again", "text", tuned / "models/tuned") == 0
    assert load_bundle(bundle).signals["again"].seen.tolist() == [True] + [False] * 7


def test_again_changes_nothing_and_an_interrupted_run_gives_the_same_bytes(tuned, bundle, monkeypatch, capfd):
    before = (tuned / "manifest.json").read_bytes()
    assert full(tuned, "--folds", "3") == 0
    assert "nothing to do" in capfd.readouterr().out
    steps, share = [], training._rate_share

    def interrupted(*place: int) -> float:
        steps.append(place)
        if len(steps) in (4, 9):
            raise KeyboardInterrupt
        return share(*place)

    monkeypatch.setattr(training, "_rate_share", interrupted)
    assert [full(bundle, "--folds", "3") for _ in range(3)] == [130, 130, 0]
    # Four models of two epochs of two batches; a checkpoint follows each epoch.
    assert len(steps) == 4 * 4 + 2 + 1
    assert (bundle / "manifest.json").read_bytes() == before
    assert not (bundle / ".finetune").exists()


def test_a_frozen_tower_stays(tmp_path):
    """Of the demo's own model, a ResNet."""
    bundle = build_tiny_bundle(tmp_path / "bundle", modalities=())
    assert encode(bundle, "clip_image", "image", MODEL_FOLDER, "--encoder-name", "clip") == 0
    assert full(bundle, "--folds", "2", "--epochs", "1", "--freeze", "text", out="pictures") == 0
    before, after = (
        load_file(folder / "open_clip_model.safetensors") for folder in (MODEL_FOLDER, bundle / "models/pictures")
    )
    moved = {name for name in before if not np.array_equal(before[name].astype(np.float32), after[name])}
    assert moved
    assert all(name.startswith("visual.") for name in moved)
    assert [name for name, each in load_bundle(bundle).signals.items() if isinstance(each, TunedSignal)] == ["pictures"]


def test_another_bundles_labels_leave_its_own_queries_unseen(start, bundle, tmp_path, capfd):
    other = build_tiny_bundle(tmp_path / "other", modalities=())
    queries = pd.read_parquet(other / "queries.parquet")
    asked = queries.assign(query=[*queries["query"][:2], *(queries["query"][2:] + " oz")])
    with BundleWriter(other) as writer:
        tables = [pd.read_parquet(other / f"{name}.parquet") for name in ("products", "judgements")]
        writer.write_tables("other", tables[0], asked, tables[1], load_bundle(other).scale)
    assert full(bundle, "--train", str(other), "--signal", "clip_text", "--epochs", "1") == 0
    assert "tuned, fitted to 6 queries, on queries that it did not see" in capfd.readouterr().out
    signal = load_bundle(bundle).signals["tuned"]
    assert (signal.folds == NO_FOLD).all()
    assert (reads_labels(signal), signal.origin.trained_on) == (False, "other")
    assert seen_in(bundle / "models/tuned") == {text for text in asked["query"] if text.endswith("oz")}
    # What was made of it here is as unseen.
    assert encode(bundle, "again", "text", bundle / "models/tuned") == 0
    assert not in_sample(load_bundle(bundle).signals["again"])


def test_a_cross_encoder_is_scored_out_of_its_fold_and_its_model_is_in_sample(crossing, tmp_path):
    dataset = load_bundle(crossing)
    signal = dataset.signals["cross"]
    assert np.array_equal(np.isfinite(signal.scores), dataset.judgements.mask)
    assert (reads_labels(signal), in_sample(signal), step_of(signal)) == (True, False, RERANKED)
    folder = Path(shutil.copytree(crossing, tmp_path / "bundle"))
    words = ["--signal", "whole", "--model", str(crossing / "models/cross"), "--device", "cpu"]
    assert main(["rerank", str(folder), *words]) == 0
    now = load_bundle(folder)
    assert in_sample(now.signals["whole"])
    assert "in-sample: its model was fine-tuned on 8" in now.kind("whole").made(now.signals["whole"])
    assert main(["verify", str(folder)]) == 0


def test_a_sentence_encoder_gets_a_head_that_the_seed_draws(start, tmp_path):
    sentences = write_random_sentence_encoder(tmp_path / "sentences")
    scores = []
    for seed in ("0", "0", "1"):
        folder = Path(shutil.copytree(start, tmp_path / f"bundle{len(scores)}"))
        assert crossed(folder, sentences, "--folds", "2", "--epochs", "1", "--seed", seed) == 0
        scores.append(load_bundle(folder).signals["cross"].scores)
    assert np.array_equal(scores[0], scores[1], equal_nan=True)
    assert not np.allclose(scores[0], scores[2], equal_nan=True)


@pytest.mark.parametrize("body", ["[]", '{"queries": 1}', '{"queries": ["a"], "more": 1}', "{", '{"queries": [1]}'])
def test_a_list_that_is_none_is_refused(tuned, tmp_path, body):
    folder = Path(shutil.copytree(tuned, tmp_path / "bundle"))
    list_of_ours = tmp_path / SEEN_QUERIES
    list_of_ours.write_text(body)
    with BundleWriter(folder) as writer:
        writer.write_file(f"encoders/clip/{SEEN_QUERIES}", list_of_ours)
    with pytest.raises(BundleError, match="is no list of the queries that a model learned from"):
        load_bundle(folder)


def test_the_list_is_of_texts_as_folds_group_them():
    assert seen_json(["Red  Mug", "red mug", "", "lamp"]) == seen_json(["lamp", "RED MUG"])


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("folds.npy", lambda array: (array + 1) % 3, "was fine-tuned on other folds"),
        ("scores.npy", lambda array: np.where(np.isnan(array), 1.0, array), "infinite or belong to no judged pair"),
        ("scores.npy", lambda array: array[:3], "expected float64"),
    ],
)
def test_what_was_changed_is_refused(tuned, tmp_path, file, change, said):
    folder = Path(shutil.copytree(tuned, tmp_path / "bundle"))
    name = f"signals/tuned_image/{file}"
    with BundleWriter(folder) as writer:
        array = np.load(folder / name)
        writer.write_array(name, change(array).astype(array.dtype), array.dtype)
    with pytest.raises(BundleError, match=said):
        load_bundle(folder)


def test_other_labels_drop_the_signals_and_keep_the_model(tuned, tmp_path):
    folder = Path(shutil.copytree(tuned, tmp_path / "bundle"))
    tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    with BundleWriter(folder) as writer:
        writer.write_tables("tiny", *tables[:2], tables[2][5:], load_bundle(folder).scale)
    assert [*load_bundle(folder).signals] == ["clip_text", "clip_image"]
    assert len(seen_in(folder / "models/tuned")) == len(QUERIES)
