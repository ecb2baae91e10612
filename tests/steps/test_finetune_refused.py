"""`finetune --how full`: one sentence for what cannot be trained, and a bundle that stays as it was."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from fixtures import build_tiny_bundle
from test_finetune import bundle, cross, finetune, full, start, told

from precompute.demo.training.model_folder import MODEL_FOLDER
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter

__all__ = ["bundle", "cross", "start"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing option '--how'. Choose from: adapter, full"),
        (["--how", "adapter", "--freeze", "text"], "--freeze belongs to --how full; leave it away"),
        (["--how", "full", "--rank", "3"], "--rank belongs to --how adapter; leave it away"),
        (["--how", "full", "--text-fields", "brand"], "--text-fields belongs to cross-encoders"),
        (["--how", "full", "--freeze", "both"], "Invalid value for '--freeze'"),
        (["--how", "full", "--encoder", "sbert"], "has no encoder 'sbert' to fine-tune; it has: clip"),
        (
            ["--how", "full", "--signal", "bm25"],
            "'bm25' is no signal with vectors by .*: clip_text, clip_image",
        ),
        (
            ["--how", "full", "--signal", "clip_text", "--freeze", "text"],
            "has no image signal, as --freeze text leaves pictures alone",
        ),
        (["--how", "full", "--signal", "clip_text", "--out", "clip_text"], "is no fine-tuned model's"),
        (["--how", "full", "--train", "dev"], "--train 'dev' is neither a bundle nor a split"),
        (["--how", "full", "--train", "SELF"], "--train .* is the bundle itself"),
        (["--how", "adapter", "--train", "SELF"], "--train .* is the bundle itself"),
        (["--how", "full", "--folds", "9"], "too few for 9 folds"),
        (["--how", "full", "--rate", "0"], "--rate must be positive"),
        (["--how", "full", "--device", "cuda:9"], "the device cuda:9 cannot be used here"),
        (
            ["--family", "cross-encoder"],
            "is of the family open_clip; a cross-encoder starts from",
        ),
        (["--family", "cross-encoder", "--freeze", "text"], "--freeze belongs to encoders"),
        (["--family", "cross-encoder", "--how", "adapter"], "--family belongs to --how full"),
        (["--family", "cross-encoder", "--encoder", "/nowhere"], "neither a folder nor a name that a hub has"),
        (["--family", "cross-encoder", "--encoder", "CLIP"], "has no config.json of a cross-encoder"),
        (["--family", "cross-encoder", "--encoder", "CROSS", "--text-fields", "colour"], "has no column 'colour'"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(start, cross, capfd, words, said):
    before = (start / "manifest.json").read_bytes()
    places = {"SELF": str(start), "CLIP": str(MODEL_FOLDER), "CROSS": str(cross)}
    assert finetune(start, *(places.get(word, word) for word in words), out="new") == 2
    assert re.search(said, told(capfd))
    assert (start / "manifest.json").read_bytes() == before
    assert not (start / ".finetune").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pairs: pairs.assign(label="E"), "no query of .* has judged products of different worth"),
        (lambda pairs: pairs[pairs["query_id"] < "01"], "1 query teaches anything .* too few for 5 folds"),
    ],
)
def test_too_little_to_learn_from_gets_a_sentence(bundle, cross, capfd, change, said):
    tables = [pd.read_parquet(bundle / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    with BundleWriter(bundle) as writer:
        writer.write_tables("tiny", tables[0], tables[1], change(tables[2]), load_bundle(bundle).scale)
    for words in (["--how", "full"], ["--family", "cross-encoder", "--encoder", str(cross)]):
        assert finetune(bundle, *words, "--device", "cpu") == 2
        assert re.search(said, told(capfd))


def test_a_rate_that_tears_the_model_apart_is_named(bundle, cross, capfd):
    words = ["--family", "cross-encoder", "--encoder", str(cross), "--folds", "2", "--epochs", "1", "--device", "cpu"]
    assert finetune(bundle, *words, "--rate", "1e30") == 2
    assert "fine-tuned at --rate 1e+30, " in (said := told(capfd))
    assert "choose a lower one" in said


def test_pictures_that_are_not_there_cannot_be_learned(bundle, tmp_path, capfd):
    other = build_tiny_bundle(tmp_path / "other", modalities=())
    tables = [pd.read_parquet(other / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    with BundleWriter(other) as writer:
        writer.write_tables("other", tables[0].assign(image=None), *tables[1:], load_bundle(other).scale)
    assert full(bundle, "--train", str(other)) == 2
    assert "no product of" in (said := told(capfd))
    assert "has a picture" in said
