"""`report`: one file that opens alone, with the numbers of the tables, and safe whatever a catalogue says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import evaluate, fusion_run, signal_run
from sqid_core.exports.heading import Heading
from sqid_core.ranking.fusion import Fusion
from sqid_core.reporting.gathering import gather
from sqid_core.reporting.page import html_of


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = build_tiny_bundle(tmp_path_factory.mktemp("reported") / "bundle", copies=2)
    assert main(["report", str(folder), "--out", str(folder.parent / "r.html"), "--run", "fused~w0.3~z-score"]) == 0
    return folder


def test_it_holds_the_numbers_and_asks_nobody(made):
    page = (made.parent / "r.html").read_text()
    dataset = load_bundle(made)
    fusion = Fusion(image_weight=0.3, norm="z-score")
    for run in (signal_run(dataset, "words_text"), signal_run(dataset, "words_image"), fusion_run(dataset, fusion)):
        assert f"{evaluate(dataset, run).means['ndcg']:.4f}" in page
    assert "default-src 'none'" in page
    body = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r'(?:src|href)="(?!data:)', body)
    assert "data:image/webp;base64," in body
    assert "in-sample" in body
    assert len(page) < 15_000_000


def test_a_table_and_a_paragraph_lie_beside_it(made):
    table, told = ((made.parent / f"r.{ending}").read_text() for ending in ("tex", "txt"))
    assert r"\begin{table}" in table
    assert r"\textbf{" in table
    assert "image weight 0.3" in told
    assert "five folds" in told


def test_words_of_a_catalogue_are_words(made):
    dataset = load_bundle(made)
    products = dataset.products.assign(title="<script>alert(1)</script>", image="../../etc/passwd")
    queries = dataset.queries.assign(query="</main><img src=x onerror=alert(1)>")
    found = gather(replace(dataset, products=products, queries=queries), Fusion(), "paper", Heading("<b>", "bundle"))
    page = re.sub(r'<script type="text/javascript">.*?</script>', "", html_of(found), flags=re.DOTALL)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;b&gt;" in page
    assert "data:image/webp" not in page


def test_one_signal_is_compared_with_another_or_itself(tmp_path):
    folder = build_tiny_bundle(tmp_path / "words", modalities=("text",))
    assert main(["report", str(folder), "--out", str(tmp_path / "one.html")]) == 0
    assert "NDCG at every image weight" not in (tmp_path / "one.html").read_text()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--out", "r.pdf"], "must end with .html"),
        (["--out", "r.html", "--run", "signal~words_text"], "is one signal; give a fusion"),
        (["--out", "r.html", "--run", "nothing"], "run"),
        (["--out", "r.html", "--gains", "none"], "unknown gains 'none'"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(made, tmp_path, monkeypatch, capsys, options, expected):
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(made), *options]) == 2
    assert expected in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
