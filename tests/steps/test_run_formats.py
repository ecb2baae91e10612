"""python -m precompute run-file: rankings as other programs write them, packed or not, all to the same scores."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_bundles import BASE, CASES, PRODUCTS, QUERIES

from precompute.__main__ import main
from precompute.steps.own import OwnFiles, make_own
from precompute.steps.run_file import Reading, read_run
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.errors import InputError

RUNS = CASES / "runs"
SCORES = json.loads((RUNS / "run.json").read_text())


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Dataset:
    """The bundle of the tiny catalogue."""
    out = tmp_path_factory.mktemp("base") / "bundle"
    make_own(OwnFiles(*(BASE / f"{name}.csv" for name in ("products", "queries", "judgements"))), out)
    return load_bundle(out)


def scores(dataset: Dataset, path: Path, **how: object) -> dict[str, dict[str, float]]:
    """A run's scores by query and product, in their order."""
    judgements, ids = dataset.judgements, dataset.products["product_id"].to_numpy()
    found = read_run(path, dataset, Reading(**how)).scores
    return {
        str(query): {
            ids[judgements.rows[q, slot]]: float(found[q, slot])
            for slot in np.argsort(-found[q], kind="stable")
            if np.isfinite(found[q, slot])
        }
        for q, query in enumerate(judgements.query_ids)
    }


def ranking(found: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    return {query: list(products) for query, products in found.items()}


@pytest.mark.parametrize("name", ["comment.run", "five.run", "notag.run", "run.json"])
def test_runs_with_scores(name, base):
    assert scores(base, RUNS / name) == SCORES


def test_ranks_alone(base):
    found = scores(base, RUNS / "msmarco.tsv")
    assert ranking(found) == ranking(SCORES)
    assert found["1"]["0001"] == -1


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        [(q, p, score) for q, products in SCORES.items() for p, score in products.items()],
        columns=["q_id", "doc_id", "score"],
    )


def hits(products: dict[str, float], scored: bool = True) -> dict:
    return {
        "took": 3,
        "hits": {"hits": [{"_index": "p", "_id": p, "_score": s if scored else None} for p, s in products.items()]},
    }


TEXTS = {"1": "enamel mug", "2": "teapot", "3": "stripy tee"}
WRITTEN = {
    "ranx's parquet": lambda path: rows().to_parquet(path),
    "csv with names": lambda path: rows().to_csv(path, index=False),
    "by the texts": lambda path: rows().assign(q_id=rows()["q_id"].map(TEXTS)).to_csv(path, index=False),
    "no Q0, no name": lambda path: rows().assign(rank=1)[["q_id", "doc_id", "rank", "score"]].to_csv(path, **PLAIN),
    "three columns": lambda path: rows().to_csv(path, **PLAIN),
    "three with commas": lambda path: rows().to_csv(path, index=False, header=False),
    "query, product, score, name": lambda path: rows().assign(name="bm25").to_csv(path, **PLAIN),
    "Q0 without a rank": lambda path: rows().assign(Q="Q0")[["q_id", "Q", "doc_id", "score"]].to_csv(path, **PLAIN),
    "answers by query": lambda path: path.write_text(json.dumps({q: hits(p) for q, p in SCORES.items()})),
    "answers by text": lambda path: path.write_text(json.dumps({TEXTS[q]: hits(p) for q, p in SCORES.items()})),
    "answers a line": lambda path: path.write_text(
        "".join(json.dumps({"query_id": q, "response": hits(p)}) + "\n" for q, p in SCORES.items())
    ),
    "a multi-search": lambda path: path.write_text(
        json.dumps({"took": 1, "responses": [hits(p) for p in SCORES.values()]})
    ),
}
PLAIN = {"index": False, "header": False, "sep": " "}


@pytest.mark.parametrize("case", WRITTEN)
def test_the_same_scores_in_other_formats(case, base, tmp_path):
    WRITTEN[case](tmp_path / "run")
    assert scores(base, tmp_path / "run") == SCORES


ORDERED = {
    "escis ranking": lambda path: rows()[["doc_id", "q_id"]].to_csv(
        path, index=False, header=["product_id", "query_id"]
    ),
    "lists of ids": lambda path: path.write_text(json.dumps({q: list(p) for q, p in SCORES.items()})),
    "answers that were sorted by something else": lambda path: path.write_text(
        json.dumps({q: hits(p, scored=False) for q, p in SCORES.items()})
    ),
    "answers whose order their scores contradict": lambda path: path.write_text(
        json.dumps({q: hits({product: i for i, product in enumerate(p)}) for q, p in SCORES.items()})
    ),
    "0-based ranks": lambda path: path.write_text(
        "".join(f"{q} {p} {i}\n" for q, products in SCORES.items() for i, p in enumerate(products))
    ),
}


@pytest.mark.parametrize("case", ORDERED)
def test_the_same_order_in_other_formats(case, base, tmp_path):
    ORDERED[case](tmp_path / "run")
    assert ranking(scores(base, tmp_path / "run")) == ranking(SCORES)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("name", ["comment.run", "run.json"])
def test_packed_runs(pack, name, base, tmp_path):
    (tmp_path / "run").write_bytes(pack((RUNS / name).read_bytes()))
    assert scores(base, tmp_path / "run") == SCORES


def test_escis_own_results_rank_more_than_a_slice(base, tmp_path):
    lines = [f"{q} Q0 {p} {i} {s} baseline" for q, ps in SCORES.items() for i, (p, s) in enumerate(ps.items())]
    path = tmp_path / "hypothesis.results"
    path.write_text("\n".join([*lines, "7 Q0 0001 0 1 baseline", "8 Q0 X 0 1 baseline", "1 Q0 X 9 .1 baseline"]))
    assert scores(base, path) == SCORES
    assert read_run(path, base).of_others == (2, 1)
    with pytest.raises(InputError, match=r"names the query_id '7'.*--missing drop"):
        read_run(path, base, Reading(missing="refuse"))
    other = tmp_path / "other.run"
    other.write_text(path.read_text().replace("baseline", "mine"))
    assert read_run(other, base, Reading(missing="drop")).of_others == (2, 1)


def test_columns_by_other_names_and_an_id_that_begins_like_a_comment(base, tmp_path):
    renamed = rows().set_axis(["who", "what", "how"], axis=1)
    renamed.to_csv(tmp_path / "run.csv", index=False)
    columns = {"who": "query_id", "what": "product_id", "how": "score"}
    assert scores(base, tmp_path / "run.csv", columns=columns) == SCORES
    with pytest.raises(InputError, match="has no column 'nobody'"):
        scores(base, tmp_path / "run.csv", columns={"nobody": "score"})


REFUSED = {
    "one answer": (json.dumps(hits(SCORES["1"])), "does not say what it answers"),
    "too few answers": (json.dumps({"responses": [hits(SCORES["1"])]}), "1 answers that do not say"),
    "no ranking": ('{"1": 3}', "is no ranking"),
    "a hit without an id": ('{"1": {"hits": {"hits": [{"_score": 1}]}}}', "a hit without an id"),
    "no number": ('{"1": {"0001": "high"}}', "has the score 'high'"),
    "seven columns": ("1 Q0 0001 1 2 x y\n", "7 fields"),
    "an Excel workbook": ("PK\x03\x04", "an Excel workbook"),
    "a web page": ("<html>", "a web page"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_ranking_is_refused(case, base, tmp_path):
    content, message = REFUSED[case]
    (tmp_path / "run").write_text(content)
    with pytest.raises(InputError, match=message):
        read_run(tmp_path / "run", base)


def test_the_verb_says_how_it_read_the_file(tmp_path, capsys):
    out = tmp_path / "bundle"
    assert main(["own", *PRODUCTS, *QUERIES, "--judgements", str(BASE / "judgements.csv"), "--out", str(out)]) == 0
    words = ["run-file", str(out), "--signal", "r", "--modality", "text", "--run", str(RUNS / "msmarco.tsv")]
    assert main(words) == 0
    assert "3 columns: the query is the first, the product the second, the rank (there is no score) the third" in (
        capsys.readouterr().out
    )
