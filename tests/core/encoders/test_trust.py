"""A model that a bundle brings is data: nothing of it runs, and nothing leads out of the bundle."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_models import write_random_clip

from sqid_core.encoders.families import EncoderSpec, check_content, content_hash, load_encoder, model_files
from sqid_core.errors import EncoderError

SPY = "from pathlib import Path\nPath(__file__).with_name('ran').write_text('yes')\n"


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return write_random_clip(tmp_path_factory.mktemp("models") / "clip")


def clip_setting(*keys: str, value: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = json.loads((folder / "open_clip_config.json").read_text())
        place = config
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
        (folder / "open_clip_config.json").write_text(json.dumps(config))

    return change


def file(name: str, content: str | bytes = "x") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return change


def remote_tokenizer(folder: Path) -> None:
    clip_setting("model_cfg", "text_cfg", "hf_tokenizer_name", value="anything")(folder)
    clip_setting("model_cfg", "text_cfg", "tokenizer_kwargs", value={"trust_remote_code": True})(folder)
    (folder / "tokenization_mine.py").write_text(SPY)
    auto = {"auto_map": {"AutoTokenizer": ["tokenization_mine.Mine", None]}, "tokenizer_class": "Mine"}
    (folder / "tokenizer_config.json").write_text(json.dumps(auto))


MODEL, TEXT, VISION = ("model_cfg",), ("model_cfg", "text_cfg"), ("model_cfg", "vision_cfg")
HOSTILE_CLIP: dict[str, tuple[Callable[[Path], None], str]] = {
    "remote tokenizer": (remote_tokenizer, "never opened|can run or fetch code"),
    "trusting setting alone": (
        clip_setting(*TEXT, "tokenizer_kwargs", value={"trust_remote_code": True}),
        "trust_remote_code, which can run or fetch code",
    ),
    "code beside it": (file("model.py", SPY), "model.py: code and weights"),
    "pickled weights": (file("pytorch_model.bin", b"PK\x03\x04"), "code and weights that can hold code"),
    "another hub's tower": (clip_setting(*TEXT, "hf_model_name", value="../../elsewhere"), "hf_model_name"),
    "unknown setting": (clip_setting(*MODEL, "plugin", value="x"), "plugin"),
    "merges elsewhere": (clip_setting(*TEXT, "tokenizer_kwargs", value={"bpe_path": "/etc/passwd"}), "not read"),
    "timm elsewhere": (clip_setting(*VISION, "timm_model_name", value="hf-hub:me/mine"), "not read"),
    "larger than its weights": (clip_setting(*VISION, "layers", value=400), "larger model than its weights"),
    "endless layers": (clip_setting(*TEXT, "layers", value=10**9), "not read"),
    "a width that is a word": (clip_setting(*VISION, "width", value="wide"), "not read"),
    "nested without end": (file("more.json", "[" * 200_000), "no readable JSON"),
    "packed without end": (file("merges.txt.gz", gzip.compress(b"a b\n" * 9_000_000)), "unpacks to more than"),
    "not packed": (file("merges.txt.gz", b"plain"), "cannot be unpacked"),
}


@pytest.mark.parametrize("case", HOSTILE_CLIP)
def test_a_hostile_clip_folder_is_refused_before_it_is_read(case, clip, tmp_path):
    change, message = HOSTILE_CLIP[case]
    folder = shutil.copytree(clip, tmp_path / "model")
    change(folder)
    spec = EncoderSpec("it", "open_clip", "", "", 12, "", content_hash(model_files(folder), folder))
    for opened in (load_encoder, check_content):  # the second is what verify asks
        with pytest.raises(EncoderError, match=message) as caught:
            opened(spec, folder)
        assert "\n" not in str(caught.value)
    assert not list(folder.rglob("ran"))


def sentence_model(folder: Path) -> Path:
    folder.mkdir()
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    return folder


def modules(*found: tuple[str, str]) -> Callable[[Path], None]:
    return file("modules.json", json.dumps([{"path": path, "type": kind} for path, kind in found]))


HOSTILE_SENTENCES: dict[str, tuple[Callable[[Path], None], str]] = {
    "module of its own": (modules(("", "mine.Mine")), r"names 'mine\.Mine'"),
    "module of the library that imports": (modules(("", "sentence_transformers.models.WordEmbeddings")), "names"),
    "module elsewhere": (
        modules(("../..", "sentence_transformers.models.Pooling")),
        "no part of it",
    ),
    "module in an unread folder": (modules(("onnx", "sentence_transformers.models.Dense")), "no part of it"),
    "code by auto_map": (file("config.json", json.dumps({"auto_map": {"AutoModel": "m.M"}})), "auto_map"),
    "trusting arguments": (
        file("sentence_bert_config.json", json.dumps({"model_args": {"trust_remote_code": True}})),
        "trust_remote_code",
    ),
    "kernels of a hub": (file("config.json", json.dumps({"attn_implementation": "me/kernel"})), "attn_implementation"),
    "adapter of another model": (file("adapter_config.json", "{}"), "adapter_config.json"),
    "activation": (
        lambda folder: (
            modules(("2_Dense", "sentence_transformers.models.Dense"))(folder),
            file("2_Dense/config.json", json.dumps({"activation_function": "torch.hub.load"}))(folder),
        ),
        "no activation",
    ),
}


@pytest.mark.parametrize("case", HOSTILE_SENTENCES)
def test_a_hostile_text_model_is_refused_before_it_is_read(case, tmp_path):
    change, message = HOSTILE_SENTENCES[case]
    folder = sentence_model(tmp_path / "model")
    change(folder)
    spec = EncoderSpec("it", "sentence-transformers", "", "", 12, "", content_hash(model_files(folder), folder))
    with pytest.raises(EncoderError, match=message):
        load_encoder(spec, folder)


@pytest.mark.parametrize("family", ["open_clip", "sentence-transformers"])
@pytest.mark.parametrize(
    "names",
    [
        ("local-dir:/tmp", ""),
        ("hf-hub:me/mine", ""),
        ("/etc", ""),
        ("../elsewhere", ""),
        ("me/mine/more", ""),
        (".", ""),
        ("ViT-B-32", "../x"),
        ("ViT-B-32", "/etc/passwd"),
        ("ViT-B-32", "sub/file.safetensors"),
    ],
)
def test_names_lead_nowhere(family, names, tmp_path):
    for content in ("", "0" * 64):
        with pytest.raises(EncoderError, match=r"path or an address|neither a tag nor a file"):
            load_encoder(EncoderSpec("it", family, *names, 12, "", content), tmp_path)


def test_weights_that_can_hold_code_are_refused(tmp_path):
    for name, content in (("w.pt", b"PK"), ("w.safetensors", b"PK\x03\x04")):
        (tmp_path / name).write_bytes(content)
        digest = content_hash([tmp_path / name], tmp_path)
        with pytest.raises(EncoderError, match=r"pickle|can hold code"):
            load_encoder(EncoderSpec("it", "open_clip", "ViT-B-32", name, 12, "", digest), tmp_path)


def test_weights_without_a_model_are_held_to_the_folder(clip, tmp_path):
    folder = shutil.copytree(clip, tmp_path / "model")
    remote_tokenizer(folder)
    weights = folder / "open_clip_model.safetensors"
    spec = EncoderSpec("it", "open_clip", "", weights.name, 12, "", content_hash([weights], folder))
    with pytest.raises(EncoderError, match=r"never opened|can run or fetch code"):
        load_encoder(spec, folder)


def test_a_server_of_strangers_bundles_opens_no_encoder(clip, monkeypatch):
    spec = EncoderSpec("it", "open_clip", "", "", 12, "", content_hash(model_files(clip), clip))
    monkeypatch.setenv("SQID_ENCODERS", "off")
    with pytest.raises(EncoderError, match="no encoder is opened here"):
        load_encoder(spec, clip)
    monkeypatch.setenv("SQID_ENCODERS", "")
    with pytest.raises(EncoderError, match="preprocessing"):
        load_encoder(replace(spec, preprocessing="another"), clip)
