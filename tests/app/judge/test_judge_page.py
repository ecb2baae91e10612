"""The Judge page as AppTest sees it: who somebody is, books, making them, leads, and where nothing can be judged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from judging_app import GUIDELINES, SECRETS, make_book
from places import APP
from searching import link_of, widget
from streamlit.testing.v1 import AppTest

from sqid_core.bundle.load import Dataset
from sqid_core.errors import InputError
from sqid_core.judging.store import Judge, Store
from sqid_ui.judge.book_sources import SOURCES
from sqid_ui.judge.lead import Printed
from sqid_ui.judge.open_book import without_extras

pytestmark = pytest.mark.usefixtures("word_encoder")
Known = pytest.MonkeyPatch


@pytest.fixture
def known_as(monkeypatch: Known) -> Any:
    """Whose cookie comes with the page."""

    def somebody(name: str) -> None:
        monkeypatch.setattr("sqid_ui.login.who.secret_in", lambda _: SECRETS.get(name, ""))

    return somebody


def opened(**link: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    at.switch_page("pages/judge.py")
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception
    return at


def shown(at: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(each.value) for kind in kinds for each in getattr(at, kind))


def part(at: AppTest, key: str) -> dict[str, Any]:
    """What a component is told."""
    found: dict[str, Any] = json.loads(at.get_by_key(key).proto.json)
    return found


def test_whoever_has_no_name_takes_one(store: Store, dataset: Dataset, known_as: Any) -> None:
    make_book(store, dataset.folder)
    known_as("anna")
    at = opened(book="book1")
    assert "First pairs** waits for you" in shown(at)
    at.text_input(key="judge name").set_value("  <b>Anna</b> *x* ")
    at.button(key="FormSubmitter:name-Begin").click().run()
    assert not at.exception
    (judge,) = store.judges().values()
    assert (judge.name.strip(), judge.role) == ("<b>Anna</b> *x*", "viewer")
    assert part(at, "desk book1")["judge"] == judge.id
    assert "as \\<b\\>Anna" in shown(at)


def test_a_name_is_asked_for_until_there_is_one(store: Store, known_as: Any) -> None:
    known_as("anna")
    at = opened()
    at.button(key="FormSubmitter:name-Begin").click().run()
    assert "Type a name" in shown(at)
    assert store.judges() == {}


def test_a_browser_without_cookies_is_told(store: Store, known_as: Any) -> None:
    known_as("nobody")
    assert "keeps no cookie" in shown(opened())


def test_the_desk_is_told_nothing_that_is_hidden(
    store: Store, dataset: Dataset, judges: dict[str, Judge], known_as: Any
) -> None:
    make_book(store, dataset.folder)
    known_as("anna")
    at = opened(book="book1")
    told = part(at, "desk book1")
    assert set(told) == {"address", "bundle", "fingerprint", "judge", "book", "scale"}
    assert set(told["book"]) == {"id", "name", "tags", "blind"}
    assert "secret ranker" not in shown(at)
    assert link_of(at)["book"] == "book1"


def test_guidelines_are_markdown_and_nothing_more(
    store: Store, dataset: Dataset, judges: dict[str, Judge], known_as: Any
) -> None:
    make_book(store, dataset.folder)
    known_as("bo")
    (markdown,) = [each for each in opened(book="book1").markdown if "Fits?" in each.value]
    assert not markdown.allow_html
    assert markdown.value == without_extras(GUIDELINES)
    assert without_extras("![p](http://x/y) :red[z] $5 **b** [l](http://x)") == (
        "\\![p](http://x/y) \\:red[z] \\$5 **b** [l](http://x)"
    )


def test_books_are_listed_with_what_is_left(
    store: Store, dataset: Dataset, judges: dict[str, Judge], known_as: Any
) -> None:
    book = make_book(store, dataset.folder)
    make_book(store, dataset.folder, 3, id="book2", name="<b>Second</b>", blind=False, closed=True)
    known_as("anna")
    at = opened()
    cells = part(at, "book list")["cells"]
    assert cells["name"] == ["First pairs", "<b>Second</b>"]
    assert (cells["pairs"], cells["left"], cells["state"]) == ([12, 3], ["12", "3"], ["blind", "closed"])
    assert not [each for each in at.expander if each.label == "New book"]
    assert "is closed" in shown(opened(book="book2"))
    store.change_book(replace(book, anybody=False))
    assert "those who were made judges" in shown(opened(book="book1"))


def test_a_link_makes_a_lead_once(store: Store, judges: dict[str, Judge], known_as: Any) -> None:
    code = store.lead_code()
    known_as("anna")
    at = opened(lead=code)
    assert store.judges()[judges["anna"].id].role == "lead"
    assert "lead" not in link_of(at)
    assert [each for each in at.expander if each.label == "New book"]
    known_as("bo")
    assert "used before" in shown(opened(lead=code))
    assert store.judges()[judges["bo"].id].role == "judge"


def test_the_server_prints_the_link_for_a_lead(
    store: Store,
    judges: dict[str, Judge],
    known_as: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known_as("bo")
    at = opened()
    monkeypatch.setattr("sqid_ui.judge.lead.PRINTED", Printed())
    links = [button for button in at.button if button.label == "Print a link for a lead"]
    links[0].click().run()
    code = capsys.readouterr().out.partition("lead=")[2].split()[0]
    assert code not in shown(at)
    links[0].click().run()
    assert "One was printed a moment ago" in shown(at)
    assert capsys.readouterr().out == ""
    assert store.redeem(code, judges["bo"].id)


def test_a_lead_says_who_judges(store: Store, judges: dict[str, Judge], known_as: Any) -> None:
    known_as("lea")
    at = opened()
    at.selectbox(key=f"role of {judges['anna'].id}").set_value("judge").run()
    assert store.judges()[judges["anna"].id].role == "judge"


def test_who_was_a_lead_says_nothing_more_in_a_page_that_stayed_open(
    store: Store, judges: dict[str, Judge], known_as: Any
) -> None:
    known_as("lea")
    at = opened()
    store.grant(judges["lea"].id, "viewer")
    at.selectbox(key=f"role of {judges['anna'].id}").set_value("lead").run()
    assert [store.judges()[judges[name].id].role for name in ("anna", "lea")] == ["viewer", "viewer"]


# An area takes a map, which this bundle has not: see tests/browser/test_browser_map.py.
@pytest.mark.parametrize("name", [name for name in SOURCES if name != "area"])
def test_a_book_of_every_source(
    store: Store, dataset: Dataset, judges: dict[str, Judge], known_as: Any, name: str
) -> None:
    known_as("lea")
    at = opened()
    widget(at, "source").set_value(name).run()
    next(each for each in at.text_input if each.label == "Name").set_value("Mine").run()
    next(button for button in at.button if button.label == "Make the book").click().run()
    assert not at.exception
    if name in ("set", "list"):
        assert {"set": "no queries are chosen", "list": "no file was chosen"}[name] in shown(at)
        return
    (book,) = store.books("tiny")
    assert (book.name, book.blind, book.by_chance) == ("Mine", True, name in ("pairs", "queries"))
    assert len(store.pairs(book.id)) > 0
    assert link_of(at)["book"] == book.id


def test_a_lead_changes_a_book(store: Store, dataset: Dataset, judges: dict[str, Judge], known_as: Any) -> None:
    book = make_book(store, dataset.folder)
    known_as("lea")
    at = opened(book="book1")
    next(each for each in at.text_area if each.label == "Tags, one a line").set_value("odd\n\nodd\n new ")
    next(each for each in at.toggle if each.label == "Closed").set_value(True)
    next(button for button in at.button if button.label == "Save").click().run()
    assert store.book(book.id) == replace(book, tags=("odd", "new"), closed=True)


def test_without_the_extra_one_sentence_and_the_other_pages(
    store: Store, known_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(extra: str, module: str) -> None:
        raise InputError(f"{module} is not installed; this needs the extra {extra}")

    monkeypatch.setattr("sqid_core.store.opening.needs", missing)
    known_as("anna")
    at = opened()
    assert "needs the extra judge" in shown(at).replace("\\", "")
    assert "All other pages work" in shown(at)
    at.switch_page("pages/search.py").run()
    assert not at.exception


def test_a_store_that_cannot_be_opened_is_one_sentence(
    store: Store, known_as: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "file" / "state"))
    known_as("anna")
    assert "Nothing can be judged now" in shown(opened())
