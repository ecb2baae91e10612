"""python -m precompute verify, and what every verb says about a damaged bundle."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fixtures import ENCODER, build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.manifest import read_manifest, sha256


@pytest.fixture
def bundle(tiny_bundle, tmp_path):
    return shutil.copytree(tiny_bundle, tmp_path / "bundle")


def lines(capsys):
    return {line.split()[1]: line for line in capsys.readouterr().out.splitlines()}


def test_a_sound_bundle(bundle, capsys):
    assert main(["verify", str(bundle)]) == 0
    said = lines(capsys)
    folder, loaded = ["manifest", "files"], ["products", "judgements", "signals", "vectors", "encoders"]
    assert list(said) == [*folder, *loaded, "indexes", "maps", "pictures"]
    assert [name for name, line in said.items() if not line.startswith("ok")] == ["vectors", "indexes", "maps"]
    assert "pictures decode" in said["pictures"]


def test_indexes_are_checked(bundle, capsys):
    pytest.importorskip("hnswlib", reason="hnswlib is not installed")
    main(["index", str(bundle), "--threads", "1"])
    assert main(["verify", str(bundle)]) == 0
    assert "recall@10 1" in lines(capsys)["indexes"]


def test_a_bundle_without_signals(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    assert main(["verify", str(folder)]) == 0
    assert "python -m precompute encode" in lines(capsys)["signals"]


def test_pictures_gone_or_broken(bundle, capsys):
    first, second = sorted((bundle / "images").iterdir())[:2]
    first.unlink()
    second.write_bytes(b"RIFF")
    assert main(["verify", str(bundle)]) == 1
    said = lines(capsys)["pictures"]
    assert said.startswith("FAILED")
    assert f"{first} is missing" in said
    assert second.name in said


def rewritten(bundle, relative, change):
    """Damage that the hashes do not show: the file changed and the manifest with it."""
    change(bundle / relative)
    manifest = read_manifest(bundle)
    changed = replace(manifest, files={**manifest.files, relative: sha256(bundle / relative)})
    (bundle / "manifest.json").write_text(json.dumps(changed.to_json()))


def array(change):
    def rewrite(path):
        np.save(path, change(np.load(path)))

    return rewrite


def scaled(vectors):
    vectors[3] *= 2
    return vectors


def with_nan(vectors):
    vectors[3, 1] = np.nan
    return vectors


def other_encoder(path):
    written = json.loads(path.read_text())
    path.write_text(json.dumps(written | {"encoder": replace(ENCODER, model="another").to_json()}))


def frame(change):
    def rewrite(path):
        change(pd.read_parquet(path)).to_parquet(path, index=False)

    return rewrite


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def newer(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 99}))


VECTORS, TEXT = "signals/words_text/products.npy", "signals/words_text"
UNSEEN_BY_HASH = {
    "wrong row count": (VECTORS, array(lambda v: v[:-1]), "expected float32 (60, 24)"),
    "another width": (VECTORS, array(lambda v: v[:, :-1]), "expected float32 (60, 24)"),
    "another type": (VECTORS, array(lambda v: v.astype(np.float64)), "float64"),
    "unnormalised vectors": (VECTORS, array(scaled), "must be normalised"),
    "nan vectors": (VECTORS, array(with_nan), "free of nan"),
    "another encoder's vectors": (f"{TEXT}/signal.json", other_encoder, "vectors of another encoder"),
    "another encoder's queries": ("encoders/words/queries.npy", array(lambda v: v[:, :-1]), "expected float32"),
    "products in another order": ("products.parquet", frame(lambda f: f[::-1]), "is not in the order"),
    "a product less": ("products.parquet", frame(lambda f: f[1:]), "rows but the manifest says 60"),
    "an unknown label": ("judgements.parquet", frame(lambda f: f.assign(label="Z")), "unknown label 'Z'"),
}
SEEN_AT_ONCE = {
    "flipped byte": (lambda bundle: flip(bundle / VECTORS), "was changed"),
    "missing file": (lambda bundle: (bundle / TEXT / "present.npy").unlink(), "is missing"),
    "no manifest": (lambda bundle: (bundle / "manifest.json").unlink(), "no finished bundle"),
    "a manifest of something else": (
        lambda bundle: (bundle / "manifest.json").write_text("[1]"),
        "not a bundle's manifest",
    ),
    "half a manifest": (lambda bundle: (bundle / "manifest.json").write_text('{"name": '), "cannot be read"),
}


def check_every_verb(bundle, message, capsys):
    assert main(["verify", str(bundle)]) == 1
    shown = capsys.readouterr()
    assert message in shown.out
    assert shown.err.count("\n") == 1
    for verb in (["evaluate"], ["index"]):
        assert main([*verb, str(bundle)]) == 2
        shown = capsys.readouterr()
        assert message in shown.err
        assert (shown.out, shown.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("case", SEEN_AT_ONCE)
def test_damage_is_refused_with_one_sentence(case, bundle, capsys):
    damage, message = SEEN_AT_ONCE[case]
    damage(bundle)
    check_every_verb(bundle, message, capsys)


@pytest.mark.parametrize("case", UNSEEN_BY_HASH)
def test_damage_with_matching_hashes_is_refused_too(case, bundle, capsys):
    relative, change, message = UNSEEN_BY_HASH[case]
    rewritten(bundle, relative, change)
    check_every_verb(bundle, message, capsys)


def test_a_missing_model_file_and_a_foreign_one(bundle, tmp_path, capsys):
    from tiny_models import write_random_clip

    clip = write_random_clip(tmp_path / "clip")
    command = ["encode", str(bundle), "--signal", "clip", "--modality", "text", "--family", "open_clip"]
    assert main([*command, "--model", str(clip), "--device", "cpu", "--encoder-name", "tiny"]) == 0
    assert main(["verify", str(bundle)]) == 0
    assert "tiny is here, 3 files" in lines(capsys)["encoders"]
    (bundle / "encoders/tiny/model.safetensors").write_bytes(b"foreign")
    assert main(["verify", str(bundle)]) == 1
    assert "are not the ones its vectors were made with" in lines(capsys)["encoders"]


def test_what_cannot_be_judged_is_wrong_input_not_a_failed_check(bundle, tmp_path, capsys):
    newer(bundle / "manifest.json")
    for folder, message in ((bundle, "update SQID Explorer"), (tmp_path / "nowhere", "is no folder")):
        assert main(["verify", str(folder)]) == 2
        assert message in capsys.readouterr().err
    assert main(["evaluate", str(bundle)]) == 2
