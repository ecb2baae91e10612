"""What the tests of the steps share: bundles that may be changed, and raw files to make one of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import raw_esci
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the tiny bundle that may be changed."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A bundle whose products have no category."""
    folder = build_tiny_bundle(tmp_path / "bare", modalities=())
    tables = [pd.read_parquet(folder / f"{name}.parquet") for name in ("products", "queries", "judgements")]
    dataset = load_bundle(folder)
    with BundleWriter(folder) as writer:
        writer.write_tables("bare", tables[0].assign(category=None), *tables[1:], dataset.scale)
    return folder


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Raw files in ESCI's and SQID's formats, by their options' names."""
    return raw_esci.write(tmp_path / "raw")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where a bundle is to be made: nothing is there yet."""
    return tmp_path / "made" / "bundle"


@pytest.fixture
def own(tmp_path, capsys):
    """Runs `own` and gives its exit status and what it said; the bundle is then `tmp_path / "out"`."""

    def run(*words: str) -> tuple[int, str]:
        status = main(["own", *map(str, words), "--out", str(tmp_path / "out")])
        said = capsys.readouterr()
        if status:
            assert not (tmp_path / "out").exists()
            assert len([line for line in said.err.splitlines() if line]) == 1
        return status, said.out + said.err

    return run
