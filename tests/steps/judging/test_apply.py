"""judgements apply: a new bundle whose published labels are those of a set, and nothing else is another."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
from act_frames import acts_of, labelled
from evaluating import as_json
from hard_bundles import build_hard

from precompute.__main__ import main
from sqid_core.bundle.known_labels import KNOWN_LABELS
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.write import BundleWriter
from sqid_core.judging.store import Judge
from sqid_core.store.opening import open_store


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    return open_store(tmp_path / "state")


@pytest.fixture
def folder(tiny_bundle, tmp_path):
    copy = shutil.copytree(tiny_bundle, tmp_path / "tiny")
    with BundleWriter(copy) as writer:
        writer.write_array(KNOWN_LABELS, np.full((8, 60), 3, dtype=np.int8), np.int8)
    return copy


def say(store, bundle, *pairs):
    store.take_in(acts_of([labelled("aa", *pair) for pair in pairs]), [Judge("aa", "Ann")], bundle)


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_is_judged_by_the_set_and_else_the_same(folder, store, tmp_path, capsys):
    pairs = pd.read_parquet(folder / "judgements.parquet")
    changed, new = pairs.iloc[3], "00 P059"
    assert not ((pairs["query_id"] == "00") & (pairs["product_id"] == "P059")).any()
    other = "C" if changed["label"] != "C" else "E"
    say(store, "tiny", (f"{changed['query_id']} {changed['product_id']}", other), (new, "Exact"), ("no such", "E"))
    before = bytes_of(folder)
    out = tmp_path / "new" / "judged"
    assert main(["judgements", "apply", str(folder), "--labels", "majority", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "labels of most judges up to act 3, others as published: 2 labels" in told
    assert "1 label is of queries or products that are gone" in told
    assert bytes_of(folder) == before
    found, was = load_bundle(out), load_bundle(folder)
    assert found.name == "tiny"
    assert found.manifest.about["labels"] == "labels of most judges up to act 3, others as published"
    assert found.fingerprint != was.fingerprint
    now = pd.read_parquet(out / "judgements.parquet")
    assert len(now) == 133
    row = now[(now["query_id"] == changed["query_id"]) & (now["product_id"] == changed["product_id"])]
    assert row["label"].tolist() == [other]
    assert found.known_labels[0, found.products["product_id"].tolist().index("P059")] == 0
    same = {path for path, content in bytes_of(out).items() if before.get(path) == content}
    others = {path.as_posix() for path in set(before) - same}
    assert others == {"judgements.parquet", "manifest.json", KNOWN_LABELS}
    applied, by_set = (as_json(capsys, *asked)["methods"] for asked in ((out,), (folder, "--labels", "majority")))
    assert [line["ndcg"] for line in applied] == [line["ndcg"] for line in by_set]
    assert main(["verify", str(out)]) == 0
    assert [path.name for path in out.parent.iterdir()] == ["judged"]


def test_runs_stay_where_they_know_all_pairs(store, tmp_path, capsys):
    folder = build_hard("ties everywhere", tmp_path / "hard")
    first = pd.read_parquet(folder / "judgements.parquet").iloc[0]
    say(store, "hard", (f"{first['query_id']} {first['product_id']}", "Exact"))
    words = ["judgements", "apply", str(folder), "--labels"]
    assert main([*words, "majority~alone", "--out", str(tmp_path / "alone")]) == 0
    found, was = load_bundle(tmp_path / "alone"), load_bundle(folder)
    assert list(found.signals) == list(was.signals)
    assert found.judgements.mask.sum() == 1
    place = was.judgements.rows[0].tolist().index(found.judgements.rows[0, 0])
    for name, signal in found.signals.items():
        np.testing.assert_array_equal(signal.scores[0, 0], was.signals[name].scores[0, place])
    unjudged = next(row for row in range(400) if row not in was.judgements.rows[0])
    store.take_in(
        acts_of([labelled("aa", f"q00 {was.products['product_id'].iloc[unjudged]}", "Exact", key="more")]), (), "hard"
    )
    assert main([*words, "majority", "--out", str(tmp_path / "more")]) == 0
    assert "the run words is dropped, since it was read for other judgements" in capsys.readouterr().out
    assert load_bundle(tmp_path / "more").signals == {}


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("published", "has the published labels already"),
        ("majority~alone", "would leave"),
        ("nobody", "is no set of labels"),
        ("judge-xx", "there is no judge 'xx'; of tiny judged: nobody"),
    ],
)
def test_what_makes_no_bundle_is_one_sentence(tiny_bundle, store, tmp_path, capsys, labels, told):
    out = tmp_path / "out"
    assert main(["judgements", "apply", str(tiny_bundle), "--labels", labels, "--out", str(out)]) == 2
    assert told in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_there_is_left_alone(tiny_bundle, store, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("x")
    assert main(["judgements", "apply", str(tiny_bundle), "--labels", "majority", "--out", str(out)]) == 2
    assert "is there already; give the name of a new folder" in capsys.readouterr().err
    assert (out / "mine").read_text() == "x"


def test_an_interruption_leaves_no_new_bundle(tiny_bundle, store, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    say(store, "tiny", ("00 P059", "Exact"))
    monkeypatch.setattr("precompute.steps.apply_labels.carry_over", interrupted)
    assert (
        main(["judgements", "apply", str(tiny_bundle), "--labels", "majority", "--out", str(tmp_path / "out")]) == 130
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state"]
