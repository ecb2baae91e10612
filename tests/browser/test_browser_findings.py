"""Judging and findings where one looks: on Search and on Compare, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import becomes, chromium, settled
from fixtures import MARKUP
from judging_app import SECRETS, make_book
from judging_house import House, known
from test_browser_access import serious

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    chromium()
    return House(tmp_path_factory.mktemp("looking"))


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[str]:
    with house.open() as (found, _):
        yield found


def test_judging_where_one_looks(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 6, id="open", name="Open", blind=False)
    house.store.enrol(SECRETS["anna"], "anna", "viewer")
    for link, said in (("?query=00", "s"), ("compare?query=00", "c")):
        page = visit(link, wait_for=".card .chip.judges", storage_state=known("anna"))
        settled(page)
        chip = page.locator(".card .chip.judges").first
        chip.focus()
        page.keyboard.press("Enter")
        assert serious(page) == []
        page.keyboard.press(said)
        becomes(page, lambda chip=chip: chip.get_attribute("data-said"), f"you: {said.upper()}")
        becomes(
            page, lambda said=said: house.store.acts("tiny", book="open")["value"].str[0].tolist()[-1:], [said.upper()]
        )
    page = visit("?query=00")
    assert page.locator(".chip.judges").count() == 0


def test_findings_where_one_looks(visit: Open, house: House) -> None:
    make_book(house.store, house.bundle, 12, id="found", name="Found", blind=False)
    house.store.enrol(SECRETS["bo"], "bo", "judge")
    page = visit("?query=00&w=0.3", wait_for=".finding .open", storage_state=known("bo"))
    settled(page)
    page.keyboard.press("t")
    page.locator(".finding .panel .tag").first.wait_for()
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator(".finding textarea").fill(MARKUP)
    page.keyboard.press("Enter")
    assert page.locator(".finding .shown .one").all_inner_texts() == ["picture misleads", MARKUP]

    def kept() -> list[list[str]]:
        acts = house.store.acts("tiny", book="found")
        return acts[["kind", "value"]].to_numpy().tolist()

    becomes(page, kept, [["tag", "picture misleads"], ["note", MARKUP]])
    assert set(house.store.acts("tiny", book="found")["link"]) == {"/?query=00&w=0.30"}
    page.reload()
    page.locator(".finding .shown .one").first.wait_for()
    page.keyboard.press("t")
    page.locator(".finding .panel .tag[aria-pressed=true]").wait_for()
    page.keyboard.press("1")
    becomes(page, lambda: page.locator(".finding .shown .one").all_inner_texts(), [MARKUP])
    becomes(page, lambda: kept()[-1][0], "undo")
    assert not serious(page)
