"""Judging where one looks: whose chips judge, and with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from judging_app import SECRETS, Send, label_act, make_book

from sqid_core.bundle.load import Dataset
from sqid_core.judging.store import Judge, Store
from sqid_ui.judge.looking import labelling

As = Callable[[str], None]


@pytest.fixture
def known_as(monkeypatch: pytest.MonkeyPatch) -> As:
    return lambda name: monkeypatch.setattr("sqid_ui.login.who.secret_in", lambda _: SECRETS.get(name, ""))


def test_who_may_judge_in_an_open_book_judges_here(
    store: Store, dataset: Dataset, judges: dict[str, Judge], send: Send, known_as: As
) -> None:
    book = make_book(store, dataset.folder, id="book1", blind=False)
    make_book(store, dataset.folder, id="book2", name="Blind")
    known_as("anna")
    found = labelling(dataset, "00")
    assert found is not None
    assert (found["judge"], [each["id"] for each in found["books"]]) == (judges["anna"].id, ["book1"])
    assert (found["said"], found["number"]) == ({}, 0)
    # Another product than the book's own, and a later word about it.
    pair = {"query_id": "00", "product_id": "P059"}
    assert send("anna", label_act(pair, 1), label_act(pair, 2, "", kind="unrateable")).json()["refused"] == {}
    send("bo", label_act(pair, 9, key="b9"))
    again = labelling(dataset, "00")
    assert again is not None
    assert (again["said"], again["number"]) == ({"P059": "Unrateable"}, 2)
    other = labelling(dataset, "01")
    assert other is not None
    assert other["said"] == {}
    store.change_book(replace(book, anybody=False))
    assert labelling(dataset, "00") is None
    known_as("bo")
    assert labelling(dataset, "00") is not None
    store.change_book(replace(book, closed=True))
    assert labelling(dataset, "00") is None


def test_nobody_else_does(store: Store, dataset: Dataset, judges: dict[str, Judge], known_as: As) -> None:
    make_book(store, dataset.folder, blind=False)
    known_as("nobody")
    assert labelling(dataset, "00") is None
    known_as("anna")
    assert labelling(dataset, "") is None


def test_looking_makes_no_store(
    dataset: Dataset, tmp_path: Path, known_as: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "no state"))
    known_as("anna")
    assert labelling(dataset, "00") is None
    assert not (tmp_path / "no state").exists()
