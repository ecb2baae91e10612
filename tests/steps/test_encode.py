"""python -m precompute encode: a signal from a model, resumed after an interruption, refused with a sentence."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from fixtures import build_tiny_bundle
from tiny_models import CLIP_DIM, minilm_folder, write_random_clip

from precompute.__main__ import main
from precompute.work import shards
from sqid_core.bundle.costs import COSTS
from sqid_core.bundle.load import load_bundle
from sqid_core.encoders.families import load_encoder, open_encoder


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    return write_random_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture(scope="session")
def bare_bundle(tmp_path_factory):
    return build_tiny_bundle(tmp_path_factory.mktemp("bundles") / "bare", modalities=())


@pytest.fixture
def bundle(bare_bundle, tmp_path):
    return shutil.copytree(bare_bundle, tmp_path / "bundle")


def encode(bundle, model, *more, signal="clip_text", modality="text", family="open_clip"):
    command = ["encode", str(bundle), "--signal", signal, "--modality", modality]
    command += [] if family == "open_clip" else ["--family", family]  # open_clip is the default
    return main([*command, "--model", str(model), "--device", "cpu", *more])


def test_text_and_pictures_share_one_encoder(bundle, clip):
    assert encode(bundle, clip, "--encoder-name", "tiny") == 0
    assert encode(bundle, clip, "--encoder-name", "tiny", signal="clip_image", modality="image") == 0
    dataset = load_bundle(bundle)
    assert list(dataset.manifest.encoders) == ["tiny"]
    text, image = dataset.signals["clip_text"], dataset.signals["clip_image"]
    assert text.present.all()
    np.testing.assert_array_equal(image.present, dataset.products["image"].notna())
    assert not image.products[~image.present].any()
    np.testing.assert_array_equal(text.queries, image.queries)
    encoder = open_encoder("open_clip", str(clip))
    np.testing.assert_allclose(
        text.products[:5], encoder.encode_texts(dataset.products["title"][:5].tolist()), atol=1e-6
    )


def test_the_bundle_is_complete_in_itself(bundle, clip, tmp_path):
    encode(bundle, clip, "--encoder-name", "tiny")
    moved = bundle.rename(tmp_path / "moved")
    spec = load_bundle(moved).manifest.encoders["tiny"]
    encoder = load_encoder(spec, moved / "encoders" / "tiny")
    assert encoder.encode_texts(["red mug"]).shape == (1, CLIP_DIM)
    assert str(clip) not in (moved / "manifest.json").read_text()
    assert not list(moved.glob(".encode*"))


def test_equal_input_gives_equal_bytes(bundle, clip, tmp_path):
    other = shutil.copytree(bundle, tmp_path / "other")
    for folder in (bundle, other):
        encode(folder, shutil.copytree(clip, tmp_path / f"model-for-{folder.name}"))
    files = [{p.relative_to(f): p.read_bytes() for p in f.rglob("*.*") if p.name != COSTS} for f in (bundle, other)]
    assert files[0] == files[1]


def test_encoding_the_same_again_does_nothing(bundle, clip, monkeypatch, capsys):
    encode(bundle, clip)
    before = (bundle / "manifest.json").stat().st_mtime_ns
    monkeypatch.setattr("precompute.steps.encode.encode_in_shards", lambda *_: pytest.fail("encoded again"))
    assert encode(bundle, clip) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert (bundle / "manifest.json").stat().st_mtime_ns == before


def test_another_model_or_field_needs_another_signal(bundle, clip, tmp_path, capsys):
    encode(bundle, clip)
    assert encode(bundle, clip, "--text-fields", "title,brand") == 2
    assert "give this one another --signal name" in capsys.readouterr().err
    other = write_random_clip(tmp_path / "other", seed=1)
    assert encode(bundle, other) == 2
    assert encode(bundle, other, signal="other_text") == 0
    assert encode(bundle, clip, "--text-fields", "title,brand", signal="clip_brand") == 0
    dataset = load_bundle(bundle)
    assert list(dataset.signals) == ["clip_text", "other_text", "clip_brand"]
    assert dataset.manifest.signals["clip_brand"].text_fields == ("title", "brand")
    assert len(dataset.manifest.encoders) == 2


def test_an_encoder_name_that_is_taken(bundle, clip, tmp_path, capsys):
    encode(bundle, clip, "--encoder-name", "tiny")
    other = write_random_clip(tmp_path / "other", seed=1)
    assert encode(bundle, other, "--encoder-name", "tiny", signal="other") == 2
    assert "another --encoder-name" in capsys.readouterr().err


@pytest.mark.parametrize("moment", [0, 1, 3])
def test_an_interrupted_run_goes_on_where_it_was(moment, bundle, clip, tmp_path, monkeypatch, capsys):
    whole = shutil.copytree(bundle, tmp_path / "whole")
    small = {name: replace(kind, rows=13) for name, kind in _kinds().items()}
    monkeypatch.setattr("precompute.steps.encode.KINDS", small)
    assert encode(whole, clip) == 0
    write, written = shards._write, []

    def interrupted(shard, path):
        if len(written) == moment:
            raise KeyboardInterrupt
        written.append(path.name)
        write(shard, path)

    monkeypatch.setattr(shards, "_write", interrupted)
    assert encode(bundle, clip) == 130
    assert not load_bundle(bundle).signals
    monkeypatch.setattr(shards, "_write", write)
    assert encode(bundle, clip) == 0
    assert (f"{13 * moment} of 60 texts were encoded before" in capsys.readouterr().out) == (moment > 0)
    name = "signals/clip_text/products.npy"
    assert (bundle / name).read_bytes() == (whole / name).read_bytes()
    assert (bundle / "manifest.json").read_bytes() == (whole / "manifest.json").read_bytes()


def _kinds():
    from precompute.steps.encode import KINDS

    return KINDS


def test_a_half_written_shard_is_never_taken_for_a_whole_one(tmp_path):
    (tmp_path / "000000000.tmp").write_bytes(b"\x93NUMPY half")
    (tmp_path / "000000004.npy").write_bytes(b"\x93NUMPY half")
    np.save(tmp_path / "000000002.npy", np.zeros((1, 3), np.float32))  # of a run with other shards
    calls = []

    def encode(batches):
        for batch in batches:
            calls.append(list(batch))
            yield np.full((len(batch), 3), len(calls), np.float32)

    cut = shards.Shards(tmp_path, 3, 2, 2)
    shards.encode_in_shards(cut, "abcde", encode, "texts")
    assert calls == [["a", "b"], ["c", "d"], ["e"]]
    rows = np.array([1, 2, 3, 5, 8])
    vectors = shards.fill(np.zeros((9, 3), np.float32), rows, cut)
    assert vectors[:, 0].tolist() == [0, 1, 1, 2, 0, 2, 0, 0, 3]
    shards.encode_in_shards(cut, "abcde", encode, "texts")
    assert len(calls) == 3


def test_batches_begin_anew_in_each_shard(tmp_path):
    sizes = []

    def encode(batches):
        for batch in batches:
            sizes.append(len(batch))
            yield np.zeros((len(batch), 3), np.float32)

    shards.encode_in_shards(shards.Shards(tmp_path, 3, 5, 2), range(12), encode, "texts")
    assert sizes == [2, 2, 1, 2, 2, 1, 2]


def test_two_processes_at_the_same_signal(bundle, clip, capsys):
    with shards.work_folder(bundle, ["same"]):
        with pytest.raises(Exception, match="another process"), shards.work_folder(bundle, ["same"]):
            pass
        with shards.work_folder(bundle, ["other"]):
            pass
        assert list(bundle.glob(".encode/*"))  # the first one's shards are safe
    assert not list(bundle.glob(".encode*"))


def test_products_without_text_are_missing(bundle, clip):
    assert encode(bundle, clip, "--text-fields", "description, price") == 0
    dataset = load_bundle(bundle)
    priced = dataset.products["price"].notna()
    assert 0 < priced.sum() < len(priced)
    np.testing.assert_array_equal(dataset.signals["clip_text"].present, priced)


REFUSED = {
    "no such field": (("--text-fields", "subtitle"), {}, "no column 'subtitle'"),
    "a name that leads out": ((), {"signal": "../evil"}, "must consist of letters"),
    "fields that are all empty": (("--text-fields", "description"), {}, "no product of"),
    "an encoder's name that leads out": (("--encoder-name", "../evil"), {}, "must consist of letters"),
    "no such device": (("--device", "cuda:9"), {}, "cannot be used here"),
    "a device of another torch": (("--device", "hpu"), {}, "the device hpu cannot be used here"),
    "a device that keeps nothing": (("--device", "meta"), {}, "the device meta cannot be used here"),
    "batch size": (("--batch-size", "0"), {}, "must be at least 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_one_sentence(case, bundle, clip, capsys):
    more, changed, message = REFUSED[case]
    assert encode(bundle, clip, *more, **changed) == 2
    assert message in capsys.readouterr().err
    assert not load_bundle(bundle).signals


def test_models_that_are_not_there(bundle, tmp_path, capsys):
    assert encode(bundle, "ViT-L-14", "--pretrained", "openai") == 2
    assert "use the model ViT-L-14-quickgelu" in capsys.readouterr().err
    assert encode(bundle, "no-such-model-0", family="sentence-transformers") == 2
    assert "could not be downloaded" in capsys.readouterr().err
    assert encode(bundle, minilm_folder(), signal="x", modality="image", family="sentence-transformers") == 2
    assert "reads text only" in capsys.readouterr().err


def test_pictures_that_are_addresses_gone_or_broken(bundle, clip, tmp_path, capsys):
    pictures = sorted((bundle / "images").iterdir())
    pictures[3].write_bytes(b"no picture")
    assert encode(bundle, clip, modality="image") == 2
    assert "is not a readable picture" in capsys.readouterr().err
    pictures[3].unlink()
    assert encode(bundle, clip, modality="image") == 2
    assert "is missing" in capsys.readouterr().err


def test_pictures_by_address_must_be_downloaded_first(tmp_path, clip, capsys):
    import raw_esci

    paths = raw_esci.write(tmp_path / "raw")
    bundle = tmp_path / "esci"
    main([*raw_esci.options(paths, ("examples", "products", "image_urls")), "--out", str(bundle)])
    assert encode(bundle, clip, modality="image") == 2
    assert "2 pictures" in capsys.readouterr().err
    assert not list(bundle.glob(".encode*"))


def test_a_bundle_without_pictures(tmp_path, clip, capsys):
    import raw_esci

    paths = raw_esci.write(tmp_path / "raw")
    main([*raw_esci.options(paths, ("examples", "products")), "--out", str(tmp_path / "esci")])
    assert encode(tmp_path / "esci", clip, modality="image") == 2
    assert "no product" in capsys.readouterr().err
