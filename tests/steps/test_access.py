"""Saying who alone may see a bundle."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from precompute.steps.access import show_to
from precompute.steps.replace import replace_bundle
from precompute.steps.update import existing
from sqid_core.bundle.kept_audience import take_manifest
from sqid_core.bundle.manifest import read_manifest
from sqid_core.errors import BundleError, InputError


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "tiny"))


def test_it_is_said_and_taken_back(bundle: Path, capsys: pytest.CaptureFixture) -> None:
    fingerprint = read_manifest(bundle).fingerprint
    assert main(["access", str(bundle), "--to", "email=a@b.c", "groups=team", "email=a@b.c"]) == 0
    assert read_manifest(bundle).visible_to == ("email=a@b.c", "groups=team")
    assert read_manifest(bundle).fingerprint == fingerprint
    assert main(["access", str(bundle)]) == 0
    assert "email=a@b.c, groups=team" in capsys.readouterr().out
    assert main(["access", str(bundle), "--everybody"]) == 0
    assert read_manifest(bundle).visible_to == ()


@pytest.mark.parametrize("said", [["--to", "team"], ["--to", "name=Anna"], ["--to", "a=b", "--everybody"]])
def test_bad_input_is_one_sentence_and_changes_nothing(bundle: Path, said: list, capsys: pytest.CaptureFixture) -> None:
    before = (bundle / "manifest.json").read_bytes()
    assert main(["access", str(bundle), *said]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert (bundle / "manifest.json").read_bytes() == before


def test_no_folder_is_made_where_there_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        show_to(tmp_path / "nothing", ["signed-in"])
    assert not (tmp_path / "nothing").exists()


def test_tables_that_are_written_again_stay_as_private(bundle: Path) -> None:
    show_to(bundle, ["signed-in"])
    build_tiny_bundle(bundle)
    assert read_manifest(bundle).visible_to == ("signed-in",)


def test_a_public_bundle_does_not_replace_a_private_one(bundle: Path, tiny_bundle: Path, tmp_path: Path) -> None:
    show_to(bundle, ["signed-in"])
    new = Path(shutil.copytree(tiny_bundle, tmp_path / "new"))
    with pytest.raises(InputError, match="access"):
        replace_bundle(bundle, new)
    show_to(new, ["groups=team"])
    replace_bundle(bundle, new)
    assert read_manifest(bundle).visible_to == ("groups=team",)


def test_a_bundle_that_is_damaged_or_half_written_comes_back_as_private(bundle: Path) -> None:
    show_to(bundle, ["signed-in"])
    products = bundle / "products.parquet"
    products.write_bytes(products.read_bytes()[:100])
    assert existing(bundle) is None
    assert not (bundle / "manifest.json").exists()
    build_tiny_bundle(bundle)
    assert read_manifest(bundle).visible_to == ("signed-in",)
    show_to(bundle, [])
    take_manifest(bundle)
    build_tiny_bundle(bundle)
    assert read_manifest(bundle).visible_to == ()


def test_a_public_bundle_does_not_replace_one_that_is_being_written(bundle: Path, tiny_bundle: Path) -> None:
    show_to(bundle, ["signed-in"])
    new = Path(shutil.copytree(tiny_bundle, bundle.with_name("new")))
    take_manifest(bundle)
    with pytest.raises(InputError, match="access"):
        replace_bundle(bundle, new)
