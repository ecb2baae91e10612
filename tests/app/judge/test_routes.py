"""The routes beside Streamlit's: what is stored, what is answered, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from judging_app import Send, client, label_act, make_book, queue_of

from sqid_core.bundle.load import Dataset
from sqid_core.errors import StoreError
from sqid_core.judging.acts import standing
from sqid_core.judging.store import Judge, Store
from sqid_ui.judge.routes import LONGEST_BODY


def test_acts_are_stored_once_in_the_judges_order(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    pairs = queue_of("anna").json()["pairs"]
    acts = [label_act(pair, number) for number, pair in enumerate(pairs[:3], 1)]
    assert send("anna", *acts[:2]).json()["confirmed"] == ["k1", "k2"]
    again = send("anna", *acts).json()
    assert (again["confirmed"], again["refused"]) == (["k1", "k2", "k3"], {})
    assert store.acts("tiny")["key"].tolist() == ["k1", "k2", "k3"]
    assert store.acts("tiny")["fingerprint"].unique().tolist() == [dataset.fingerprint]


def test_the_queue_goes_on_where_the_judge_is(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    first = queue_of("anna").json()
    assert (first["done"], first["count"], first["number"], len(first["pairs"])) == (0, 12, 0, 12)
    assert queue_of("anna").json() == first
    assert queue_of("bo").json()["pairs"] != first["pairs"]
    head = first["pairs"][0]
    assert {"query", "title", "facts", "picture"} <= set(head)
    send("anna", label_act(head, 1, seconds=2.5), label_act(first["pairs"][1], 2, "", kind="later"))
    then = queue_of("anna").json()
    assert (then["done"], then["count"], then["number"], then["seconds"]) == (1, 12, 2, 2.5)
    assert then["pairs"][-1]["product_id"] == first["pairs"][1]["product_id"]
    assert [(each["product_id"], each["word"]["value"]) for each in then["past"]] == [(head["product_id"], "Exact")]
    assert len(queue_of("anna", count=3).json()["pairs"]) == 3
    assert queue_of("anna", count=3).json()["more"]
    assert not then["more"]


def test_an_undo_brings_a_pair_back(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    head = queue_of("anna").json()["pairs"][0]
    send("anna", label_act(head, 1), label_act(head, 2, "Irrelevant"))
    send("anna", label_act(head, 3, "k2", kind="undo"))
    assert standing(store.acts("tiny"))["value"].tolist() == ["Exact"]
    send("anna", label_act(head, 4, "k1", kind="undo"))
    assert queue_of("anna").json()["done"] == 0


def test_what_does_not_fit_is_refused_by_its_key(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    pairs = queue_of("anna").json()["pairs"]
    wrong = {
        "a": {"value": "Perfect"},
        "b": {"product_id": "nothing"},
        "c": {"kind": "adjudicate"},
        "d": {"kind": "praise"},
        "e": {"number": -1},
        "f": {"book": "other"},
        "g": {"value": "x\0y", "kind": "note"},
        "h": {"value": "x" * 30_000, "kind": "note"},
        "i": {"number": "1"},
    }
    acts = [{**label_act(pairs[0], 1), "key": key, **more} for key, more in wrong.items()]
    answer = send("anna", *acts, label_act(pairs[1], 2)).json()
    assert set(answer["refused"]) == set(wrong)
    assert all(sentence and len(sentence) < 300 for sentence in answer["refused"].values())
    assert answer["confirmed"] == ["k2"]


def test_a_key_of_somebody_else_is_refused(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    pair = queue_of("anna").json()["pairs"][0]
    send("anna", label_act(pair, 1))
    assert list(send("bo", label_act(pair, 1)).json()["refused"]) == ["k1"]


def test_who_may_not_judge_is_told(store: Store, send: Send, dataset: Dataset) -> None:
    book = make_book(store, dataset.folder, anybody=False)
    pair = queue_of("bo").json()["pairs"][0]
    assert queue_of("anna").status_code == 403
    assert "those who were made judges" in send("anna", label_act(pair, 1)).json()["refused"]["k1"]
    store.change_book(replace(book, closed=True))
    assert queue_of("bo").json() == {"error": "This book is closed."}
    assert "is closed" in send("bo", label_act(pair, 1)).json()["refused"]["k1"]


def test_nobody_and_somebody_else(store: Store, send: Send, judges: dict[str, Judge], dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    pair = queue_of("anna").json()["pairs"][0]
    assert queue_of("").status_code == 401
    assert send("anna", label_act(pair, 1), judge=judges["bo"].id).status_code == 409
    assert len(store.acts("tiny")) == 0


def test_what_is_not_there(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    pair = queue_of("anna").json()["pairs"][0]
    assert queue_of("anna", book="none").status_code == 404
    # A bundle that is built anew is away for a moment: the browser keeps what it wants to send (400 would drop it).
    away = send("anna", label_act(pair, 1), bundle="moon")
    assert (away.status_code, away.json()["error"]) == (404, "There is no bundle moon here.")
    asked = client().get("/judging/description", params={"bundle": "tiny", "product": pair["product_id"]})
    assert asked.json() == {"text": ""}
    assert client().get("/judging/description", params={"bundle": "tiny", "product": "no"}).status_code == 404
    assert client("anna").get("/judging/acts").status_code == 405


def posted(body: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    usual = {"content-type": "application/json", "origin": "http://testserver"}
    return client("anna").post("/judging/acts", content=body, headers={**usual, **named})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": "application/json; charset=utf-8"}, 400),
        ({"sec_fetch_site": "same-origin"}, 400),
    ],
)
def test_only_own_pages_send_json(store: Store, judges: dict[str, Judge], headers: dict[str, str], status: int) -> None:
    assert posted(b"{}", **headers).status_code == status


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"acts": [{"key": NaN}]}', b"null"])
def test_nonsense_is_one_sentence(store: Store, judges: dict[str, Judge], body: bytes) -> None:
    answer = posted(body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_a_letter_is_bounded(store: Store, judges: dict[str, Judge], send: Send) -> None:
    assert posted(b" " * (LONGEST_BODY + 1)).status_code == 413
    assert send("anna", *({"key": f"k{number}"} for number in range(101))).status_code == 400
    assert send("anna").status_code == 400
    assert send("anna", {"key": "a"}, {"key": "a"}).status_code == 400


def test_a_store_that_fails_is_told_and_nothing_is_lost(
    store: Store, send: Send, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_book(store, dataset.folder)
    pair = queue_of("anna").json()["pairs"][0]

    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("sqid_core.store.sql_store.SqlStore.add", full)
        answer = send("anna", label_act(pair, 1))
        assert (answer.status_code, answer.json()) == (503, {"error": "the disk is full"})
    assert send("anna", label_act(pair, 1)).json()["confirmed"] == ["k1"]


def test_texts_come_back_as_they_were_written(store: Store, send: Send, dataset: Dataset) -> None:
    make_book(store, dataset.folder)
    pair = queue_of("anna").json()["pairs"][0]
    note = "<script>alert(1)</script> שלום \u202e " + "x" * 10_000
    send("anna", label_act(pair, 1, note, kind="note"), label_act(pair, 2, "label wrong", kind="tag"))
    send("anna", label_act(pair, 3))
    found = queue_of("anna").json()["past"][0]
    assert (found["note"], [tag["value"] for tag in found["tags"]]) == (note, ["label wrong"])
