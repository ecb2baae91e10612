"""The contract of both encoder families, and what each refuses. Real models are small: random CLIP, packaged MiniLM."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image
from tiny_models import minilm_folder, write_random_clip

from sqid_core.analysis.checks import cut_texts
from sqid_core.encoders.clip_models import describe_preprocessing
from sqid_core.encoders.families import EncoderSpec, content_hash, load_encoder, model_files, open_encoder
from sqid_core.encoders.vocabulary import in_known_words, knows_nothing_of, load_vocabulary, unknown_words
from sqid_core.errors import EncoderError

FAMILIES = ("open_clip", "sentence-transformers")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory) -> Path:
    return write_random_clip(tmp_path_factory.mktemp("models") / "tiny-siglip-named-clip")


@pytest.fixture(scope="session", params=FAMILIES)
def encoder(request, clip_folder):
    folder = clip_folder if request.param == "open_clip" else minilm_folder()
    return open_encoder(request.param, str(folder), name="tested")


def test_contract_shapes_types_and_lengths(encoder):
    vectors = encoder.encode_texts(["red shoe", "", "kettle " * 2000, "🛒", "حذاء"])
    assert vectors.shape == (5, encoder.spec.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_contract_nothing_gives_no_rows(encoder):
    assert encoder.encode_texts([]).shape == (0, encoder.spec.dim)


def test_contract_batches_change_nothing(encoder):
    texts = [f"cup {number} of tea" for number in range(7)]
    whole = encoder.encode_texts(texts)
    alone = np.concatenate([encoder.encode_texts([text]) for text in texts])
    np.testing.assert_allclose(whole, alone, atol=2e-6)


def test_contract_text_beyond_the_context_is_cut(encoder):
    long = "lamp " * 1000
    np.testing.assert_allclose(encoder.encode_texts([long + "sofa"]), encoder.encode_texts([long + "shoe"]), atol=1e-6)


def test_contract_says_what_it_is(encoder):
    spec = encoder.spec
    assert (spec.name, spec.model, len(spec.content_sha256)) == ("tested", "", 64)
    assert encoder.device == "cpu"
    assert msgspec.convert(json.loads(json.dumps(spec.to_json())), EncoderSpec) == spec


def test_contract_loads_again_from_a_copy(encoder, clip_folder, tmp_path):
    source = clip_folder if encoder.spec.family == "open_clip" else minilm_folder()
    copy = tmp_path / "elsewhere"
    for path in model_files(source):
        (copy / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy / path.relative_to(source))
    (copy / "queries.npy").write_bytes(b"a bundle's own file")
    again = load_encoder(encoder.spec, copy)
    assert again.spec == encoder.spec
    np.testing.assert_array_equal(again.encode_texts(["a red cup"]), encoder.encode_texts(["a red cup"]))


def test_pictures_share_the_space_of_texts(clip_folder):
    encoder = open_encoder("open_clip", str(clip_folder))
    pictures = [Image.new(mode, (40, 20), color) for mode, color in (("RGB", "red"), ("L", 7), ("RGBA", "blue"))]
    vectors = encoder.encode_images(pictures)
    assert (vectors.shape, vectors.dtype) == ((3, 12), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert encoder.encode_images([]).shape == (0, 12)


def test_text_models_refuse_pictures():
    encoder = open_encoder("sentence-transformers", str(minilm_folder()))
    with pytest.raises(EncoderError, match="reads text only"):
        encoder.encode_images([Image.new("RGB", (4, 4))])


def test_a_relative_folder_works_from_anywhere(clip_folder, monkeypatch, tmp_path):
    monkeypatch.chdir(clip_folder.parent)
    encoder = open_encoder("open_clip", clip_folder.name)
    monkeypatch.chdir(tmp_path)
    assert encoder.encode_texts(["sand"]).shape == (1, 12)


def test_default_names_depend_on_content_not_on_the_path(clip_folder, tmp_path):
    copy = shutil.copytree(clip_folder, tmp_path / "other-name")
    assert open_encoder("open_clip", str(copy)).spec == open_encoder("open_clip", str(clip_folder)).spec


def test_changed_files_are_noticed(clip_folder, tmp_path):
    copy = shutil.copytree(clip_folder, tmp_path / "copy")
    spec = open_encoder("open_clip", str(copy)).spec
    config = json.loads((copy / "open_clip_config.json").read_text())
    config["preprocess_cfg"] = {"mean": [0, 0, 0]}
    (copy / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(EncoderError, match="not the ones its vectors were made with"):
        load_encoder(spec, copy)
    with pytest.raises(EncoderError, match="not in the bundle"):
        load_encoder(spec, None)
    changed = replace(spec, content_sha256=content_hash(model_files(copy), copy))
    with pytest.raises(EncoderError, match="preprocessing"):
        load_encoder(changed, copy)
    config["preprocess_cfg"] = {}
    (copy / "open_clip_config.json").write_text(json.dumps(config))
    wider = replace(spec, content_sha256=content_hash(model_files(copy), copy), dim=13)
    with pytest.raises(EncoderError, match="dimension 12 but its vectors were made with 13"):
        load_encoder(wider, copy)


def test_weights_files_are_known_by_content(tmp_path):
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    weights = tmp_path / "mine.safetensors"
    save_file(open_clip.create_model("ViT-S-32-alt").state_dict(), weights)
    encoder = open_encoder("open_clip", "ViT-S-32-alt", str(weights))
    assert (encoder.spec.model, encoder.spec.pretrained) == ("ViT-S-32-alt", "mine.safetensors")
    assert encoder.spec.name.startswith("ViT-S-32-alt-mine.safetensors-")
    again = load_encoder(encoder.spec, tmp_path)
    np.testing.assert_array_equal(again.encode_texts(["tea"]), encoder.encode_texts(["tea"]))


REFUSED = {
    "other activation": (("open_clip", "ViT-L-14", "openai"), "QuickGELU.*ViT-L-14-quickgelu"),
    "no such model": (("open_clip", "ViT-X-99", "openai"), "no model 'ViT-X-99'"),
    "no weights named": (("open_clip", "ViT-B-32", ""), "no pretrained weights ''"),
    "not cached": (("open_clip", "ViT-L-14-quickgelu", "openai"), "could not be downloaded"),
    "text model not cached": (("sentence-transformers", "no-such-model-0"), "could not be downloaded"),
    "weights for a text model": (("sentence-transformers", "no-such-model-0", "openai"), "leave out the pretrained"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_one_sentence(case):
    arguments, message = REFUSED[case]
    with pytest.raises(EncoderError, match=message) as caught:
        open_encoder(*arguments)
    assert "\n" not in str(caught.value)


def test_folders_without_a_model_are_refused(tmp_path, clip_folder):
    for family in FAMILIES:
        with pytest.raises(EncoderError, match="could not be loaded"):
            open_encoder(family, str(tmp_path))
    copy = shutil.copytree(clip_folder, tmp_path / "copy")
    (copy / "open_clip_model.safetensors").unlink()
    with pytest.raises(EncoderError, match="could not be loaded"):
        open_encoder("open_clip", str(copy))


def test_no_network_is_asked_only_once(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    asked = []
    monkeypatch.setattr("sqid_core.encoders.model_opening.hub_answers", lambda: asked.append(1))
    with pytest.raises(EncoderError, match="network connection"):
        open_encoder("open_clip", "ViT-B-32-quickgelu", "openai")
    assert len(asked) == 1


def test_preprocessing_as_text_tells_openai_from_others():
    import open_clip
    from open_clip.transform import PreprocessCfg, merge_preprocess_dict

    tags = {tag: open_clip.get_pretrained_cfg("ViT-L-14-quickgelu", tag) for tag in ("openai", "metaclip_400m")}
    texts = {
        tag: describe_preprocessing(merge_preprocess_dict(PreprocessCfg(), config)) for tag, config in tags.items()
    }
    assert texts["openai"].startswith("224x224 bicubic shortest mean=0.481455,")
    other = describe_preprocessing(
        merge_preprocess_dict(PreprocessCfg(), {"mean": [0.5] * 3, "interpolation": "bilinear"})
    )
    assert other != texts["openai"]


def test_heavy_libraries_are_imported_only_when_an_encoder_is_opened():
    code = "import sys, sqid_core.encoders; print({'torch', 'open_clip', 'sentence_transformers'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


VOCABULARY = frozenset({"backpack", "tee", "striped", "coffee", "drink", "mug"})


@pytest.mark.parametrize(
    ("text", "unknown", "nothing_known"),
    [
        ("bakcpack", (), False),
        ("Striped TEE", (), False),
        ("something to drink coffee from", (), False),
        ("mugs", (), False),
        ("quantum mug", ("quantum",), False),
        ("quantum flux", ("quantum", "flux"), True),
        ("tea", ("tea",), True),  # too short to be taken for a misspelt tee
        ("mug under $50, 12.5 cm", ("under", "cm"), False),  # a price is no word
        ("50", (), True),
        ("the of", (), True),
        ("🛒 ‏", (), True),
        ("", (), True),
    ],
)
def test_unknown_words(text, unknown, nothing_known):
    assert unknown_words(text, VOCABULARY) == unknown
    assert knows_nothing_of(text, VOCABULARY) is nothing_known


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("red MUGS, please", "red mug, please"),
        ("striped t-tees", "striped t-tee"),
        ("coffees and drink", "coffee and drink"),
        ("berries", "berry"),
        ("boxes", "box"),
        ("trainer", "trainers"),
        ("glasses glass", "glasses glass"),
        ("bakcpack and stripd tee", "backpack and striped tee"),
        ("as is, mugss 🛒", "as is, mugss 🛒"),
        ("", ""),
    ],
)
def test_words_are_read_in_the_number_that_is_known(text, read):
    words = VOCABULARY | {"berry", "box", "trainers", "glasses", "glass", "a", "i"}
    assert in_known_words(text, words) == read


def test_a_folder_without_a_vocabulary_has_none(tmp_path):
    assert load_vocabulary(tmp_path) is None
    (tmp_path / "vocabulary.txt").write_text("Tea\nred\n")
    assert load_vocabulary(tmp_path) == {"tea", "red"}


def test_a_text_that_just_fits_is_not_cut(clip_folder: Path) -> None:
    encoder = open_encoder("open_clip", str(clip_folder))
    tokens = encoder.stages("text").prepare.tokenizer  # type: ignore[attr-defined]
    context = int(tokens.context_length)
    word = next(w for w in ("a", "b", "c", "the") if (np.asarray(tokens([w])) != 0).sum() == 3)
    texts = [" ".join([word] * count) for count in (1, context - 2, context - 1, 10 * context)]
    assert cut_texts(encoder, texts).tolist() == [False, False, True, True]  # type: ignore[union-attr]
    assert cut_texts(encoder, []).tolist() == []  # type: ignore[union-attr]
