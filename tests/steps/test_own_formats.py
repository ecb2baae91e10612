"""Other people's files as their programs write them: every format by its content, and by --from."""

from __future__ import annotations

import bz2
import gzip
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from own_bundles import CASES, PRODUCTS, QUERIES, gains, labels

from sqid_core.bundle.load import load_bundle


@pytest.mark.parametrize("family", [(), ("--from", "beir")])
def test_beirs_three_files_make_a_bundle(family, own, tmp_path):
    beir = CASES / "beir"
    files = ["--products", beir / "corpus.jsonl", "--queries", beir / "queries.jsonl"]
    assert own(*family, *files, "--judgements", beir / "test.tsv")[0] == 0
    assert labels(tmp_path / "out") == {("enamel mug", "0001"): "1", ("teapot", "0003"): "1"}
    dataset = load_bundle(tmp_path / "out")
    assert dict(dataset.products.set_index("product_id")["title"]) == {
        "0001": "Blue enamel mug",
        "0003": "Glass teapot",
    }
    assert set(pd.read_parquet(tmp_path / "out" / "products.parquet")["description"]) == {"x"}
    assert dataset.scale.names == ("1", "0")


def test_a_folder_of_beir_and_what_mteb_calls_its_fields(own, tmp_path):
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"id": "a", "title": "", "text": "red mug"}\n{"id": "b", "text": "pot"}\n')
    (folder / "queries.jsonl").write_text('{"id": 7, "text": "mug"}\n')
    (folder / "qrels" / "test.jsonl").write_text('{"query-id": 7, "corpus-id": "a", "score": 2.0}\n')
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n7\tb\t1\n")
    assert own("--products", folder)[0] == 0
    assert labels(tmp_path / "out") == {("mug", "a"): "2"}
    titles = load_bundle(tmp_path / "out").products.set_index("product_id")["title"]
    assert dict(titles) == {"a": "red mug", "b": "pot"}


QRELS = {
    "as it comes": "1 0 0001 2\n1 0 0002 -2\n1 0 0006 -1\n2 0 0003 1\n",
    "tabs": "1\t0\t0001\t2\n1\t0\t0002\t-2\n1\t0\t0006\t-1\n2\t0\t0003\t1\n",
    "a first line": "query_id iter doc_id relevance\n1 0 0001 2\n1 0 0002 -2\n1 0 0006 -1\n2 0 0003 1\n",
    "windows": "\ufeff1 Q0 0001 2\r\n1 Q0 0002 -2\r\n1 Q0 0006 -1\r\n\r\n2 Q0 0003 1\r\n",
    "no iteration": "1 0001 2\n1 0002 -2\n1 0006 -1\n2 0003 1\n",
}


@pytest.mark.parametrize("case", QRELS)
@pytest.mark.parametrize("scale", [("--labels", "2=2,1=1,0=0,-1=0,-2=0"), ("--labels", "-2=0,-1=0,0=0,1=1,2=2"), ()])
def test_qrels_of_trec_with_and_without_a_first_line(case, scale, own, tmp_path):
    path = tmp_path / "qrels.txt"
    path.write_bytes(QRELS[case].encode())
    assert own(*PRODUCTS, *QUERIES, "--judgements", path, *scale)[0] == 0
    assert gains(tmp_path / "out") == {
        ("enamel mug", "0001"): 2,
        ("enamel mug", "0002"): 0,
        ("enamel mug", "0006"): 0,
        ("teapot", "0003"): 1,
    }


def test_topics_of_trec(own, tmp_path):
    (tmp_path / "topics.tsv").write_text("1\tenamel mug\n2\tteapot\n")
    words = ["--queries", tmp_path / "topics.tsv", "--judgements", CASES / "qrels" / "qrels.txt"]
    assert own(*PRODUCTS, *words)[0] == 0
    assert set(load_bundle(tmp_path / "out").queries["query"]) == {"enamel mug", "teapot"}


def test_a_book_of_quepid_makes_queries_of_its_texts(own, tmp_path):
    status, said = own(*PRODUCTS, "--judgements", CASES / "quepid" / "book.csv")
    assert status == 0
    assert "2 rows are without a rating and left out" in said
    assert "1 query has no rated product and is left out" in said
    found = {("enamel mug", "0001"): 3, ("enamel mug", "0002"): 3, ("enamel mug", "0006"): 1, ("teapot", "0003"): 3}
    assert gains(tmp_path / "out") == found
    assert set(load_bundle(tmp_path / "out").queries["query_id"]) == {"enamel mug", "teapot"}


def test_a_case_of_quepid_with_its_short_lines_and_its_details(own, tmp_path):
    path = tmp_path / "case.csv"
    path.write_text("\nquery,docid,rating\nenamel mug,0001,3\nnobody rated\n")
    status, said = own(*PRODUCTS, "--from", "quepid", "--judgements", path)
    assert status == 0
    assert "1 query has no rated product" in said
    shutil.rmtree(tmp_path / "out")
    head = "Team Name,Case Name,Case ID,Query Text,Doc ID,Doc Position,Title,Rating,brand"
    path.write_text(f'{head}\nt,c,1,enamel mug,0001,1,"Mug, blue",3,x\nt,c,1,enamel mug,0006,2,S,,x\n')
    assert own(*PRODUCTS, "--judgements", path)[0] == 0
    assert gains(tmp_path / "out") == {("enamel mug", "0001"): 3}


LISTS = {
    "imported": json.loads((CASES / "opensearch" / "judgments.json").read_text()),
    "by query": {
        "judgmentRatings": {"enamel mug": [{"docId": "0001", "rating": "100.000"}, {"docId": "0006", "rating": 1}]}
    },
}
LISTS["of the workbench"] = {"took": 3, "hits": {"hits": [{"_id": "x", "_source": LISTS["imported"]}]}}
LISTS["a document"] = {"_index": "j", "_id": "x", "_source": LISTS["imported"]}


@pytest.mark.parametrize("case", LISTS)
@pytest.mark.parametrize("family", [(), ("--from", "opensearch")])
def test_judgement_lists_of_opensearch(case, family, own, tmp_path):
    path = tmp_path / "judgments.json"
    path.write_text(json.dumps(LISTS[case], indent=1))
    assert own(*PRODUCTS, *family, "--judgements", path)[0] == 0
    assert gains(tmp_path / "out") == {("enamel mug", "0001"): 100, ("enamel mug", "0006"): 1}


def test_judgement_lists_of_opensearch_as_csv_and_with_queries(own, tmp_path):
    words = [*PRODUCTS, "--judgements", CASES / "opensearch" / "judgments.csv", "--from", "opensearch"]
    found = {("enamel mug", "0001"): 100, ("enamel mug", "0006"): 1, ("teapot", "0003"): 0}
    assert own(*words)[0] == 0
    assert gains(tmp_path / "out") == found
    assert own(*words, *QUERIES)[0] == 0
    assert gains(tmp_path / "out") == found
    assert set(load_bundle(tmp_path / "out").queries["query_id"]) == {"1", "2"}


def test_a_ranking_evaluation_of_elasticsearch(own, tmp_path):
    rated = [{"_index": "p", "_id": "0001", "rating": 3}, {"_index": "p", "_id": "0004", "rating": 0}]
    requests = [
        {"id": "mugs", "request": {"query": {"match": {"title": {"query": "enamel mug"}}}}, "ratings": rated},
        {"id": "pots", "template_id": "t", "params": {"query_string": "teapot"}, "ratings": rated[:1]},
        {"id": "odd", "request": {"query": {"match_all": {}}}, "ratings": rated[:1]},
    ]
    path = tmp_path / "rank_eval.json"
    path.write_text(json.dumps({"requests": requests, "metric": {"dcg": {}}}))
    assert own(*PRODUCTS, "--judgements", path)[0] == 0
    dataset = load_bundle(tmp_path / "out")
    texts = dict(zip(dataset.queries["query_id"], dataset.queries["query"], strict=True))
    assert texts == {"mugs": "enamel mug", "pots": "teapot", "odd": "odd"}
    assert gains(tmp_path / "out")[("enamel mug", "0004")] == 0


def test_wands_as_its_owner_ships_it(own, tmp_path):
    folder = tmp_path / "dataset"
    folder.mkdir()
    head = ["product_id", "product_name", "product_class", "category hierarchy", "product_description"]
    lines = [head, ["0", 'bed 60"', "Beds", "Furniture / Beds", "wide"], ["1", "lamp", "Lamps", "Lighting / Lamps", ""]]
    (folder / "product.csv").write_text("\n".join("\t".join(line) for line in lines) + "\n")
    (folder / "query.csv").write_text("query_id\tquery\tquery_class\n0\tbed\tBeds\n")
    (folder / "label.csv").write_text("id\tquery_id\tproduct_id\tlabel\n0\t0\t0\tExact\n1\t0\t1\tIrrelevant\n")
    for words in (["--from", "wands"], []):
        assert own("--products", folder, *words)[0] == 0
        assert load_bundle(tmp_path / "out").scale.names == ("Exact", "Partial", "Irrelevant")
        assert set(load_bundle(tmp_path / "out").products["title"]) == {'bed 60"', "lamp"}
        assert set(load_bundle(tmp_path / "out").products["category"]) == {"Furniture > Beds", "Lighting > Lamps"}


def test_one_flat_table_of_pairs_by_its_columns(own, tmp_path):
    rows = [("m1", "red mug", "mug", 2, "A"), ("p1", "pot", "mug", 0, "B"), ("m1", "red mug", "cup", 1, "A")]
    table = pd.DataFrame(rows, columns=["sku", "caption", "keyword", "points", "brand"])
    table.to_parquet(tmp_path / "pairs.parquet")
    mapped = ["--columns", "sku=product_id,caption=title,keyword=query,points=label"]
    assert own("--products", tmp_path / "pairs.parquet", *mapped)[0] == 0
    assert gains(tmp_path / "out") == {("mug", "m1"): 2, ("mug", "p1"): 0, ("cup", "m1"): 1}
    assert sorted(load_bundle(tmp_path / "out").products["brand"]) == ["A", "B"]
    same = ["--products", tmp_path / "pairs.parquet", "--judgements", tmp_path / "pairs.parquet"]
    assert own(*same, *mapped)[0] == 0
    assert len(gains(tmp_path / "out")) == 3


PACKED = {"gz": gzip.compress, "bz2": bz2.compress}


@pytest.mark.parametrize("packing", PACKED)
def test_every_format_packed(packing, own, tmp_path):
    def packed(path: Path) -> Path:
        (tmp_path / path.name).write_bytes(PACKED[packing](path.read_bytes()))
        return tmp_path / path.name

    beir = CASES / "beir"
    words = [
        f"--{role}={packed(beir / name)}" for role, name in (("products", "corpus.jsonl"), ("queries", "queries.jsonl"))
    ]
    assert own(*words, "--judgements", packed(beir / "test.tsv"))[0] == 0
    for judgements in ("opensearch/judgments.json", "quepid/book.csv"):
        assert own(*PRODUCTS, "--judgements", packed(CASES / judgements))[0] == 0
    assert own(*PRODUCTS, *QUERIES, "--judgements", packed(CASES / "qrels" / "qrels.txt"))[0] == 0


REFUSED = {
    "not of the format": (
        ["--from", "elastic"],
        "quepid/book.csv",
        "is not as Elasticsearch has judgements: expected JSON",
    ),
    "json of nobody": ([], '{"a": 1}', "is JSON of no known format for judgements: it has a"),
    "json cut off": ([], '{"judgmentRatings": [{"query": "a", ', "is no JSON"),
    "a rating of nothing": (
        [],
        '{"judgmentRatings": [{"query": "a", "ratings": [{"rating": "1"}]}]}',
        "without a docId",
    ),
    "grades that are worth nothing": ([], "query,docid,rating\nenamel mug,0001,0\n", "no grade is above 0"),
    "a wrong line of qrels": (QUERIES, "1 0 0001 2\n" * 30 + "1 0 0001\n", "line 31 of"),
    "an Excel workbook": ([], "PK\x03\x04", "an Excel workbook; unpack it, or save its sheet as CSV"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_said_in_one_sentence(case, own, tmp_path):
    words, content, message = REFUSED[case]
    path = CASES / content
    if "/" not in content:
        path = tmp_path / "judgements"
        path.write_text(content)
    status, said = own(*PRODUCTS, *words, "--judgements", path)
    assert status == 2
    assert message in said
