"""`export`: what was written is read back with the same numbers, and by the tools that the formats are of."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from fixtures import build_tiny_bundle

from precompute.__main__ import main
from precompute.steps.export import READ_ME
from precompute.write.formats import FORMATS
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.reports import evaluate, signal_run

# Features alone are no bundle. Lists by the query's text have no query ids, which runs are by.
READ_BACK = tuple(name for name in FORMATS if name != "ltr")
BY_TEXT = ("quepid", "opensearch")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    folder = build_tiny_bundle(tmp_path_factory.mktemp("out") / "bundle")
    assert main(["lexical", str(folder), "--signal", "bm25"]) == 0
    assert main(["learn", str(folder), "--name", "sum", "--learner", "linear", "--folds", "4"]) == 0
    return folder


@pytest.fixture(scope="module")
def written(bundle, tmp_path_factory) -> Path:
    """Every format."""
    out = tmp_path_factory.mktemp("written")
    for name in FORMATS:
        assert main(["export", str(bundle), "--as", name, "--out", str(out / name)]) == 0
    return out


def ndcg(bundle: Path, signal: str) -> dict[str, float]:
    dataset = load_bundle(bundle)
    values = evaluate(dataset, signal_run(dataset, signal), measures=("ndcg",)).values("ndcg")
    return dict(zip(dataset.judgements.query_ids, values, strict=True))


def judged(dataset: Dataset) -> set[tuple[str, str, float]]:
    """(query's text, product, gain) of every pair."""
    judgements, gains = dataset.judgements, dataset.scale.gains()
    texts, products = dataset.queries["query"].to_numpy(), dataset.products["product_id"].to_numpy()
    queries, slots = np.nonzero(judgements.mask)
    pairs = zip(queries, judgements.rows[queries, slots], judgements.labels[queries, slots], strict=True)
    return {(texts[query], products[row], float(gains[label])) for query, row, label in pairs}


@pytest.mark.parametrize("name", READ_BACK)
def test_what_the_folder_says_reads_it_back_with_the_same_numbers(bundle, written, tmp_path, monkeypatch, name):
    monkeypatch.chdir(written / name)
    told = (written / name / READ_ME).read_text()
    command = next(line for line in told.splitlines() if line.startswith("read back: "))
    words = shlex.split(command.removeprefix("read back: python -m precompute "))
    words[words.index("DIR")] = str(tmp_path / "again")
    assert main(words) == 0
    before, after = load_bundle(bundle), load_bundle(tmp_path / "again")
    assert after.products["product_id"].tolist() == before.products["product_id"].tolist()
    assert after.products["title"].tolist() == before.products["title"].tolist()
    if name in BY_TEXT:
        assert judged(after) == judged(before)
        return
    for run in (written / "trec" / "runs").iterdir():
        options = ["--signal", run.stem, "--modality", "text", "--run", str(run)]
        assert main(["run-file", str(tmp_path / "again"), *options]) == 0
    for signal in ("words_text", "words_image", "bm25", "sum"):
        assert ndcg(tmp_path / "again", signal) == ndcg(bundle, signal)


def test_grades_and_runs_are_what_pytrec_eval_and_ranx_read(bundle, written):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    qrels: dict[str, dict[str, int]] = {}
    for line in (written / "trec" / "qrels.txt").read_text().splitlines():
        query, _, product, grade = line.split()
        qrels.setdefault(query, {})[product] = int(grade)
    assert qrels == json.loads((written / "ranx" / "qrels.json").read_text())
    run = json.loads((written / "ranx" / "runs" / "words_text.json").read_text())
    theirs = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg"}).evaluate(run)
    ours = ndcg(bundle, "words_text")
    np.testing.assert_allclose([each["ndcg"] for each in theirs.values()], [ours[query] for query in theirs], atol=1e-9)


def test_vectors_and_folds_are_there_to_the_last_bit(bundle, written):
    dataset = load_bundle(bundle)
    signal = dataset.signals["words_image"]
    table = pq.read_table(written / "parquet" / "vectors" / "words_image-products.parquet")
    assert table["product_id"].to_pylist() == dataset.products["product_id"][signal.present].tolist()
    assert np.array_equal(np.array(table["vector"].to_pylist(), np.float32), signal.products[signal.present])
    asked = pq.read_table(written / "parquet" / "vectors" / "words_image-queries.parquet")
    assert np.array_equal(np.array(asked["vector"].to_pylist(), np.float32), signal.queries)
    folds = pq.read_table(written / "parquet" / "folds.parquet")
    assert folds["fold"].to_pylist() == dataset.signals["sum"].folds.tolist()


def test_features_leave_out_what_is_unknown_and_what_learned(written):
    names = [line.split("\t") for line in (written / "ltr" / "names.tsv").read_text().splitlines()]
    assert not any("sum" in group for _, group, _ in names)
    lines = (written / "ltr" / "features.txt").read_text().splitlines()
    grade, query, *cells = lines[0].partition(" # ")[0].split()
    assert grade in {"100", "10", "1", "0"}
    assert query == "qid:1"
    values = {int(cell.partition(":")[0]): float(cell.partition(":")[2]) for cell in cells}
    assert all(np.isfinite(value) for value in values.values())
    assert 0 < len(values) < len(names)


def test_a_card_and_lists_hold_nothing_that_a_bundle_s_words_could_break(written):
    head = (written / "hub" / "README.md").read_text().split("---\n")[1]
    assert all(json.loads(line.partition(": ")[2]) for line in head.splitlines())
    listed = json.loads((written / "opensearch" / "judgments.json").read_text())
    assert listed["type"] == "IMPORT_JUDGMENT"
    assert {type(rating["rating"]) for each in listed["judgmentRatings"] for rating in each["ratings"]} == {str}
    assert not list((written / "hub").rglob("*.webp"))


def test_what_does_not_fit_gets_a_sentence_and_leaves_nothing(bundle, written, tmp_path, capsys):
    for options, expected in (
        (["--as", "beir", "--out", str(written / "trec")], "is there already; give the name of a new folder"),
        (["--as", "beir", "--out", str(tmp_path / "new"), "--gains", "none"], "unknown gains 'none'"),
        (["--as", "smoke", "--out", str(tmp_path / "new")], "'smoke' is not one of"),
    ):
        assert main(["export", str(bundle), *options]) == 2
        assert expected in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_two_queries_of_one_text_are_one_in_a_list_by_text(tmp_path, capsys):
    folder = build_tiny_bundle(tmp_path / "twice", copies=2)
    assert main(["export", str(folder), "--as", "quepid", "--out", str(tmp_path / "quepid")]) == 0
    assert "8 queries have the text of another: here they are one" in capsys.readouterr().out
    dataset = load_bundle(folder)
    lines = (tmp_path / "quepid" / "judgements.csv").read_text().splitlines()
    assert len(lines) - 1 == int(dataset.judgements.mask.sum()) // 2
