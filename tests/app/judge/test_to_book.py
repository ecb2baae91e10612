"""From what somebody looks at to a new book of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from analysing import opened
from judging_app import SECRETS
from searching import rerun, widget
from streamlit.testing.v1 import AppTest

from sqid_core.analysis.query_sets import SetSpec, write_set
from sqid_core.bundle.load import Dataset
from sqid_core.judging.store import Judge, Store

pytestmark = pytest.mark.usefixtures("word_encoder")

WAYS = [
    ("dataset", {"view": "suspects"}, "Judge suspect labels", {"source": "suspects"}),
    ("breakdown", {}, "Judge losses and wins", {"source": "losses", "a": "signal~words_text", "b": "fused"}),
    ("breakdown", {"set": write_set(SetSpec(find="shoe"))}, "Judge this set", {"source": "set"}),
    ("compare", {}, "Judge losses and wins", {"source": "losses", "a": "signal~words_text", "b": "fused"}),
]


def ways(at: AppTest) -> dict[str, dict[str, str]]:
    """The links to the Judge page: what each fills in, by its label."""
    links = [each.proto for each in at.get("page_link")]
    return {link.label: dict(parse_qsl(link.query_string)) for link in links if link.label.startswith("Judge ")}


@pytest.fixture
def as_known(judges: dict[str, Judge], monkeypatch: pytest.MonkeyPatch) -> Any:
    assert judges
    return lambda name: monkeypatch.setattr("sqid_ui.login.who.secret_in", lambda _: SECRETS.get(name, ""))


@pytest.mark.parametrize(("page", "link", "label", "asks"), WAYS, ids=[f"{way[0]} {way[2]}" for way in WAYS])
def test_a_lead_comes_from_what_he_looks_at_to_a_book_of_it(
    store: Store, as_known: Any, page: str, link: dict[str, str], label: str, asks: dict[str, str]
) -> None:
    as_known("lea")
    at = opened(page, **link)
    assert not at.exception
    found = ways(at)[label]
    assert asks.items() <= found.items()
    at = opened("judge", **found)
    assert not at.exception
    assert widget(at, "source").value == asks["source"]
    next(each for each in at.text_input if each.label == "Name").set_value("From there").run()
    next(each for each in at.button if each.label == "Make the book").click()
    rerun(at)
    assert not at.exception
    (book,) = store.books("tiny")
    assert len(store.pairs(book.id)) > 0
    assert book.source.startswith("the judged pairs of" if asks["source"] == "set" else "chosen by these rankers")


def test_others_make_no_books(dataset: Dataset, as_known: Any) -> None:
    assert dataset
    as_known("bo")
    for page in ("dataset", "compare"):
        assert ways(opened(page, **({"view": "suspects"} if page == "dataset" else {}))) == {}


def test_a_run_of_compare_that_no_other_page_has_is_filled_in(store: Store, dataset: Dataset, as_known: Any) -> None:
    assert store
    assert dataset
    as_known("lea")
    at = opened("judge", source="decisive", a="fused~w0.9~~Mine", b="signal~words_image")
    assert [next(each for each in at.selectbox if each.label == side).value for side in "AB"] == ["Mine", "words_image"]
    at = opened("judge", source="decisive", a="nonsense")
    assert not at.exception
    assert next(each for each in at.selectbox if each.label == "A").value == "words_text"
