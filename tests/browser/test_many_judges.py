"""Many judges at one server, some of them in real browsers; and a server that is killed while somebody judges.

SQID_JUDGES=20 (by night) has 20 judges of 100 acts each, five of them in browsers, and ten kills; here a few of each.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from browsing import becomes, chromium, settled, visitor
from judging_app import make_book
from judging_house import House, known, secret_of
from postgres_server import cluster

from sqid_core.bundle.load import load_bundle

pytestmark = pytest.mark.browser
JUDGES = int(os.environ.get("SQID_JUDGES", "5"))
ACTS, BROWSERS, KILLS = (100, 5, 10) if JUDGES >= 20 else (15, 1, 1)
LETTERS = "esci"
# What the desk wrote down: the key of each act that was put into the browser's storage. Presses that found no desk, or
# no pair, wrote nothing.
WATCH = """() => {
    const put = Storage.prototype.setItem;
    window.took = [];
    Storage.prototype.setItem = function (name, text) {
        put.call(this, name, text);
        if (name.startsWith('sqid act ')) window.took.push(JSON.parse(text).key);
    };
}"""


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    chromium()
    if request.param == "sqlite":
        yield House(tmp_path)
        return
    with cluster() as made:
        yield House(tmp_path, made.url)


def desk(go: Callable[..., Any], name: str, book: str) -> Any:
    page = go(f"judge?book={book}", wait_for=".desk .where:not(:empty)", storage_state=known(name))
    settled(page)
    return page


def saved(page: Any) -> bool:
    return str(page.locator(".desk .state").text_content()) == "All saved"


def others_in(answer: Any) -> list[Any]:
    """What an answer of the server says of others' labels, wherever it stands."""
    if isinstance(answer, dict):
        own = answer.get("others", []) if isinstance(answer.get("others"), list) else []
        return [*own, *(found for value in answer.values() for found in others_in(value))]
    return [found for value in answer for found in others_in(value)] if isinstance(answer, list) else []


def judge_by_http(address: str, house: House, name: str, book: str, seed: int) -> list[Any]:
    """Judges until the book is done, some twice, as where an answer was lost; returns what was said of others."""
    chance, session, leaked = random.Random(seed), requests.Session(), []
    session.cookies.set("sqid_judge", secret_of(name))
    judge = house.store.judge_of(secret_of(name))
    assert judge is not None
    fingerprint = load_bundle(house.bundle).fingerprint
    bundle, number = {"bundle": "tiny", "fingerprint": fingerprint, "judge": judge.id}, 0
    while number < ACTS:
        asked = session.get(f"{address}judging/queue", params={"bundle": "tiny", "book": book}, timeout=60)
        asked.raise_for_status()
        pairs = asked.json()["pairs"]
        leaked += others_in(asked.json())
        acts = []
        for pair in pairs[: min(chance.randint(1, 8), ACTS - number)]:
            number += 1
            label = chance.choice(["Exact", "Substitute", "Complement", "Irrelevant"])
            ids = {"query_id": pair["query_id"], "product_id": pair["product_id"]}
            acts.append(
                {"key": f"{name}-{number}", "kind": "label", "number": number, "value": label, "book": book, **ids}
            )
        for _ in range(1 + (chance.random() < 0.3)):
            told = session.post(f"{address}judging/acts", json={**bundle, "acts": acts}, timeout=60)
            assert told.ok, told.text
            assert sorted(told.json()["confirmed"]) == sorted(act["key"] for act in acts)
            leaked += others_in(told.json())
    return leaked


def test_many_judges_at_once(browser: Any, house: House) -> None:
    names = [f"judge{number}" for number in range(JUDGES)]
    for name in names:
        house.store.enrol(secret_of(name), name, "judge")
    make_book(house.store, house.bundle, ACTS, id="many", name="Many", judges=1000, anybody=False)
    leaked: list[Any] = []
    with house.open() as (address, _), visitor(browser, address) as go, ThreadPoolExecutor(JUDGES) as pool:
        pages = [desk(go, name, "many") for name in names[:BROWSERS]]
        for page in pages:
            page.on("response", lambda answer: leaked.extend(_said(answer)) if "judging/" in answer.url else None)
        others = [
            pool.submit(judge_by_http, address, house, name, "many", seed) for seed, name in enumerate(names[BROWSERS:])
        ]
        for number in range(ACTS):
            for page in pages:
                page.locator(".desk .query").wait_for()
                page.keyboard.press(LETTERS[number % 4])
        for page in pages:
            becomes(page, lambda page=page: saved(page), True)
        for each in others:
            leaked += each.result()
    acts = house.store.acts("tiny", book="many")
    assert len(acts) == acts["key"].nunique() == JUDGES * ACTS
    assert acts["seq"].tolist() == list(range(1, JUDGES * ACTS + 1))
    for _, own in acts.groupby("judge"):
        assert len(own) == ACTS
        assert own["number"].is_monotonic_increasing
        assert not own.duplicated(["query_id", "product_id"]).any()
    assert leaked == []


def _said(answer: Any) -> list[Any]:
    try:
        return others_in(answer.json())
    except Exception:
        return []  # the page was closed before its body was read


def test_a_server_killed_at_any_moment_loses_nothing(
    browser: Any, house: House, record_property: Callable[..., None]
) -> None:
    """What the desk took down is what counts: a press while the page is drawn anew finds no pair, and is none."""
    chance, pressed, page = random.Random(7), 0, None
    house.store.enrol(secret_of("anna"), "anna", "judge")
    make_book(house.store, house.bundle, 130, id="killed", name="Killed", anybody=False)
    address = f"http://127.0.0.1:{house.port}/"
    with visitor(browser, address) as go:
        for _ in range(KILLS):
            with house.open() as (_, process):
                if page is None:
                    page = desk(go, "anna", "killed")
                    page.evaluate(WATCH)
                pressed += press(page, chance, chance.randint(1, 5))
                page.wait_for_timeout(chance.randint(0, 400))
                process.kill()
                process.wait()
            confirmed = house.store.acts("tiny", book="killed")["key"].tolist()
            pressed += press(page, chance, 4)
            with house.open():
                becomes(page, lambda page=page: saved(page), True)
                found = house.store.acts("tiny", book="killed")
                assert found["key"].tolist()[: len(confirmed)] == confirmed
                assert found["key"].tolist() == page.evaluate("() => window.took")
                assert found["number"].tolist() == list(range(1, len(found) + 1))
        record_property("presses that the desk took, of all", f"{len(found)} of {pressed}")
        assert 0.5 * pressed < len(found) <= pressed


def press(page: Any, chance: random.Random, times: int) -> int:
    """So many hasty presses."""
    for _ in range(times):
        page.keyboard.press(chance.choice(LETTERS))
    return times
