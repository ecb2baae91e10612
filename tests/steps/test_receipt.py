"""sqid --receipt: what it holds, and README's table of receipts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import raw_esci
import receipts_table
from places import ROOT

from precompute.__main__ import main
from precompute.report import receipt as made_by
from precompute.steps import sqid
from precompute.steps.encode import Model
from sqid_core.errors import InputError
from sqid_core.evaluation import published

NAMES = {
    "examples": "shopping_queries_dataset_examples",
    "products": "shopping_queries_dataset_products",
    "image_urls": "product_image_urls",
    "query_features": "query_features",
    "product_features": "product_features",
}
COUNTS = {"queries": 3, "judgements": 17, "products": 8}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in of the raw files, under their real names."""
    folder = tmp_path_factory.mktemp("raw")
    written = raw_esci.write(folder / "as-made")
    for name, real in NAMES.items():
        (folder / f"{real}.parquet").write_bytes(written[name].read_bytes())
    return folder


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in counts as all of SQID."""
    monkeypatch.setattr(sqid, "COUNTS", COUNTS)
    monkeypatch.setattr(published, "COUNTS", COUNTS)
    monkeypatch.setattr(sqid, "SENTENCE_BERT", Model("open_clip", str(ROOT / "precompute" / "demo" / "model")))


@pytest.mark.usefixtures("whole")
def test_a_receipt_tells_what_ran_and_every_published_row(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sqid", "--out", str(tmp_path / "sqid"), "--esci-dir", str(files), "--sqid-dir", str(files), "--offline"]
    # The figures of drawn vectors are not the paper's: the receipt is written all the same.
    assert main([*words, "--sentence-bert", "--receipt", str(tmp_path / "receipts")]) == 1
    shown = capsys.readouterr()
    assert "figures differ from a published one" in shown.err
    [path] = (tmp_path / "receipts").iterdir()
    assert f"receipt: {path}" in shown.out
    told = json.loads(path.read_text())
    assert (told["format"], told["whole"]) == (receipts_table.FORMAT, True)
    assert path.name == f"sqid-{told['made'][:10]}-{told['commit'][:8] or 'unknown'}.json"
    assert list(told["seconds"]) == ["fetch", "import", "encode", "index", "verify", "evaluate"]
    assert {each["name"] for each in told["inputs"]} == {*NAMES.values()}
    for each in told["inputs"]:
        body = (files / each["file"]).read_bytes()
        assert (each["bytes"], each["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert [row["title"] for row in told["rows"]] == [line.title for line in published.PUBLISHED]
    ours = {row["method"] for row in told["rows"] if row["ours"] is not None}
    assert {"random", "clip_text", "clip_image", "sbert_text", "weighted best", "weighted 0.5"} <= ours
    assert [row["title"] for row in told["rows"] if row["ours"] is None] == ["ESCI baseline (fine-tuned cross-encoder)"]
    assert str(tmp_path) not in path.read_text()
    monkeypatch.setattr(receipts_table, "_FOLDER", path.parent)
    shown_table = receipts_table.table(receipts_table.receipts())
    [row] = [line for line in shown_table.splitlines() if line.startswith(f"| {told['made'][:10]}")]
    compared = sum(row["agrees"] is not None for row in told["rows"])
    assert f"of {compared} within 0.002" in row
    assert "| CLIP, texts | 0.8107 | 0.8106 |" in shown_table
    assert "not run" in shown_table


def test_outside_of_a_checkout_there_is_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert made_by._commit() == {"commit": "", "clean": None}


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        made_by.write_receipt(tmp_path / "file", {"commit": "", "made": "2026-01-01"})


def test_readme_has_the_table_of_the_receipts_that_there_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert receipts_table.written(text) == text, "run python tests/receipts_table.py"
    assert receipts_table.FORMAT == made_by.FORMAT
    assert "none yet" in receipts_table.table([])


def test_a_strange_file_among_the_receipts_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text("{}")
    monkeypatch.setattr(receipts_table, "_FOLDER", tmp_path)
    with pytest.raises(ValueError, match="has the format None"):
        receipts_table.receipts()
