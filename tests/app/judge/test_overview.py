"""What has come of judging, as the Judge page shows it; and findings where they are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from judging_app import SECRETS, Send, label_act, make_book
from searching import widget
from streamlit.testing.v1 import AppTest
from test_judge_page import opened, part, shown

from sqid_core.analysis.groupings import categories
from sqid_core.bundle.load import Dataset
from sqid_core.errors import StoreError
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.judging.acts import adjudicated
from sqid_core.judging.store import Judge, Store

pytestmark = pytest.mark.usefixtures("word_encoder")
Known = Any


@pytest.fixture
def known_as(monkeypatch: pytest.MonkeyPatch) -> Known:
    return lambda name: monkeypatch.setattr("sqid_ui.login.who.secret_in", lambda _: SECRETS.get(name, ""))


@pytest.fixture
def judged(store: Store, dataset: Dataset, send: Send) -> Dataset:
    """Twelve pairs that bo and anna judged, not alike on four of them; tags and a note of bo."""
    make_book(store, dataset.folder, blind=False)
    pairs = store.pairs("book1")[["query_id", "product_id"]].to_dict("records")
    for name, letters in (("bo", "EEEESSSSCCII"), ("anna", "EEEESSIICCEE")):
        labels = {label[0]: label for label in dataset.scale.names}
        acts = [
            label_act(pair, number, labels[letter], key=f"{name}{number}")
            for number, (pair, letter) in enumerate(zip(pairs, letters, strict=True), 1)
        ]
        assert send(name, *acts).json()["refused"] == {}
    found = {"query_id": pairs[0]["query_id"], "product_id": "", "book": "book1", "link": "/?query=00"}
    tags = [
        {**found, "kind": "tag", "value": "picture misleads", "key": "t1", "number": 20},
        {**found, "kind": "note", "value": "<b>a cover</b>", "key": "n1", "number": 21},
    ]
    assert send("bo", *tags).json()["refused"] == {}
    return dataset


def test_agreement_and_the_leads_last_word(judged: Dataset, store: Store, known_as: Known) -> None:
    known_as("lea")
    at = opened(view="agreement")
    metrics = {each.label: each.value for each in at.metric}
    assert metrics["Pairs with two or more labels"] == "12"
    assert metrics["Disagreements left"] == "4"
    assert 0 < float(metrics["Alpha, labels as names"]) < 1
    tables = [each.value for each in at.dataframe]
    kappas = next(table for table in tables if "kappa" in table)
    assert kappas[["n", "agree"]].to_numpy().tolist() == [[12, pytest.approx(8 / 12)]]
    listed = part(at, "disagreement-list")
    at.session_state["disagreement"] = listed["ids"][0]
    at.run()
    at.button(key=f"last word {judged.scale.names[0]}").click().run()
    assert not at.exception
    query, product = listed["ids"][0].split(" ", 1)
    said = adjudicated(store.acts("tiny"))
    assert said[["query_id", "product_id", "value"]].to_numpy().tolist() == [[query, product, judged.scale.names[0]]]
    assert {each.label: each.value for each in at.metric}["Disagreements left"] == "3"


def test_a_last_word_that_cannot_be_stored_is_a_sentence(
    judged: Dataset, known_as: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_as("lea")
    at = opened(view="agreement")
    at.session_state["disagreement"] = part(at, "disagreement-list")["ids"][0]
    at.run()

    def full(*_: Any) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr("sqid_core.store.sql_store.SqlStore.add", full)
    at.button(key=f"last word {judged.scale.names[0]}").click().run()
    assert not at.exception
    assert "not stored: the disk is full" in shown(at)
    assert {each.label: each.value for each in at.metric}["Disagreements left"] == "4"


def test_who_was_a_lead_has_no_last_word_in_a_page_that_stayed_open(
    judged: Dataset, store: Store, judges: dict[str, Judge], known_as: Known
) -> None:
    known_as("lea")
    at = opened(view="agreement")
    at.session_state["disagreement"] = part(at, "disagreement-list")["ids"][0]
    at.run()
    store.grant(judges["lea"].id, "judge")
    at.button(key=f"last word {judged.scale.names[0]}").click().run()
    assert "not stored: only a lead has it" in shown(at)
    assert adjudicated(store.acts("tiny")).empty


def test_whoever_is_no_lead_has_no_last_word(judged: Dataset, known_as: Known) -> None:
    assert judged
    known_as("bo")
    at = opened(view="agreement")
    at.session_state["disagreement"] = part(at, "disagreement-list")["ids"][0]
    at.run()
    assert "A lead has the last word" in shown(at)
    assert not [each for each in at.button if (each.key or "").startswith("last word")]


def test_findings_open_their_queries_and_markup_is_text(judged: Dataset, known_as: Known) -> None:
    known_as("bo")
    at = opened(view="findings")
    findings = next(each.value for each in at.dataframe if "note" in each.value)
    assert findings["note"].tolist()[0] == "<b>a cover</b>"
    assert set(findings["tag"]) == {"picture misleads", ""}
    shares = next(each.value for each in at.dataframe if "split" in each.value)
    assert shares["tag"].tolist() == ["picture misleads", "no tag"]
    assert shares["queries"].sum() <= len(judged.queries)


def test_a_books_own_tag_is_given_and_found_by_what_its_queries_have_in_common(
    judged: Dataset, store: Store, send: Send, known_as: Known
) -> None:
    own = "sold as a set"
    book = store.book("book1")
    pair = store.pairs("book1")[["query_id", "product_id"]].to_dict("records")[5]
    tag = label_act(pair, 30, own, kind="tag", key="own", link="/judge?book=book1")
    assert "no tag" in send("bo", tag).json()["refused"]["own"]
    store.change_book(replace(book, tags=(*book.tags, own)))
    assert send("bo", tag).json()["refused"] == {}
    known_as("bo")
    at = opened(view="findings")
    assert own in next(each.value for each in at.dataframe if "split" in each.value)["tag"].tolist()
    table = next(each.value for each in at.dataframe if "note" in each.value)
    assert table.iloc[0][["tag", "product_id", "link"]].tolist() == [own, pair["product_id"], "/judge?book=book1"]
    query = judged.judgements.row_of(pair["query_id"])
    groups = {}
    for way in ("who wins", "how much B loses against A", "category"):
        at.selectbox(key="tags by").set_value(way).run()
        assert not at.exception
        rows = pd.DataFrame(part(at, "tag-groups")["cells"])
        groups[way] = rows.loc[rows["tag"] == own, "group"].tolist()
    text, image = (evaluate(judged, run_of(judged, name)).values("ndcg")[query] for name in judged.signals)
    assert groups["who wins"] == ["text wins" if text > image else "image wins" if image > text else "equal"]
    assert groups["category"] == [categories(judged)[query]]
    at.selectbox(key="findings a").set_value("words_image")
    at.selectbox(key="findings b").set_value("words_text")
    at.selectbox(key="tags by").set_value("how much B loses against A").run()
    cells = part(at, "tag-groups")["cells"]
    step = cells["group"][cells["tag"].index(own)]
    assert step.startswith("B wins" if text > image else "B loses" if image > text else "equal")


def test_what_the_labels_change_in_every_method(judged: Dataset, known_as: Known) -> None:
    known_as("bo")
    at = opened(view="changes")
    table = next(each.value for each in at.dataframe if "before" in each.value)
    assert len(table) > len(judged.signals)
    assert (table["after"] - table["before"]).abs().max() > 0
    assert "labels of most judges" in shown(at).lower()
    # The book was not drawn by chance.
    assert not {"low", "high"} & set(table)
    assert "without an interval" in shown(at)


@pytest.mark.parametrize("view", ["agreement", "findings", "changes"])
def test_while_a_blind_book_is_open_only_a_lead_sees_it(
    judged: Dataset, store: Store, known_as: Known, view: str
) -> None:
    blind = make_book(store, judged.folder, id="blind", name="Blind")
    known_as("bo")
    assert "only a lead sees" in shown(opened(view=view))
    known_as("lea")
    assert "only a lead sees" not in shown(opened(view=view))
    store.change_book(replace(blind, closed=True))
    known_as("bo")
    assert "only a lead sees" not in shown(opened(view=view))


@pytest.mark.parametrize("source", ["decisive", "overturning"])
def test_pairs_that_decide_between_two_runs_are_a_book(
    judged: Dataset, store: Store, known_as: Known, source: str
) -> None:
    assert judged
    known_as("lea")
    at = opened()
    widget(at, "source").set_value(source).run()
    next(each for each in at.text_input if each.label == "Name").set_value(f"By {source}").run()
    next(each for each in at.button if each.label == "Make the book").click().run()
    assert not at.exception
    book = next(each for each in store.books("tiny") if each.name == f"By {source}")
    assert book.source.startswith("chosen by these rankers")
    assert not book.by_chance
    assert len(store.pairs(book.id)) > 0


def test_nobody_judged_yet(store: Store, dataset: Dataset, known_as: Known) -> None:
    assert dataset
    assert store
    known_as("anna")
    for view in ("agreement", "findings", "changes"):
        assert "Nobody has judged" in shown(opened(view=view))


def finding(at: AppTest) -> dict[str, Any]:
    found = part(at, "finding")
    return {**found["found"], "book": found["book"], "number": found["number"]}


def test_a_finding_is_known_on_search_and_compare(judged: Dataset, store: Store, known_as: Known) -> None:
    query = str(store.pairs("book1")["query_id"].iloc[0])
    known_as("bo")
    for page in ("search", "compare"):
        at = opened(query=query)
        at.switch_page(f"pages/{page}.py")
        at.query_params["query"] = query
        at.run()
        assert not at.exception
        assert finding(at) == {
            "tags": [{"key": "t1", "value": "picture misleads"}],
            "note": "<b>a cover</b>",
            "book": "book1",
            "number": 21,
        }
    known_as("anna")
    at = opened(query=query)
    at.switch_page("pages/search.py").run()
    assert finding(at)["tags"] == []  # another's are not shown
    known_as("nobody")
    at = opened(query=query)
    at.switch_page("pages/search.py").run()
    with pytest.raises(KeyError):
        part(at, "finding")
    assert judged


def test_judges_are_named(judged: Dataset, judges: dict[str, Judge], known_as: Known) -> None:
    assert judged
    assert judges
    known_as("bo")
    table = next(each.value for each in opened(view="agreement").dataframe if "seconds" in each.value)
    assert sorted(table["judge"]) == ["anna", "bo"]
