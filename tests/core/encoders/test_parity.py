"""Vectors made elsewhere: noticed, and the cause named, by a check that tries what others do differently."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from fixtures import QUERIES, WordEncoder, build_tiny_bundle, unit, word_vector
from tiny_models import write_random_clip

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.encoders.families import open_encoder
from sqid_core.encoders.parity import LEAST_COSINE, SAMPLE, WORDINGS, agreement, check_parity
from sqid_core.errors import EncoderError
from sqid_core.sampling import even_sample

TEXTS = [f"{query} {number}" for query in QUERIES for number in range(5)]


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    return write_random_clip(tmp_path_factory.mktemp("models") / "plain", tell_tale=True)


@pytest.fixture(scope="session")
def quick(plain):
    """The same weights with the other activation."""
    folder = shutil.copytree(plain, plain.parent / "quick")
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["quick_gelu"] = True
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="session")
def encoder(plain):
    return open_encoder("open_clip", str(plain))


def test_own_vectors_agree(encoder):
    stored = encoder.encode_texts(TEXTS)
    assert check_parity(encoder, TEXTS, stored, "here") == pytest.approx(1, abs=1e-5)
    assert check_parity(encoder, [], stored[:0], "here") == 1


def test_half_precision_agrees(encoder, plain):
    half = open_encoder("open_clip", str(plain), precision="bf16")
    assert half.precision == "bf16"
    assert half.encode_texts(TEXTS).dtype == np.float32
    assert LEAST_COSINE < check_parity(half, TEXTS, encoder.encode_texts(TEXTS), "here") < 1


@pytest.mark.parametrize(("own", "other"), [("plain", "quick"), ("quick", "plain")])
def test_another_activation_is_named(own, other, request):
    model = open_encoder("open_clip", str(request.getfixturevalue(own)))
    foreign = open_encoder("open_clip", str(request.getfixturevalue(other))).encode_texts(TEXTS)
    names = {"plain": "GELU", "quick": "QuickGELU"}
    before = model.encode_texts(TEXTS[:3])
    with pytest.raises(EncoderError) as caught:
        check_parity(model, TEXTS, foreign, "data/x")
    said = str(caught.value)
    assert f"made with {names[other]} and this model runs {names[own]}" in said
    assert said.startswith("data/x holds query vectors")
    assert "\n" not in said
    np.testing.assert_array_equal(model.encode_texts(TEXTS[:3]), before)  # its own activation is back


@pytest.mark.parametrize("name", WORDINGS)
def test_another_wording_is_named(name):
    encoder = WordEncoder()
    texts = [text.upper() for text in TEXTS] if name == "small letters" else TEXTS
    encoder.encode_texts = lambda texts: np.stack([unit(sum(map(word_vector, text.split()))) for text in texts])
    foreign = encoder.encode_texts([WORDINGS[name](text) for text in texts])
    with pytest.raises(EncoderError) as caught:
        check_parity(encoder, texts, foreign, "here")
    assert f"made with {name}, and" in str(caught.value)


def test_other_weights_are_named(encoder, tmp_path):
    rng = np.random.default_rng(0).standard_normal((len(TEXTS), encoder.spec.dim))
    foreign = (rng / np.linalg.norm(rng, axis=1, keepdims=True)).astype(np.float32)
    with pytest.raises(EncoderError, match="other weights"):
        check_parity(encoder, TEXTS, foreign, "here")


def test_one_odd_query_in_ten_is_forgiven_and_a_fifth_is_not(encoder):
    rows = even_sample(len(TEXTS), SAMPLE)
    assert len(rows) == SAMPLE
    stored = encoder.encode_texts(TEXTS)
    stored[rows[0]] *= -1
    assert check_parity(encoder, TEXTS, stored, "here") > LEAST_COSINE
    stored[rows[1:4]] *= -1
    with pytest.raises(EncoderError):
        check_parity(encoder, TEXTS, stored, "here")


def test_sample_is_even_and_never_empty_where_there_is_something():
    assert even_sample(0, 20).tolist() == []
    assert even_sample(1, 20).tolist() == [0]
    assert even_sample(5, 20).tolist() == [0, 1, 2, 3, 4]
    assert (even_sample(8956, 20)[0], even_sample(8956, 20)[-1]) == (0, 8955)


def test_agreement_is_a_cosine(encoder):
    stored = encoder.encode_texts(TEXTS[:1])
    assert agreement(encoder, TEXTS[:1], -stored) == pytest.approx(-1)


# --- encode, before it adds to such an encoder ---


@pytest.fixture
def foreign_bundle(tmp_path, plain, quick):
    """A bundle that says its vectors are the plain model's, but they are the quick one's."""
    bundle = build_tiny_bundle(tmp_path / "bundle", modalities=())
    model = open_encoder("open_clip", str(plain), name="clip")
    made_with = open_encoder("open_clip", str(quick))
    titles = load_bundle(bundle).products["title"].tolist()
    with BundleWriter(bundle) as writer:
        files = {path.name: path for path in plain.iterdir()}
        writer.write_encoder(model.spec, made_with.encode_texts(QUERIES), files)
        vectors = made_with.encode_texts(titles)
        writer.write_signal("clip_text", "text", "clip", vectors, np.ones(len(titles), bool), ("title",))
    return bundle


def test_encode_refuses_to_add_to_foreign_vectors(foreign_bundle, plain, capsys):
    before = {path: path.read_bytes() for path in foreign_bundle.rglob("*") if path.is_file()}
    command = ["encode", str(foreign_bundle), "--modality", "image", "--model", str(plain), "--device", "cpu"]
    assert main([*command, "--signal", "clip_image", "--encoder-name", "clip"]) == 2
    assert "likely cause is the activation" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in foreign_bundle.rglob("*") if path.is_file()} == before
    assert main([*command, "--signal", "own_image", "--encoder-name", "own"]) == 0


def test_the_app_refuses_a_typed_query_against_foreign_vectors(foreign_bundle, monkeypatch):
    import streamlit as st

    from sqid_ui.caches.rankings import text_vector

    dataset = load_bundle(foreign_bundle)
    st.cache_resource.clear()
    with pytest.raises(EncoderError, match="likely cause is the activation"):
        text_vector(dataset, "clip", "red mug")
    st.cache_resource.clear()


def test_an_open_clip_model_without_such_activations_has_no_swaps():
    from torch import nn

    from sqid_core.encoders.clip_models import other_activation

    with other_activation(nn.Linear(2, 2)) as swaps:
        assert list(swaps) == []
