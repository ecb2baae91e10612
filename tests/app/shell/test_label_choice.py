"""Whose labels count, chosen on any page or by a link, and what that does to what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from judging_app import make_book
from provider import with_login
from searching import board, link_of, opened, rerun, said, widget
from streamlit.testing.v1 import AppTest

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.judging.acts import Act
from sqid_core.judging.books import Book
from sqid_core.judging.store import Store
from sqid_core.store.opening import store_of
from sqid_ui.caches import label_sets

pytestmark = pytest.mark.usefixtures("word_encoder")
Give = Callable[..., None]


@pytest.fixture
def store(data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    assert data_root
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("SQID_DATABASE_URL", raising=False)
    return store_of({"SQID_STATE": str(tmp_path / "state")})


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


@pytest.fixture
def book(store: Store, data_root: Path) -> Book:
    return make_book(store, data_root / "tiny", blind=False)


@pytest.fixture
def give(store: Store, dataset: Dataset, book: Book) -> Give:
    """Gives a label under a name: to the n-th product of a query's slate."""
    numbers = iter(range(1, 1000))

    def act(name: str, query: int, place: int, label: str, kind: Any = "label") -> None:
        number = next(numbers)
        judge = store.enrol(f"secret-of-{name}".ljust(40, "x"), name)
        product = dataset.products["product_id"].iloc[dataset.judgements.rows[query, place]]
        query_id = str(dataset.judgements.query_ids[query])
        sent = Act(f"key{number}", kind, number, query_id, product, label, book.id)
        stored = store.add([sent], judge.id, dataset.name, dataset.fingerprint)
        assert stored.confirmed

    return act


def labels_shown(at: AppTest) -> dict[str, int]:
    products = board(at)["products"]
    return dict(zip(products["id"], products["label"], strict=True))


def other_label(dataset: Dataset, query: int, place: int) -> str:
    names = dataset.scale.names
    return names[(int(dataset.judgements.labels[query, place]) + 1) % len(names)]


def test_without_a_judged_pair_there_is_nothing_to_choose(store: Store, tmp_path: Path) -> None:
    assert store
    at = opened(query="q0")
    assert not at.exception
    assert "Whose labels count" not in [each.label for each in at.radio]
    assert not (tmp_path / "state").exists()  # looking makes no store


def test_a_label_given_now_counts_on_the_next_rerun(dataset: Dataset, give: Give) -> None:
    query, query_id = 0, str(dataset.judgements.query_ids[0])
    product = dataset.products["product_id"].iloc[dataset.judgements.rows[0, 0]]
    wrong = other_label(dataset, query, 0)
    give("anna", query, 0, wrong)
    at = opened(query=query_id)
    before = labels_shown(at)
    assert widget(at, "labels", "whose").value == "published"
    widget(at, "labels", "whose").set_value("majority")
    rerun(at)
    assert labels_shown(at) == {**before, product: dataset.scale.code(wrong)}
    assert link_of(at)["labels"] == "majority~v1"
    assert "labels of most judges" in said(at).lower()
    give("bo", query, 1, other_label(dataset, query, 1))
    rerun(at)
    assert link_of(at)["labels"] == "majority~v2"
    assert sum(labels_shown(at)[each] != before[each] for each in before) == 2


def test_a_link_shows_the_same_labels_later_and_offers_what_came_since(dataset: Dataset, give: Give) -> None:
    query_id = str(dataset.judgements.query_ids[0])
    give("anna", 0, 0, other_label(dataset, 0, 0))
    then = labels_shown(opened(query=query_id, labels="majority"))
    give("anna", 0, 1, other_label(dataset, 0, 1))
    at = opened(query=query_id, labels="majority~v1")
    assert labels_shown(at) == then
    assert link_of(at)["labels"] == "majority~v1"
    more = next(each for each in at.button if "later act" in each.label)
    more.click()
    rerun(at)
    assert labels_shown(at) != then
    assert link_of(at)["labels"] == "majority~v2"


def test_the_choice_goes_along_to_other_pages(dataset: Dataset, give: Give) -> None:
    for query in range(len(dataset.judgements)):
        give("anna", query, 0, other_label(dataset, query, 0))
    at = opened(labels="majority")
    for page in ("compare", "queries", "evaluate", "breakdown", "dataset", "about", "search"):
        at.switch_page(f"pages/{page}.py").run(timeout=60)
        assert not at.exception
        assert link_of(at)["labels"].startswith("majority~v"), page
        assert "labels of most judges" in said(at).lower(), page


def test_other_pairs_may_count_as_unjudged(dataset: Dataset, give: Give) -> None:
    give("anna", 0, 0, dataset.scale.names[0])
    at = opened(query=str(dataset.judgements.query_ids[0]), labels="majority~v1~alone")
    assert list(labels_shown(at)) == [dataset.products["product_id"].iloc[dataset.judgements.rows[0, 0]]]


def test_while_a_blind_book_is_open_nobody_sees_what_others_said(
    dataset: Dataset, give: Give, store: Store, book: Book, data_root: Path
) -> None:
    give("anna", 0, 0, other_label(dataset, 0, 0))
    blind = make_book(store, data_root / "tiny", id="blind", name="Blind")
    query_id = str(dataset.judgements.query_ids[0])
    published = labels_shown(opened(query=query_id))
    judge = next(iter(store.judges()))
    for link in ("majority", "adjudicated", f"judge-{judge}"):
        at = opened(query=query_id, labels=link)
        assert labels_shown(at) == published
        assert "blind book is open" in at.warning[0].value
    store.change_book(replace(blind, closed=True))
    assert labels_shown(opened(query=query_id, labels="majority")) != published
    assert book


@pytest.mark.parametrize("link", ["judge-nobody~v1", "adjudicated", "judge-%3Cb%3E"])
def test_a_set_that_nobody_gave_is_a_sentence(dataset: Dataset, give: Give, link: str) -> None:
    give("anna", 0, 0, dataset.scale.names[0])
    at = opened(labels=link)
    assert not at.exception
    assert "nobody gave here" in at.warning[0].value


def test_a_store_that_cannot_be_asked_leaves_the_published_labels(
    dataset: Dataset, give: Give, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give("anna", 0, 0, other_label(dataset, 0, 0))
    published = labels_shown(opened(query=str(dataset.judgements.query_ids[0])))
    monkeypatch.setattr(label_sets, "_failed", {})
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "judgements.sqlite").write_bytes(b"no database" * 1000)
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "damaged"))
    at = opened(query=str(dataset.judgements.query_ids[0]), labels="majority")
    assert not at.exception
    assert labels_shown(at) == published
    assert store


def test_where_there_is_a_login_strangers_read_no_names(dataset: Dataset, give: Give) -> None:
    give("anna", 0, 0, "Exact")
    query_id = str(dataset.judgements.query_ids[0])
    (judge,) = label_sets.judged("tiny").judges
    with with_login():
        at = opened(query=query_id, labels=f"judge-{judge}")
        (choice,) = [each for each in at.radio if each.label == "Whose labels count"]
    assert not any("anna" in option.lower() for option in choice.options)
    assert "shown to people who are signed in" in said(at)
