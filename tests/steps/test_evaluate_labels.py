"""python -m precompute evaluate --labels: the numbers of a set of labels, whose name the table and the JSON tell."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from evaluating import as_json, read_qrels

from precompute.__main__ import main
from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.judging.acts import Act
from sqid_core.judging.label_sets import LabelSet
from sqid_core.judging.relabelled import relabelled
from sqid_core.store.opening import open_store


@pytest.fixture
def folder(tiny_bundle, tmp_path, monkeypatch):
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    return shutil.copytree(tiny_bundle, tmp_path / "tiny")


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "state")


def flipped(folder, count):
    """The first pairs with the label next to theirs."""
    pairs = pd.read_parquet(folder / "judgements.parquet").head(count)
    other = dict(zip("ESCI", ("Substitute", "Complement", "Irrelevant", "Exact"), strict=True))
    return [(row.query_id, row.product_id, other[row.label]) for row in pairs.itertuples()]


def say(store, judge, pairs):
    known = len(store.acts("tiny"))
    acts = [
        Act(f"{judge.id}-{known}-{i}", "label", known + i + 1, query, product, label)
        for i, (query, product, label) in enumerate(pairs)
    ]
    assert not store.add(acts, judge.id, "tiny", "f").refused


def test_a_majority_has_its_numbers_and_its_name(folder, store, capsys, tmp_path):
    ann, bob = store.enrol("secret a", "Ann"), store.enrol("secret b", "Bob")
    model = store.model_judge("gpt", {"prompt": "1"})
    say(store, ann, flipped(folder, 5))
    say(store, bob, [*flipped(folder, 4), ("nowhere", "P001", "E"), ("00", "P059", "odd")])
    say(store, model, [(query, product, "Exact") for query, product, _ in flipped(folder, 20)])
    before = as_json(capsys, folder)
    assert "labels" not in before
    found = as_json(capsys, folder, "--labels", "majority", "--run-dir", tmp_path / "runs")
    version = store.version("tiny")
    assert found["labels"] == {
        "set": f"majority~v{version}", "words": f"labels of most judges up to act {version}, others as published",
        "given": 5, "changed": 5, "added": 0, "removed": 0, "unresolved": 0, "gone": 1, "unknown": 1,
        "pairs": "chosen by these rankers",
    }  # fmt: skip
    assert all(line["ci95"] == [None, None] for line in found["methods"] if "seeds" not in line["name"])
    dataset = load_bundle(folder)
    expected = relabelled(dataset, store.acts("tiny"), LabelSet("majority", version=version), [model.id]).dataset
    ndcg = {line["name"]: line["ndcg"] for line in found["methods"]}
    for name in dataset.signals:
        assert ndcg[name] == evaluate(expected, signal_run(expected, name)).means["ndcg"]
    assert ndcg != {line["name"]: line["ndcg"] for line in before["methods"]}
    qrels = read_qrels(tmp_path / "runs" / "qrels.txt")
    gains = dict(zip(dataset.scale.names, (100, 10, 1, 0), strict=True))
    assert all(qrels[query][product] == gains[label] for query, product, label in flipped(folder, 5))
    say(store, ann, [(query, product, "Exact") for query, product, _ in flipped(folder, 5)])
    assert as_json(capsys, folder, "--labels", f"majority~v{version}")["methods"] == found["methods"]
    assert as_json(capsys, folder, "--labels", "majority")["methods"] != found["methods"]


def test_the_table_names_the_set_and_what_does_not_fit(folder, store, capsys):
    ann = store.enrol("secret a", "Ann \x1b[31m‮<b>")
    say(store, ann, [*flipped(folder, 2), ("nowhere", "P001", "E")])
    assert main(["evaluate", str(folder), "--labels", f"judge-{ann.id}~alone", "--fusion", "none"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tiny: 8 queries, 1 of them judged, 2 judgements")
    assert lines[1].endswith(
        f"up to act 3, others unjudged (judge-{ann.id}~v3~alone): 2 labels, 2 of another kind than published; "
        "130 published pairs count as unjudged; 1 label is of queries or products that are gone; "
        "pairs chosen by these rankers, or by a list: no interval, p or verdict"
    )
    assert "\x1b" not in lines[1]


def test_published_asks_no_store(folder, tmp_path, capsys):
    assert as_json(capsys, folder) == as_json(capsys, folder, "--labels", "published")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("nobody", "'nobody' is no set of labels; expected majority, adjudicated or judge-ID"),
        ("judge-ann", "there is no judge 'ann'; of tiny judged: nobody"),
        ("majority~alone", "has judged products by majority~v0~alone, so there is nothing to evaluate"),
    ],
)
def test_a_set_that_is_not_there_is_one_sentence(folder, capsys, labels, told):
    assert main(["evaluate", str(folder), "--labels", labels]) == 2
    assert told in capsys.readouterr().err


def test_without_the_extra_one_sentence(folder, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sqlalchemy", None)
    assert main(["evaluate", str(folder), "--labels", "majority"]) == 2
    assert "this needs the extra judge" in capsys.readouterr().err
    assert main(["evaluate", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bundle"] == "tiny"
