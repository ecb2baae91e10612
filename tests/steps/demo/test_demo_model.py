"""The committed tiny CLIP: what it promises on a catalogue it never saw, and how it is trained."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from precompute.demo.build import ENCODER, build_demo
from precompute.demo.products.kinds import KINDS
from precompute.demo.products.traits import drawn_traits
from precompute.demo.products.wishes import drawn_wish, label
from precompute.demo.quality.free_text import FREE_TEXT, kind_precision
from precompute.demo.quality.measured import CHOOSING_SEEDS, REPORTED_SEEDS, ndcg_frame
from precompute.demo.text.everyday import as_sought
from precompute.demo.training.examples import fulfilment
from precompute.demo.training.model_folder import MERGES_FILE, MODEL_FOLDER, WEIGHTS_FILE
from sqid_core.bundle.load import load_bundle
from sqid_core.encoders.families import load_encoder, open_encoder
from sqid_core.encoders.vocabulary import knows_nothing_of, load_vocabulary

UNSEEN_SEED = 901


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("model") / "demo"
    build_demo(out, UNSEEN_SEED, products=840, queries=168)
    return load_bundle(out)


@pytest.fixture(scope="module")
def encoder(demo):
    return load_encoder(demo.manifest.encoders[ENCODER], demo.folder / "encoders" / ENCODER)


@pytest.fixture(scope="module")
def precision(demo, encoder):
    return kind_precision(demo, encoder)


def test_seeds_for_choosing_and_reporting_are_apart():
    assert not {0, UNSEEN_SEED} & {*CHOOSING_SEEDS, *REPORTED_SEEDS}
    assert not set(CHOOSING_SEEDS) & set(REPORTED_SEEDS)


def test_each_signal_beats_random_and_the_fusion_beats_both(demo):
    means = ndcg_frame(demo)[["random", "clip_text", "clip_image", "fused"]].mean()
    assert means["clip_text"] >= means["random"] + 0.15
    assert means["clip_image"] >= means["random"] + 0.15
    assert means["fused"] >= max(means["clip_text"], means["clip_image"]) + 0.02


@pytest.mark.parametrize("text", FREE_TEXT)
def test_typed_text_finds_its_kind_in_both_rankings(precision, text):
    assert min(precision[text].values()) >= 0.6


def test_nearly_all_that_typed_text_finds_is_of_the_kind(precision):
    assert np.mean([list(shares.values()) for shares in precision.values()]) >= 0.9


# The training captions hold one of each but for "sneakers", "socks" and "glasses".
OTHER_NUMBERS = {
    "mugs": "mug",
    "Red T-Shirts": "t-shirt",
    "lamps": "lamp",
    "blue dresses": "dress",
    "posters of mountains": "poster",
    "rugs": "rug",
    "sofas": "sofa",
    "bags": "handbag",
    "jumpers": "sweater",
    "teapots": "teapot",
    "trainer": "sneakers",
}


def test_plurals_and_singulars_find_their_kind(demo, encoder):
    found = kind_precision(demo, encoder, OTHER_NUMBERS)
    assert {text for text, shares in found.items() if min(shares.values()) < 0.6} == set()


@pytest.mark.parametrize("text", ["xylophone quark", "zxqv", "🎺", ""])
def test_queries_without_a_known_word_are_noticed(text):
    assert knows_nothing_of(text, load_vocabulary(MODEL_FOLDER))


@pytest.mark.parametrize("text", FREE_TEXT)
def test_free_texts_have_a_known_word(text):
    assert not knows_nothing_of(text, load_vocabulary(MODEL_FOLDER))


def test_the_weights_are_small_half_floats():
    from safetensors import safe_open

    assert (MODEL_FOLDER / WEIGHTS_FILE).stat().st_size <= 10_000_000
    with safe_open(MODEL_FOLDER / WEIGHTS_FILE, "pt") as weights:
        kinds = {str(weights.get_tensor(name).dtype) for name in weights.keys()}  # noqa: SIM118
    assert kinds <= {"torch.float16", "torch.int64"}


def test_open_clip_itself_loads_the_model(encoder):
    import open_clip
    import torch

    name = f"local-dir:{MODEL_FOLDER}"
    model, _, _ = open_clip.create_model_and_transforms(name)
    tokenizer = open_clip.get_tokenizer(name, bpe_path=str(MODEL_FOLDER / MERGES_FILE))
    with torch.no_grad():
        found = model.eval().encode_text(tokenizer(["stripy tee"]), normalize=True).numpy()
    np.testing.assert_allclose(found, encoder.encode_texts(["stripy tee"]), atol=1e-5)


def test_a_wish_is_fulfilled_by_the_products_that_would_be_exact():
    rng = Random(4)
    traits = [drawn_traits(rng.choice(sorted(KINDS)), rng) for _ in range(120)]
    wishes = [drawn_wish(one, rng) for one in traits]
    expected = [[label(wish, one) == "E" for one in traits] for wish in wishes]
    np.testing.assert_array_equal(fulfilment([as_sought(wish) for wish in wishes], traits), expected)


def test_the_loss_is_least_where_scores_follow_the_matches():
    import torch

    from precompute.demo.training.train import _contrast

    matches = torch.tensor([[True, True, False], [False, True, False], [False, False, True]])
    followed = _contrast(20 * matches.float(), matches)
    assert followed < _contrast(torch.zeros(3, 3), matches)
    assert _contrast(20 * torch.eye(3), torch.eye(3, dtype=torch.bool)) == pytest.approx(0, abs=1e-6)


def test_two_steps_of_training_write_a_model_that_opens(tmp_path, monkeypatch):
    from precompute.demo.training import train

    monkeypatch.setattr(train, "BATCH", 16)
    told = []
    train.train(tmp_path / "model", steps=2, seed=1, progress=lambda event: told.append(event.done / event.total))
    encoder = open_encoder("open_clip", str(tmp_path / "model"))
    assert encoder.encode_texts(["stripy tee", "bakcpack"]).shape == (2, encoder.spec.dim)
    assert told[-1] == 1
    assert told == sorted(told)
