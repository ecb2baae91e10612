"""Search where a server holds the vectors: what it finds, what it may leave out, and what is said when it is killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from milvus_process import MilvusProcess
from searching import board, opened, rerun, said, shown_ids

from precompute.steps.index_in_milvus import MilvusSpec, index_in_milvus
from sqid_core.indexes.milvus_collection import FLAT
from sqid_core.indexes.milvus_server import MilvusPlace
from sqid_ui.caches import served

pytestmark = pytest.mark.usefixtures("word_encoder")
whole = pytest.mark.skipif(not os.environ.get("SQID_WHOLE"), reason="starts and kills a server: by night")
ASKED = {"q": "red mug", "norm": "none", "w": "0.4"}
FILTERED = {**ASKED, "brand": "linnea", "price_to": "14"}


@pytest.fixture(scope="module")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusProcess]:
    process = MilvusProcess(tmp_path_factory.mktemp("milvus"))
    process.start()
    yield process
    process.kill()


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> tuple[Path, str]:
    """A bundle that Milvus Lite holds, in this very process, and its address."""
    folder = tmp_path_factory.mktemp("lite")
    bundle, uri = shutil.copytree(tiny_bundle, folder / "tiny"), str(folder / "lite.db")
    index_in_milvus(bundle, MilvusPlace(uri), MilvusSpec(FLAT))
    return bundle, uri


@pytest.fixture
def served_root(lite: tuple[Path, str], data_root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The app's data folder holds that bundle, and nobody named its server yet."""
    shutil.rmtree(data_root / "tiny")
    shutil.copytree(lite[0], data_root / "tiny")
    monkeypatch.delenv("SQID_MILVUS_URI", raising=False)
    return lite[1]


def test_a_server_finds_what_an_exact_search_does(served_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = opened(**FILTERED)
    assert "Milvus" not in said(exact)
    monkeypatch.setenv("SQID_MILVUS_URI", served_root)
    there = opened(**FILTERED)
    assert "Found by Milvus" in said(there)
    for name in ("text", "fused", "image"):
        assert shown_ids(there, name) == shown_ids(exact, name)
    fits = next(line for line in said(exact).split("\n") if "Filtered" in line)
    assert fits in said(there)
    assert "No product fits" in said(opened(**ASKED, price_from="5000"))


def test_without_its_server_the_bundle_is_searched_here(served_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQID_MILVUS_URI", "http://user:hush@localhost:1")
    wrong = said(opened(**ASKED))
    assert "SQID_MILVUS_URI) is none, so every product is scored here" in wrong
    assert "hush" not in wrong
    monkeypatch.setenv("SQID_MILVUS_URI", "http://localhost:1")
    lost = opened(**ASKED)
    assert "The search server does not answer, so every product is scored here" in said(lost)
    assert "localhost" not in said(lost)
    assert board(lost)["total"] == 60
    monkeypatch.setattr("sqid_ui.caches.rankings.fits_here", lambda shown: False)
    assert "do not fit here; try again in a moment" in said(rerun(lost))


@whole
def test_a_killed_server_is_missed_and_found_again(
    data_root: Path, milvus: MilvusProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_in_milvus(data_root / "tiny", MilvusPlace(milvus.uri), MilvusSpec(FLAT))
    monkeypatch.setenv("SQID_MILVUS_URI", milvus.uri)
    monkeypatch.setattr(served, "_REST", 0.0)
    assert "Found by Milvus" in said(opened(**ASKED))
    milvus.kill()
    lost = opened(**{**ASKED, "q": "blue lamp"})
    assert "The search server does not answer" in said(lost)
    milvus.start()
    assert "Found by Milvus" in said(rerun(lost))


@whole
def test_a_server_with_other_vectors_is_not_asked(
    data_root: Path, milvus: MilvusProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundle says that it is in a server, and another bundle lies in the one that was named."""
    bundle = data_root / "tiny"
    index_in_milvus(bundle, MilvusPlace(str(data_root / "other.db")), MilvusSpec(FLAT, links=7))
    monkeypatch.setenv("SQID_MILVUS_URI", milvus.uri)
    at = opened(**ASKED)
    assert "does not hold this bundle as it is now, so every product is scored here" in said(at)
    assert board(at)["total"] == 60
