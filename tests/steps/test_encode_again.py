"""python -m precompute encode on a bundle whose pictures or texts changed: only what is new goes to the model."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from fixtures import build_tiny_bundle
from PIL import Image
from tiny_models import write_random_clip

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.indexes.hnsw import hnswlib_installed


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_random_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture(scope="module")
def encoded_bundle(tmp_path_factory, clip):
    """Both signals, of half of the pictures: those of the others are not there yet."""
    bundle = build_tiny_bundle(tmp_path_factory.mktemp("bundles") / "half", modalities=())
    pictures = bundle.parent / "pictures"
    shutil.move(bundle / "images", pictures)
    (bundle.parent / "later").mkdir()
    for number, file in enumerate(sorted(pictures.iterdir())):
        noise(file, number)
    for file in sorted(pictures.iterdir())[::2]:
        file.rename(bundle.parent / "later" / file.name)
    assert main(["images", str(bundle), "--from", str(pictures)]) == 0
    assert encode(bundle, clip, "image") == 0
    assert encode(bundle, clip, "text") == 0
    for file in (bundle.parent / "later").iterdir():
        shutil.copy(file, pictures / file.name)
    return bundle.parent


@pytest.fixture
def place(encoded_bundle, tmp_path):
    return shutil.copytree(encoded_bundle, tmp_path / "place")


@pytest.fixture
def model(monkeypatch):
    """What went through the model: a list of numbers of items."""
    from precompute.steps import encode as step

    counts, run = [], step.encode_in_shards

    def counted(shards, items, *rest):
        counts.append(len(items))
        return run(shards, items, *rest)

    monkeypatch.setattr(step, "encode_in_shards", counted)
    return counts


def noise(path, seed):
    """A picture like no other."""
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)


def encode(bundle, clip, modality, *more):
    command = ["encode", str(bundle), "--signal", f"clip_{modality}", "--modality", modality, "--model", str(clip)]
    return main([*command, "--device", "cpu", *more])


def fresh(bundle, clip, modality, tmp_path):
    """The same products, encoded at once."""
    name = f"all_{modality}"
    command = ["encode", str(bundle), "--signal", name, "--modality", modality, "--model", str(clip), "--again"]
    assert main([*command, "--device", "cpu"]) == 0
    return load_bundle(bundle).signals[name]


def test_pictures_that_came_later_are_taken_up(place, clip, model, tmp_path, capsys):
    bundle = place / "half"
    before = load_bundle(bundle).signals["clip_image"]
    assert main(["images", str(bundle), "--from", str(place / "pictures")]) == 0
    later = int(load_bundle(bundle).products["image"].notna().sum() - before.present.sum())
    assert later > 20
    assert main(["verify", str(bundle)]) == 1
    assert f"clip_image: pictures that came later {later}" in capsys.readouterr().out
    assert encode(bundle, clip, "image") == 0
    assert model == [later]
    assert f"pictures to encode {later}, with their vectors {before.present.sum()}" in capsys.readouterr().out
    dataset = load_bundle(bundle)
    image = dataset.signals["clip_image"]
    np.testing.assert_array_equal(image.present, dataset.products["image"].notna())
    np.testing.assert_array_equal(image.products[before.present], before.products[before.present])
    np.testing.assert_allclose(image.products, fresh(bundle, clip, "image", tmp_path).products, atol=1e-6)
    assert main(["verify", str(bundle)]) == 0
    assert encode(bundle, clip, "image") == 0
    assert "nothing to do" in capsys.readouterr().out


def test_an_exchanged_picture_is_encoded_and_one_that_is_gone_is_dropped(place, clip, model, capsys):
    bundle, pictures = place / "half", place / "pictures"
    later = {path.name for path in (place / "later").iterdir()}
    exchanged, gone = [path for path in sorted(pictures.iterdir()) if path.name not in later][:2]
    for path in (place / "later").iterdir():
        (pictures / path.name).unlink()
    noise(exchanged, 1000)
    Image.new("RGB", (1, 1)).save(gone)  # what a shop sends where it has no picture
    before = load_bundle(bundle).signals["clip_image"]
    assert main(["images", str(bundle), "--from", str(pictures)]) == 0
    assert main(["verify", str(bundle)]) == 1
    said = capsys.readouterr().out
    assert "clip_image: pictures that changed 1, are gone 1" in said, said
    assert encode(bundle, clip, "image") == 0
    assert model == [1]
    after = load_bundle(bundle).signals["clip_image"]
    assert before.present.sum() - after.present.sum() == 1
    assert (after.products != before.products).any(axis=1).sum() == 2
    assert not after.products[~after.present].any()


def test_shared_duplicates_get_their_vector_without_the_model(place, clip, model):
    bundle, pictures = place / "half", place / "pictures"
    files = sorted(pictures.iterdir())
    shutil.copy(files[1], files[3])
    assert main(["images", str(bundle), "--from", str(pictures)]) == 0
    assert encode(bundle, clip, "image") == 0
    count = load_bundle(bundle).signals["clip_image"].present.sum()
    assert main(["images", str(bundle), "--from", str(pictures), "--duplicates", "share"]) == 0
    del model[:]
    assert encode(bundle, clip, "image") == 0
    assert model == [0]
    assert load_bundle(bundle).signals["clip_image"].present.sum() == count + 1


def test_again_encodes_everything(place, clip, model):
    bundle = place / "half"
    assert encode(bundle, clip, "text", "--again") == 0
    assert model == [60]


def test_an_interrupted_update_goes_on(place, clip, monkeypatch):
    from precompute.work import shards

    bundle, write = place / "half", shards._write
    assert main(["images", str(bundle), "--from", str(place / "pictures")]) == 0
    before = load_bundle(bundle).signals["clip_image"].present.sum()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(shards, "_write", interrupted)
    assert encode(bundle, clip, "image") == 130
    assert load_bundle(bundle).signals["clip_image"].present.sum() == before
    monkeypatch.setattr(shards, "_write", write)
    assert encode(bundle, clip, "image") == 0
    assert load_bundle(bundle).signals["clip_image"].present.sum() > before
    assert not list(bundle.glob(".encode*"))


def test_an_older_bundle_does_not_say_what_its_vectors_are_of(place, clip, model, capsys):
    """What has a vector keeps it; what has none gets one; from then on it is known."""
    bundle = place / "half"
    signal = load_bundle(bundle).signals["clip_image"]
    with BundleWriter(bundle) as writer:
        writer.write_signal("clip_image", "image", signal.encoder, -signal.products, signal.present)
    assert load_bundle(bundle).signals["clip_image"].content is None
    assert encode(bundle, clip, "image") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["images", str(bundle), "--from", str(place / "pictures")]) == 0
    assert encode(bundle, clip, "image") == 0
    later = load_bundle(bundle).signals["clip_image"]
    assert model == [later.present.sum() - signal.present.sum()]
    np.testing.assert_array_equal(later.products[signal.present], -signal.products[signal.present])
    assert later.content is not None


@pytest.mark.skipif(not hnswlib_installed(), reason="hnswlib is not installed")
def test_the_index_follows_the_vectors(place, clip):
    bundle = place / "half"
    assert main(["index", str(bundle), "--threads", "1"]) == 0
    assert main(["images", str(bundle), "--from", str(place / "pictures")]) == 0
    assert encode(bundle, clip, "image") == 0
    assert load_bundle(bundle).manifest.signals["clip_image"].index["measured"] == {}
    assert main(["verify", str(bundle)]) == 0
    assert main(["index", str(bundle)]) == 0
    measured = load_bundle(bundle).manifest.signals["clip_image"].index["measured"]
    assert measured["recall@10"] > 0.95


def test_nothing_stays_that_the_manifest_does_not_name(place):
    bundle = place / "half"
    products, queries, pairs = (
        pd.read_parquet(bundle / f"{name}.parquet") for name in ("products", "queries", "judgements")
    )
    scale = load_bundle(bundle).scale
    with BundleWriter(bundle) as writer:
        writer.write_tables("half", products.assign(title="another"), queries, pairs, scale)
    assert not load_bundle(bundle).signals
    assert not list(bundle.glob("signals*"))
    assert not list(bundle.glob("encoders*"))
