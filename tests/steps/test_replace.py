"""python -m precompute replace: a new bundle in the place of one that is served."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.manifest import read_manifest


@pytest.fixture
def served(tiny_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_bundle, tmp_path / "data" / "shop"))


@pytest.fixture
def new(served: Path) -> Path:
    return build_tiny_bundle(served.with_name(".new"), name="newer")


def test_the_new_one_stands_in_the_place_of_the_old(served: Path, new: Path) -> None:
    before = load_bundle(served)
    assert main(["replace", str(served), str(new)]) == 0
    assert read_manifest(served).name == "newer"
    assert [path.name for path in served.parent.iterdir()] == ["shop"]
    # Whoever has the old one open goes on with it.
    assert before.signals["words_text"].slate_scores(before.judgements).shape == (8, 18)


def test_the_old_one_may_be_kept(served: Path, new: Path) -> None:
    assert main(["replace", str(served), str(new), "--keep"]) == 0
    assert read_manifest(served.with_name(".shop.replaced")).name == "tiny"
    assert main(["replace", str(served), str(served.with_name(".shop.replaced"))]) == 0
    assert read_manifest(served).name == "tiny"


def test_where_there_was_none_it_is_moved(served: Path, new: Path) -> None:
    assert main(["replace", str(served.with_name("first")), str(new)]) == 0
    assert read_manifest(served.with_name("first")).name == "newer"


def test_what_does_not_open_replaces_nothing(served: Path, new: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (new / "queries.parquet").write_bytes(b"")
    assert main(["replace", str(served), str(new)]) == 2
    assert "hash differs" in capsys.readouterr().err
    assert main(["replace", str(served), str(served)]) == 2
    assert main(["replace", str(served), str(new) + "x"]) == 2
    assert read_manifest(served).name == "tiny"


def test_another_disk_leaves_the_old_one(served: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def other_disk(path: Path, target: Path) -> Path:
        if path == new:
            raise OSError(18, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", other_disk)
    assert main(["replace", str(served), str(new)]) == 2
    assert read_manifest(served).name == "tiny"


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path, tiny_bundle: Path) -> None:
    new = Path(shutil.copytree(tiny_bundle, tmp_path / "new"))
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("mine", encoding="utf-8")
    assert main(["replace", str(tmp_path / "letters"), str(new)]) == 2
    assert (tmp_path / "letters" / "one.txt").exists()
