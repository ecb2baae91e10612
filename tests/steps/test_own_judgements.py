"""Judgements of one's own: several judges, columns by other names, and products or queries that are not there."""

from __future__ import annotations

import pandas as pd
import pytest
from own_bundles import BASE, CASES, PRODUCTS, QUERIES, gains, labels

from precompute.__main__ import main

JUDGED = {"mean": 2.6667, "median": 3, "majority": 3, "first": 3, "keep": 3}


@pytest.mark.parametrize("judging", JUDGED)
def test_several_judges_of_a_book(judging, own, tmp_path, monkeypatch):
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    assert own(*PRODUCTS, "--judgements", CASES / "quepid" / "several_judges.csv", "--judges", judging)[0] == 0
    assert gains(tmp_path / "out") == {("enamel mug", "0001"): pytest.approx(JUDGED[judging])}


def test_kept_judges_are_sets_of_labels(own, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    path = CASES / "quepid" / "several_judges.csv"
    status, said = own(*PRODUCTS, "--judgements", path, "--judges", "keep")
    assert status == 0
    assert "3 judges said (Judge A, Judge B, Judge C): 3 labels are new" in said
    assert main(["judgements", "export", str(tmp_path / "out"), str(tmp_path / "said.csv"), "--names"]) == 0
    table = pd.read_csv(tmp_path / "said.csv", dtype=str)
    assert dict(zip(table["name"], table["label"], strict=True)) == {"Judge A": "3", "Judge B": "2", "Judge C": "3"}
    capsys.readouterr()
    assert "0 labels are new" in own(*PRODUCTS, "--judgements", path, "--judges", "keep")[1]


def test_several_judges_are_a_choice(own, tmp_path):
    two = [*PRODUCTS, *QUERIES, "--judgements", CASES / "several_judges" / "two.csv"]
    status, said = own(*two)
    assert status == 2
    assert "'0001' are judged twice (Exact, Substitute); choose with --judges mean, median" in said
    kept = {"mean": "Substitute", "median": "Substitute", "first": "Exact", "majority": None}
    for judging, label in kept.items():
        status, said = own(*two, "--judges", judging)
        assert status == 0
        assert "1 pair has several labels" in said
        assert labels(tmp_path / "out").get(("enamel mug", "0001")) == label
        assert labels(tmp_path / "out")[("enamel mug", "0002")] == "Exact"
    assert "no majority" in own(*two, "--judges", "majority")[1]


def test_columns_by_other_names(own, tmp_path):
    (tmp_path / "j.csv").write_text("who,what,points,docid\n1,0001,Exact,x\n")
    mapped = ["--columns", "who=query_id,what=product_id,points=label"]
    assert own(*PRODUCTS, *QUERIES, "--judgements", tmp_path / "j.csv", *mapped)[0] == 0
    assert labels(tmp_path / "out") == {("enamel mug", "0001"): "Exact"}


WRONG_COLUMNS = {
    "no such column": ("nobody=label", "no file has the column 'nobody' of --columns"),
    "no mapping": ("docid", "expected theirs=ours"),
    "two for one": ("a=label,b=label", "expected theirs=ours"),
}


@pytest.mark.parametrize("case", WRONG_COLUMNS)
def test_wrong_columns(case, own):
    text, message = WRONG_COLUMNS[case]
    status, said = own(*PRODUCTS, *QUERIES, "--judgements", BASE / "judgements.csv", "--columns", text)
    assert status == 2
    assert message in said


def test_what_is_missing_is_refused_or_dropped_and_counted(own, tmp_path):
    lines = (BASE / "judgements.csv").read_text() + "1,gone,Exact\n9,0001,Exact\n9,0002,Exact\n"
    (tmp_path / "j.csv").write_text(lines)
    words = [*PRODUCTS, *QUERIES, "--judgements", tmp_path / "j.csv"]
    status, said = own(*words)
    assert status == 2
    assert "the query_id '9', which is not among the queries (2 judgements of 1 such queries)" in said
    status, said = own(*words, "--missing", "drop")
    assert status == 0
    assert "2 judgements are of 1 query that are not there" in said
    assert "1 judgement is of 1 product that are not there" in said
    assert len(labels(tmp_path / "out")) == 10


def test_two_columns_of_tabs_are_topics_only_without_names(own, tmp_path):
    (tmp_path / "p.tsv").write_text("sku\tcaption\n0001\tmug\n")
    (tmp_path / "q.tsv").write_text("who\tphrase\n1\tmug\n")
    (tmp_path / "j.tsv").write_text("who\tsku\tpoints\n1\t0001\t1\n")
    files = [
        f"--{role}={tmp_path / name}"
        for role, name in zip(("products", "queries", "judgements"), ("p.tsv", "q.tsv", "j.tsv"), strict=True)
    ]
    status, _ = own(*files, "--columns", "who=query_id,sku=product_id,caption=title,phrase=query,points=label")
    assert (status, labels(tmp_path / "out")) == (0, {("mug", "0001"): "1"})
