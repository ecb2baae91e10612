"""A visitor's journey in a real browser: from the start page to why the pictures won, in three clicks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import running, settled, visitor

from precompute.demo.build import build_demo

pytestmark = pytest.mark.browser
MOST_CLICKS = 3


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("visited")
    build_demo(folder / "demo", 0, products=420, queries=60)
    with running(folder) as found:
        yield found


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    with visitor(browser, address) as go:
        yield go


def in_the_window(page: Any, locator: Any) -> bool:
    box, size = locator.bounding_box(), page.viewport_size
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize(("width", "height", "lists", "cards"), [(1366, 768, 3, 2), (390, 844, 1, 1)])
def test_the_first_screen_holds_slider_and_products_with_pictures(
    visit: Callable[..., Any], width: int, height: int, lists: int, cards: int
) -> None:
    page = visit("", width=width, height=height)
    settled(page)
    assert in_the_window(page, page.get_by_text("Drag the slider"))
    assert in_the_window(page, page.get_by_role("slider", name="Image weight"))
    assert in_the_window(page, page.get_by_role("button", name="Pictures win"))
    seen = [column for column in page.locator(".column").all() if column.is_visible()]
    assert len(seen) == lists
    for column in seen:
        # In the order of the list, whatever order the cards were made in.
        boxes = sorted(thumb.bounding_box()["y"] for thumb in column.locator(".card .thumb").all())
        assert boxes[cards - 1] < height - 40
    # One number a list; the others are a press away.
    assert not page.locator(".numbers table").is_visible()
    page.get_by_role("button", name="More numbers").click()
    assert page.locator(".numbers table").is_visible()


def test_a_visitor_learns_why_the_pictures_won(visit: Callable[..., Any], record_property: Callable[..., None]) -> None:
    begun, clicks = time.perf_counter(), 0
    page = visit("", width=1366, height=768)
    settled(page)
    assert page.get_by_text("Picked because pictures win here").is_visible()
    for control in (
        page.locator(".column[data-key='image'] .card .title").first,
        page.locator(".why").get_by_role("button", name="Details"),
        page.get_by_role("button", name="Leave out each word"),
    ):
        control.click()
        clicks += 1
    measured = re.compile(r"Without .* it .* by picture\.|No word moves it")
    page.get_by_text(measured).first.wait_for(timeout=60_000)
    record_property("clicks", clicks)
    record_property("seconds", round(time.perf_counter() - begun, 1))
    assert clicks <= MOST_CLICKS


def test_a_term_says_what_it_means_to_pointer_focus_and_reader(visit: Callable[..., Any]) -> None:
    page = visit("", width=1366, height=768)
    settled(page)
    term = page.locator(".column[data-key='text'] .worth")
    says = term.get_attribute("aria-description")
    assert says.startswith("How near a ranking is to the best order")

    def bubble() -> str:
        return str(term.evaluate("node => getComputedStyle(node, '::after').content"))

    assert bubble() == "none"
    term.focus()
    assert says in bubble()
    page.get_by_role("slider", name="Image weight").focus()
    assert bubble() == "none"
    term.hover()
    assert says in bubble()
