"""judgements export and import: what comes out of a store and goes into another comes out of that as it was."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from act_frames import acts_of, labelled, said
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.__main__ import main
from precompute.read.act_files import Archive, csv_text, json_lines, read_csv, read_json_lines
from sqid_core.judging.acts import COLUMNS, KINDS
from sqid_core.judging.books import PAIR_COLUMNS, Book
from sqid_core.judging.label_sets import LabelSet, labels_of
from sqid_core.judging.store import Judge
from sqid_core.store.opening import open_store

JUDGES = (
    Judge("0a0b0c0d0e0f", "Ann"),
    Judge("1a1b1c1d1e1f", "=Ann\n"),
    Judge("22aa22aa22aa", "gpt", "model", "judge", {"p": "1"}),
)
ANN, BOB, GPT = (judge.id for judge in JUDGES)
FILES = ("said.jsonl", "said.csv", "labels.qrels", "labels.parquet")
HARD_TEXTS = [
    "=1+1",
    "'=1+1",
    "''",
    "-3",
    '“x”\r\n\ty,;"z"',
    "שלום \u202eabc\u2028",
    "@",
    "<b>&amp;</b>",
    "x" * 10_000,
    " ",
]


def run(state, monkeypatch, *words):
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    monkeypatch.setenv("SQID_STATE", str(state))
    return main(["judgements", *map(str, words)])


@pytest.fixture
def bundle(tiny_bundle, tmp_path):
    return shutil.copytree(tiny_bundle, tmp_path / "tiny")


@pytest.fixture
def filled(bundle, tmp_path):
    """A store's folder, in which three judges have worked in a book and outside."""
    store = open_store(tmp_path / "state")
    pairs = pd.read_parquet(bundle / "judgements.parquet").head(9)
    book = Book("book-1", "First", "tiny", "f", "a list", guidelines="*Be* kind", tags=("a", "b"), repeats=0.1)
    chosen = pairs.head(2)[["query_id", "product_id"]].assign(
        number=[0, 1], probability=[0.5, float("nan")], stratum="s", why="r"
    )
    store.create_book(book, chosen[list(PAIR_COLUMNS)].astype(dict(PAIR_COLUMNS)))
    ids = (pairs["query_id"] + " " + pairs["product_id"]).tolist()
    rows = [labelled(ANN, pair, "ESCI"[i % 4], seconds=1 / 3 + i, book="book-1") for i, pair in enumerate(ids)]
    rows += [labelled(BOB, pair, "Exact", seconds=float("nan"), fingerprint="older") for pair in ids[:5]]
    rows += [said(ANN, "explanation", pair, text) for pair, text in zip(ids, HARD_TEXTS, strict=False)]
    rows += [said(BOB, "explanation", ids[0], HARD_TEXTS[-2]), said(BOB, "explanation", ids[0], HARD_TEXTS[-1])]
    rows += [labelled(GPT, ids[0], "I"), said(ANN, "unrateable", ids[0], showing=2), said(BOB, "later", ids[3])]
    rows += [said(ANN, "tag", "00", "label wrong", link="search?q=1"), said(ANN, "note", "00", HARD_TEXTS[4])]
    rows += [said(BOB, "undo", value="k11"), said(ANN, "adjudicate", ids[2], "Substitute")]
    rows += [labelled(ANN, "gone-query P001", "E"), labelled(ANN, "00 gone-product", "Perfect")]
    stored = store.take_in(acts_of(rows), JUDGES, "tiny")
    assert not stored.refused
    return tmp_path / "state"


@pytest.mark.parametrize("file", FILES[:2])
@pytest.mark.parametrize("names", [(), ("--names",)], ids=["ids", "names"])
def test_what_judges_said_comes_back_to_the_byte(bundle, filled, tmp_path, monkeypatch, file, names, capsys):
    assert run(filled, monkeypatch, "export", bundle, tmp_path / file, *names) == 0
    assert ("Ann" in (tmp_path / file).read_text("utf-8")) == bool(names)
    assert run(tmp_path / "other", monkeypatch, "import", bundle, tmp_path / file) == 0
    assert "0 were there already" in capsys.readouterr().out
    assert run(tmp_path / "other", monkeypatch, "export", bundle, tmp_path / f"again-{file}", *names) == 0
    assert (tmp_path / f"again-{file}").read_bytes() == (tmp_path / file).read_bytes()
    here, there = open_store(filled), open_store(tmp_path / "other")
    acts, brought = here.acts("tiny"), there.acts("tiny")
    assert labels_of(brought, LabelSet("majority")).equals(labels_of(acts, LabelSet("majority")))
    if file.endswith("jsonl"):
        pd.testing.assert_frame_equal(brought, acts)
        assert there.books("tiny") == here.books("tiny")
        pd.testing.assert_frame_equal(there.pairs("book-1"), here.pairs("book-1"))
        assert there.judges()[GPT] == here.judges()[GPT]


@pytest.mark.parametrize("file", FILES)
def test_the_same_file_again_changes_nothing(bundle, filled, tmp_path, monkeypatch, file, capsys):
    assert run(filled, monkeypatch, "export", bundle, tmp_path / file) == 0
    before = len(open_store(filled).acts("tiny"))
    for _ in range(2):
        assert run(filled, monkeypatch, "import", bundle, tmp_path / file) == 0
        new = len(open_store(filled).acts("tiny")) - before
        assert new == (0 if file.startswith("said") else 132)
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 acts are new, ")
    assert len(open_store(filled).judges()) == 3 + (not file.startswith("said"))


@pytest.mark.parametrize("file", FILES[2:])
@pytest.mark.parametrize(
    "labels", ["majority", "majority~alone", "adjudicated~alone", f"judge-{ANN}~alone", "published"]
)
def test_a_set_of_labels_comes_back_to_the_byte(bundle, filled, tmp_path, monkeypatch, file, labels):
    assert run(filled, monkeypatch, "export", bundle, tmp_path / file, "--labels", labels) == 0
    assert run(tmp_path / "other", monkeypatch, "import", bundle, tmp_path / file, "--judge", "Zoë") == 0
    (judge,) = open_store(tmp_path / "other").judges().values()
    assert judge.name == "Zoë"
    again = tmp_path / f"again-{file}"
    assert run(tmp_path / "other", monkeypatch, "export", bundle, again, "--labels", f"judge-{judge.id}~alone") == 0
    assert again.read_bytes() == (tmp_path / file).read_bytes()


def test_examples_are_those_of_esci(bundle, filled, tmp_path, monkeypatch):
    assert run(filled, monkeypatch, "export", bundle, tmp_path / "e.parquet", "--labels", "published") == 0
    table = pq.read_table(tmp_path / "e.parquet")
    assert table.column_names[:6] == ["example_id", "query", "query_id", "product_id", "product_locale", "esci_label"]
    assert set(table["esci_label"].to_pylist()) <= set("ESCI")
    published = pd.read_parquet(bundle / "judgements.parquet")
    assert sorted(table["query_id"].to_pylist()) == sorted(published["query_id"])  # "00": no whole number


def test_a_file_of_ones_own_is_enough(bundle, tmp_path, monkeypatch, capsys):
    path = tmp_path / "own.csv"
    path.write_text(
        "sep=;\nquery_id;product_id;label;judge;time\n00;P001;exact;Ann;2026-11-28\n01;P002;I;Bob;\n", "utf-8"
    )
    assert run(tmp_path / "state", monkeypatch, "import", bundle, path) == 0
    assert "2 acts are new" in capsys.readouterr().out
    acts = open_store(tmp_path / "state").acts("tiny")
    assert acts["time"].iloc[0] == pd.Timestamp("2026-11-28", tz="UTC")
    assert acts["time"].iloc[1] > pd.Timestamp("2026-11-28", tz="UTC")
    assert {judge.name for judge in open_store(tmp_path / "state").judges().values()} == {"Ann", "Bob"}
    path.write_text("query_id,product_id,label,judge\n00,P001,Irrelevant,Ann\n", "utf-8")
    assert run(tmp_path / "state", monkeypatch, "import", bundle, path) == 0
    last = labels_of(open_store(tmp_path / "state").acts("tiny"), LabelSet("judge", acts["judge"].iloc[0]))
    assert last["label"].tolist() == ["Irrelevant"]


def test_what_does_not_fit_is_told_and_kept(bundle, tmp_path, monkeypatch, capsys):
    path = tmp_path / "own.csv"
    path.write_text("query_id,product_id,label,seconds\nxx,P001,E,inf\n00,y\x1by,E,\n00,P001,Perfekt,2\n", "utf-8")
    assert run(tmp_path / "state", monkeypatch, "import", bundle, path) == 0
    out = capsys.readouterr().out
    assert "1 label is not of the bundle's scale: Perfekt" in out
    assert "1 act is of a query_id that the bundle lacks: xx" in out
    assert "1 act is of a product_id that the bundle lacks: yy" in out
    assert "\x1b" not in out
    acts = open_store(tmp_path / "state").acts("tiny")
    assert len(acts) == 3
    np.testing.assert_array_equal(acts["seconds"], [np.nan, np.nan, 2.0])


# --- any text ---

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
ID = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)


@st.composite
def archives(draw):
    rows = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        kind = draw(st.sampled_from(KINDS))
        times = {"time": pd.Timestamp(draw(st.integers(0, 2 * 10**15)), unit="us", tz="UTC"), "number": number}
        seconds = draw(st.just(float("nan")) | st.floats(0, 1e9))
        ids = {"query_id": draw(ID), "product_id": draw(ID)}
        act = said(draw(st.sampled_from([ANN, BOB])), kind, value=draw(TEXT), **times, seconds=seconds)
        rows.append({**act, **ids, "link": draw(TEXT), "showing": draw(st.sampled_from([1, 2]))})
    return Archive(acts_of(rows), tuple(Judge(each, draw(TEXT)) for each in (ANN, BOB)))


@settings(max_examples=40)
@given(archives())
def test_any_acts_come_back_from_json_lines(tmp_path_factory, archive):
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    path.write_bytes(json_lines(archive, names=True))
    found = read_json_lines(path)
    pd.testing.assert_frame_equal(found.acts.drop(columns="bundle"), archive.acts.drop(columns="bundle"))
    assert found.judges == archive.judges


@settings(max_examples=40)
@given(archives())
def test_any_last_words_come_back_from_csv(tmp_path_factory, archive):
    path = tmp_path_factory.mktemp("any") / "a.csv"
    text = csv_text(archive, names=True)
    path.write_text(text, encoding="utf-8", newline="")
    if text.count("\n") == 1:
        return  # no row, which is no table
    found = read_csv(path, "nobody", "tiny", datetime.now(UTC))
    names = {judge.id: judge for judge in archive.judges}
    archived = Archive(found.acts, tuple(names[judge.id] for judge in found.judges))
    assert csv_text(archived, names=True) == text
    assert list(found.acts) == list(COLUMNS)
    assert np.isin(found.acts["kind"].unique(), ["label", "unrateable", "explanation"]).all()


@pytest.mark.parametrize("file", FILES[:2])
def test_what_was_edited_under_its_key_is_told_and_not_taken(bundle, filled, tmp_path, monkeypatch, file, capsys):
    path = tmp_path / file
    assert run(filled, monkeypatch, "export", bundle, path) == 0
    before = open_store(filled).acts("tiny")
    capsys.readouterr()
    assert run(filled, monkeypatch, "import", bundle, path) == 0
    told = capsys.readouterr().out
    assert "0 acts are new, " in told
    assert "changed" not in told
    text = path.read_bytes().decode()
    label, other = ('"value":"Exact"', '"value":"Substitute"') if file == FILES[0] else ('"Exact"', '"Substitute"')
    text = text.replace(label, other, 1).replace(HARD_TEXTS[-3], "another reason", 1)
    path.write_text(text, "utf-8", newline="")
    assert run(filled, monkeypatch, "import", bundle, path) == 0
    assert "2 acts say something else than the one with its key that is there: changed, not taken" in (
        capsys.readouterr().out
    )
    pd.testing.assert_frame_equal(open_store(filled).acts("tiny"), before)
