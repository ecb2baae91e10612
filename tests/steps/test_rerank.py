"""python -m precompute rerank: what is scored, what is refused, going on, and a bundle that changes afterwards."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from fixtures import judgement_frame, product_frame
from tiny_models import minilm_folder, write_random_clip
from tiny_rerankers import write_random_cross_encoder

from precompute.__main__ import main
from precompute.steps import rerank as step
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import SignalSpec
from sqid_core.bundle.reranked import RerankedSignal, model_folder
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.cross_encoder import load_cross_encoder, open_cross_encoder
from sqid_core.encoders.trust import SWITCH
from sqid_core.errors import BundleError, EncoderError
from sqid_core.evaluation.reports import signal_run
from sqid_core.ranking.ranks import order


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_random_cross_encoder(tmp_path_factory.mktemp("models") / "cross")


@pytest.fixture(scope="module")
def scored(tiny_bundle, model, tmp_path_factory):
    folder = Path(shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("scored") / "tiny"))
    assert rerank(folder, model) == 0
    return folder


@pytest.fixture
def bundle(scored, tmp_path):
    return Path(shutil.copytree(scored, tmp_path / "tiny"))


def rerank(bundle, model, *words):
    return main(["rerank", str(bundle), "--signal", "cross", "--model", str(model), "--device", "cpu", *words])


def test_every_judged_pair_has_the_model_s_score(scored, model):
    dataset = load_bundle(scored)
    signal, judgements = dataset.signals["cross"], dataset.judgements
    assert np.array_equal(np.isfinite(signal.scores), judgements.mask)
    queries, slots = np.nonzero(judgements.mask)
    texts, asked = dataset.products["title"].to_numpy(), dataset.queries["query"].to_numpy()
    pairs = list(zip(asked[queries], texts[judgements.rows[queries, slots]], strict=True))
    expected = open_cross_encoder(str(model)).scores(pairs)
    np.testing.assert_allclose(signal.scores[queries, slots], expected, atol=1e-5)
    assert len(np.unique(expected.round(4))) > 60  # it reads what it is given
    assert dataset.kind("cross").made(signal) == f"scores of the cross-encoder {signal.reranker.said}"
    run = signal_run(dataset, "cross")
    assert (signal.is_run, run.name) == (True, "cross")


def test_its_origin_names_the_model(scored, model):
    about = json.loads((scored / "signals/cross/signal.json").read_text())
    assert about["origin"] == {"sha256": load_bundle(scored).signals["cross"].reranker.content_sha256}
    again = load_cross_encoder(load_bundle(scored).signals["cross"].reranker, model_folder(scored, "cross"))
    assert again.scores([("red mug", "a red mug")]).shape == (1,)


def test_only_the_first_of_some_runs(bundle, model):
    assert rerank(bundle, model, "--runs", "words_text", "words_image", "--top", "3") == 0
    dataset = load_bundle(bundle)
    judgements, signal = dataset.judgements, dataset.signals["cross"]
    for query in range(len(judgements.query_ids)):
        expected = set()
        for name in ("words_text", "words_image"):
            scores = dataset.signals[name].query_scores(judgements, query)
            first = order(np.where(np.isnan(scores), -np.inf, scores))[:3]
            expected |= {slot for slot in first.tolist() if np.isfinite(scores[slot])}
        assert set(np.flatnonzero(np.isfinite(signal.scores[query])).tolist()) == expected
    assert (signal.top, signal.runs) == (3, ("words_text", "words_image"))
    # The others stand behind, in the order of the ids.
    assert signal.is_run


def test_again_does_nothing_and_another_model_scores_anew(bundle, model, tmp_path, monkeypatch):
    first = load_bundle(bundle).fingerprint
    calls = []
    monkeypatch.setattr(step, "_scored", lambda *_: calls.append(1))
    assert rerank(bundle, model) == 0
    assert (calls, load_bundle(bundle).fingerprint) == ([], first)
    monkeypatch.undo()
    assert rerank(bundle, model, "--again") == 0
    assert load_bundle(bundle).fingerprint == first
    other = write_random_cross_encoder(tmp_path / "other", seed=1)
    (model_folder(bundle, "cross") / "no longer there.txt").touch()
    assert rerank(bundle, other) == 0
    signal = load_bundle(bundle).signals["cross"]
    assert load_cross_encoder(signal.reranker, model_folder(bundle, "cross"))
    assert load_bundle(bundle).fingerprint != first


def test_it_goes_on_after_an_interruption(tiny_bundle, model, tmp_path, monkeypatch):
    bundle = Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))
    monkeypatch.setattr(step, "_ROWS", 50)
    scores, read = step.CrossEncoder.scores, []

    def interrupted(self, pairs):
        read.append(len(pairs))
        if len(read) == 3:
            raise KeyboardInterrupt
        return scores(self, pairs)

    monkeypatch.setattr(step.CrossEncoder, "scores", interrupted)
    assert rerank(bundle, model) == 130
    assert rerank(bundle, model) == 0
    assert read == [50, 50, 32, 32]
    assert not (bundle / ".rerank").exists()
    other = Path(shutil.copytree(tiny_bundle, tmp_path / "other"))
    assert rerank(other, model) == 0
    assert load_bundle(other).fingerprint == load_bundle(bundle).fingerprint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--top", "3"], "--runs and --top belong together"),
        (["--runs", "words_text"], "--runs and --top belong together"),
        (["--runs", "nothing", "--top", "3"], "has no signal 'nothing'; it has: words_text"),
        (["--top", "0", "--runs", "words_text"], "--top must be at least 1"),
        (["--text-fields", "colour"], "has no column 'colour' for --text-fields"),
        (["--signal", "words_text"], "has a signal words_text of another kind already"),
        (["--signal", "a/b"], "must consist of letters"),
        (["--device", "cuda:9"], "the device cuda:9 cannot be used here"),
    ],
)
def test_what_is_refused_is_one_sentence(bundle, model, words, said, capfd):
    before = (bundle / "manifest.json").read_bytes()
    assert rerank(bundle, model, *words) == 2
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("precompute: ")]
    assert len(told) == 1
    assert re.search(said, told[0]), told
    assert (bundle / "manifest.json").read_bytes() == before


def test_models_of_other_families_are_refused(bundle, tmp_path, capfd):
    two = write_random_cross_encoder(tmp_path / "two", labels=2)
    pickled = Path(shutil.copytree(two, tmp_path / "pickled"))
    (pickled / "pytorch_model.bin").touch()
    (tmp_path / "empty").mkdir()
    for model, said in (
        (minilm_folder(), "is no cross-encoder: its config.json names BertModel"),
        (write_random_clip(tmp_path / "clip"), "has no config.json of a cross-encoder"),
        (tmp_path / "empty", "has no config.json of a cross-encoder"),
        (two, "gives 2 numbers a pair, expected one"),
        (pickled, "code and weights that can hold code are never opened"),
        (tmp_path / "nowhere", "is neither a folder nor a name that a hub has"),
    ):
        assert rerank(bundle, model, "--signal", "other") == 2
        told = capfd.readouterr().err
        assert said in told
        assert "Traceback" not in told


def test_a_catalogue_without_judgements_has_no_pairs(tmp_path, model, capfd):
    product_frame().assign(image=None).to_csv(tmp_path / "products.csv", index=False)
    (tmp_path / "queries.csv").write_text("query_id,query\n1,mug\n")
    words = ["own", "--products", str(tmp_path / "products.csv"), "--queries", str(tmp_path / "queries.csv")]
    assert main([*words, "--out", str(tmp_path / "own")]) == 0
    assert rerank(tmp_path / "own", model) == 2
    assert "has no judged pairs to score" in capfd.readouterr().err


@pytest.mark.parametrize(
    "change", [{"reranker": {}}, {"reranker": {"model": ""}}, {"top": -1}, {"top": "1"}, {"runs": None}, {"runs": [1]}]
)
def test_damage_is_one_sentence(bundle, change):
    about = json.loads((bundle / "signals/cross/signal.json").read_text())
    with BundleWriter(bundle) as writer:
        writer.write_signal_files("cross", SignalSpec("text", "", ("title",), kind="reranked"), {}, about | change)
    with pytest.raises(BundleError, match=r"does not say which model scored its pairs .*precompute rerank again$"):
        load_bundle(bundle)


def test_the_model_in_a_bundle_must_be_the_one_that_scored(bundle, monkeypatch):
    signal = load_bundle(bundle).signals["cross"]
    (model_folder(bundle, "cross") / "vocab.txt").write_text("[PAD]\n")
    with pytest.raises(EncoderError, match="are not those that scored the pairs"):
        load_cross_encoder(signal.reranker, model_folder(bundle, "cross"))
    monkeypatch.setenv(SWITCH, "off")
    with pytest.raises(EncoderError, match="no model is opened here"):
        load_cross_encoder(signal.reranker, model_folder(bundle, "cross"))


def test_what_stays_in_a_bundle_that_changes(tmp_path, model, capfd):
    products, pairs = product_frame().assign(image=None), judgement_frame(product_frame())
    (tmp_path / "queries.csv").write_text("query_id,query\n" + "".join(f"{q:02d},red mug {q}\n" for q in range(8)))

    def own():
        products.to_csv(tmp_path / "products.csv", index=False)
        pairs.to_csv(tmp_path / "judgements.csv", index=False)
        files = [(f"--{each}", f"{tmp_path / each}.csv") for each in ("products", "queries", "judgements")]
        capfd.readouterr()
        assert main(["own", "--out", str(tmp_path / "own"), *(word for option in files for word in option)]) == 0
        return capfd.readouterr().out

    own()
    assert rerank(tmp_path / "own", model) == 0
    before = load_bundle(tmp_path / "own").signals["cross"]
    pairs, products = pairs[:-1], products.assign(price=1.0)
    assert "cross: the cross-encoder's scores are kept" in own()
    signal = load_bundle(tmp_path / "own").signals["cross"]
    assert isinstance(signal, RerankedSignal)
    assert signal.said_of == before.said_of
    assert load_cross_encoder(signal.reranker, model_folder(tmp_path / "own", "cross"))
    products = products.assign(title=[*products["title"][:-1], "another title"])
    pairs.loc[len(pairs)] = ("00", products["product_id"].iloc[-1], "I")
    told = own()
    assert "cross is dropped, since the cross-encoder scored other pairs or texts" in told
    assert "precompute rerank" in told
    assert "cross" not in load_bundle(tmp_path / "own").signals
