"""Whatever lies in the data folder: that folder gets its sentence, and every other bundle stays open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import HOSTILE
from searching import opened, shown_ids, widget

from sqid_core.bundle.manifest import MANIFEST
from sqid_ui.caches import bundles as opening
from sqid_ui.shell.bundles import bundle_folders, without_paths

pytestmark = pytest.mark.usefixtures("word_encoder")


def pipe(root: Path) -> None:
    (root / "odd").mkdir()
    os.mkfifo(root / "odd" / MANIFEST)


def device(root: Path) -> None:
    (root / "odd").mkdir()
    (root / "odd" / MANIFEST).symlink_to("/dev/zero")


def loop(root: Path) -> None:
    (root / "odd").mkdir()
    (root / "odd" / MANIFEST).symlink_to(root / "odd" / MANIFEST)


def loop_of_folders(root: Path) -> None:
    (root / "odd").symlink_to(root / "odd")


ODD: dict[str, Callable[[Path], None]] = {
    "pipe": pipe,
    "device": device,
    "loop": loop,
    "loop of folders": loop_of_folders,
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_folder_has_its_sentence_and_the_others_work(kind: str, data_root: Path) -> None:
    ODD[kind](data_root)
    at = opened(bundle="odd")
    assert not at.exception
    assert "can’t be opened" in at.error[0].value
    widget(at, "bundle").set_value("tiny").run()
    assert not at.error
    assert shown_ids(at, "fused")


def test_a_name_that_is_no_text(data_root: Path) -> None:
    Path(os.fsdecode(os.fsencode(data_root) + b"/\xff\xfe")).mkdir()
    at = opened()
    assert not at.exception
    assert shown_ids(at, "fused")
    odd = next(bundle for bundle in bundle_folders(data_root) if bundle.manifest is None)
    assert (odd.name, "rename it" in odd.error) == (r"\udcff\udcfe", True)


def test_a_folder_of_another_user(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As lost+found is; tests may run as the one user who may look everywhere."""
    (data_root / "lost+found").mkdir()
    iterdir = Path.iterdir

    def refused(path: Path) -> object:
        if path.name == "lost+found":
            raise PermissionError(13, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    found = {bundle.name: bundle for bundle in bundle_folders(data_root)}
    assert found["lost+found"].error == "The folder lost+found cannot be looked into (Permission denied)."
    assert found["tiny"].manifest is not None
    assert shown_ids(opened(), "fused")


@pytest.mark.parametrize("name", ["about is list", "about.title is object", "not UTF-8", "a lone surrogate"])
def test_a_manifest_of_other_types(name: str, data_root: Path) -> None:
    shutil.copytree(data_root / "tiny", data_root / "odd")
    HOSTILE[name](data_root / "odd")
    at = opened(bundle="odd")
    assert not at.exception
    assert "can’t be opened" in at.error[0].value


def test_no_sentence_tells_where_the_data_lies(data_root: Path) -> None:
    shutil.copytree(data_root / "tiny", data_root / "odd")
    (data_root / "odd" / "products.parquet").write_bytes(b"")
    for name in ("odd", "no such"):
        at = opened(bundle=name)
        assert str(data_root) not in "".join(error.value for error in at.error)
    assert without_paths(f"{data_root}/a/b is bad", data_root) == "a/b is bad"


def test_a_refused_bundle_is_read_once(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = shutil.copytree(data_root / "tiny", data_root / "odd")
    (odd / "queries.parquet").write_bytes(b"")
    asked = []
    load = opening.load_bundle
    monkeypatch.setattr(opening, "load_bundle", lambda folder: asked.append(folder) or load(folder))
    for _ in range(3):
        assert "hash differs" in opened(bundle="odd").error[0].value
    assert len(asked) == 1
    shutil.copy(data_root / "tiny" / "queries.parquet", odd)  # what mends it is noticed
    assert not opened(bundle="odd").error


def test_a_replaced_manifest_of_the_same_time_is_noticed(data_root: Path) -> None:
    manifest = data_root / "tiny" / MANIFEST
    before = manifest.stat()
    assert bundle_folders(data_root)[0].manifest is not None
    other = data_root / "tiny" / "other"
    other.write_text(manifest.read_text().replace('"name": "tiny"', '"name": "tinY"'))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(manifest)
    assert "fingerprint" in bundle_folders(data_root)[0].error


def test_a_data_folder_that_vanished_is_not_filled(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_ids(opened(), "fused")
    data_root.rename(data_root.with_name("elsewhere"))
    at = opened()
    assert "holds no bundle any more" in at.error[0].value
    assert not data_root.exists()
