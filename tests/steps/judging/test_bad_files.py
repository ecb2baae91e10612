"""judgements import, export and apply: what is wrong is one sentence with its line, and nothing is stored or lost."""

from __future__ import annotations

import pytest

from precompute.__main__ import main
from sqid_core.store.opening import open_store

ACT = '{"record":"act","key":"k","judge":"a","kind":"label","number":1,"time":"2026-01-01T00:00:00Z","query_id":"00"'
BAD = {
    "empty.csv": (b"", "is empty"),
    "names.csv": (b"query_id,label\n00,E\n", "lacks the column product_id"),
    "id.csv": (b"query_id,product_id,label\n,P001,E\n", "has a row without query_id"),
    "time.csv": (b"query_id,product_id,label,time\n00,P001,E,noon\n", "row 1 of", "its time 'noon' is not written as"),
    "kind.csv": (b"query_id,product_id,label,kind\n00,P001,E,note\n", "its kind is label or unrateable, got 'note'"),
    "none.csv": (b"query_id,product_id,label,kind\n00,P001,,label\n", "row 1 of", "it has no label"),
    "seconds.csv": (b"query_id,product_id,label,seconds\n00,P001,E,x\n", "row 1 of", "could not convert"),
    "showing.csv": (b"query_id,product_id,label,showing\n00,P001,E,3\n", "shown once or twice, got 1, 3"),
    "long.csv": (b"query_id,product_id,label,key\n00,P001,E," + b"k" * 81, "an act's key has 1 to 80 letters, got 81"),
    "twice.csv": (
        b"query_id,product_id,label,key,judge\n00,P1,E,k,a\n00,P2,E,k,b\n",
        "the key 'k' for acts of two judges",
    ),
    "latin.csv": ("query_id,product_id,label\n00,P001,\xe9\n".encode("latin-1"), "is not UTF-8"),
    "no.jsonl": (b"\n{\n", "line 2 of", "is no judge, book or act"),
    "list.jsonl": (b"[1]\n", "line 1 of"),
    "record.jsonl": (b'{"record":"god"}\n', "line 1 of"),
    "number.jsonl": (ACT.replace(":1,", ":0,").encode() + b"}\n", "acts are counted from 1"),
    "float.jsonl": (ACT.replace(":1,", ":1.5,").encode() + b"}\n", "Expected `int`"),
    "kind.jsonl": (ACT.replace("label", "praise").encode() + b"}\n", "an act is one of label"),
    "nul.jsonl": (b"\0\xff\n", "line 1 of"),
    "judge.jsonl": (b'{"record":"judge","id":"a","kind":"cat"}\n', "a judge is a person or a model, got 'cat'"),
    "pairs.jsonl": (
        b'{"record":"book","book":{"id":"b","name":"B","bundle":"tiny","fingerprint":"f","source":"s"},'
        b'"pairs":{"query_id":["q"]}}\n',
        "a book's pairs have the columns number, ",
    ),
    "fields.qrels": (b"00 0 P001 100\n00 0 P001\n", "line 2 of", "has 3 fields; expected the 4 of TREC qrels"),
    "grade.qrels": (b"00 0 P001 7\n", "line 1 of", "the grade '7'; expected one of: 100 (Exact), 10 (Substitute)"),
    "two.qrels": (b"00 0 P001 100\n00 0 P001 10\n", "has two labels for the query '00' and the product 'P001'"),
    "none.qrels": (b"\n\n", "holds no judgement"),
    "bytes.qrels": (b"\xff\xfe\0", "is no UTF-8 text"),
    "text.parquet": (b"query_id,product_id\n00,P001\n", "is not a Parquet file although its name says so"),
    "cut.parquet": (b"PAR1\0\0\0", "is damaged or cut off"),
    "odd.docx": (b"x", "does not say what kind of file it is; use --format, or one of the endings .jsonl"),
}


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence_and_nothing_is_stored(tiny_bundle, tmp_path, capsys, name, state):
    content, *told = BAD[name]
    (tmp_path / name).write_bytes(content)
    assert main(["judgements", "import", str(tiny_bundle), str(tmp_path / name)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert all(part in error for part in told), error
    assert open_store(state).acts("tiny").empty
    assert open_store(state).judges() == {}


def test_a_file_that_is_not_there(tiny_bundle, tmp_path, capsys):
    for path in (tmp_path / "none.csv", tmp_path):
        assert main(["judgements", "import", str(tiny_bundle), str(path), "--format", "csv"]) == 2
        assert "does not exist or is not a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["said.csv", "--labels", "majority"], "--labels says nothing here: a csv file holds what each judge said"),
        (
            ["said.qrels", "--names"],
            "--names says nothing here: a trec file holds one set of labels, and nobody's name",
        ),
        (["said.qrels", "--labels", "all"], "'all' is no set of labels"),
        (["said.qrels", "--gains", "none"], "unknown gains 'none'"),
        (["said"], "does not say what kind of file it is"),
    ],
)
def test_what_cannot_be_written_leaves_the_file_that_was_there(tiny_bundle, tmp_path, capsys, words, told):
    file = tmp_path / words[0]
    file.write_text("before")
    assert main(["judgements", "export", str(tiny_bundle), str(file), *words[1:]]) == 2
    assert told in capsys.readouterr().err
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []
