"""Settings in a real browser: what Back, page changes, quick keys and the keyboard do to link, widgets and page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import CARDS, becomes, link_of, running, settled, visitor
from fixtures import build_tiny_bundle

pytestmark = pytest.mark.browser
QUEUE = ".queue .pick[aria-current='true']"
COPIES = 12


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a bundle with a long list of queries."""
    root = tmp_path_factory.mktemp("many")
    build_tiny_bundle(root / "many", name="many", copies=COPIES)
    with running(root) as found:
        yield found


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    with visitor(browser, address) as go:
        yield lambda link="", wait_for="h1, h2", **options: go(link, wait_for=wait_for, **options)


def weight_of(page: Any, name: str = "Image weight") -> float:
    return float(page.get_by_role("slider", name=name).first.get_attribute("value") or "nan")


def row(page: Any, place: int) -> Any:
    found = page.locator(".st-key-query-list tbody tr").nth(place)
    found.wait_for()
    settled(page)
    return found


def go_to(page: Any, name: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
    page.get_by_role("heading", level=1, name=name).wait_for() if name not in ("Search", "Compare") else None
    settled(page)


def test_rows_of_a_preset_open_again_and_again(visit: Callable[..., Any]) -> None:
    page = visit("queries?preset=fusion+hurts")
    for place in (0, 1, 2):
        query = row(page, place).get_attribute("data-id")
        assert weight_of(page) == 0.5
        assert page.get_by_role("radio", name="Fusion hurts").is_checked()
        row(page, place).locator("td").nth(2).click()
        page.wait_for_url("**/?*set=*")
        page.wait_for_selector(CARDS.format("fused"))
        # The first of a set is in no link.
        opened = {"query": query} if place else {}
        becomes(page, lambda: link_of(page), {"set": "preset-fusion hurts~run-fused", **opened})
        assert page.locator(".walk .chip[aria-current='true']").get_attribute("data-query") == query
        page.go_back()
        page.get_by_role("heading", level=1, name="Queries").wait_for()
        becomes(page, lambda: link_of(page), {"preset": "fusion hurts"})


def test_a_scope_that_back_left_stays_lit_and_true(visit: Callable[..., Any]) -> None:
    page = visit(wait_for=CARDS.format("fused"))
    page.get_by_role("radio", name="Whole catalogue").check(force=True)
    page.wait_for_url("**scope=catalogue*")
    box = page.get_by_role("searchbox")
    for text in ("mug", "red lamp"):
        box.fill(text)
        box.press("Enter")
        page.wait_for_url(f"**q={text.replace(' ', '+')}*")
        settled(page)
    page.go_back()
    becomes(page, lambda: link_of(page), {"q": "mug", "scope": "catalogue"})
    settled(page)
    page.get_by_role("button", name="Surprise me").click()
    page.wait_for_url("**query=*")
    settled(page)
    assert link_of(page).keys() == {"query", "scope"}
    assert page.get_by_role("radio", name="Whole catalogue").is_checked()
    assert "Searching the whole catalogue" in page.locator(".st-key-headline").inner_text()
    assert box.input_value() == ""


def test_one_fusion_for_all_pages_and_one_entry_a_page(visit: Callable[..., Any]) -> None:
    page = visit(wait_for=CARDS.format("fused"))
    page.locator(".steer .slider").press("ArrowRight")
    page.wait_for_url("**w=0.51*")
    settled(page)
    entries = page.evaluate("history.length")
    for number, name in enumerate(("Queries", "Evaluate", "Breakdown", "Compare"), 1):
        go_to(page, name)
        wanted = {"b": "fused~w0.51"} if name == "Compare" else {"w": "0.51"}
        becomes(page, lambda: link_of(page), wanted)
        assert weight_of(page, "Image weight of B" if name == "Compare" else "Image weight") == 0.51
        assert page.evaluate("history.length") == entries + number
    page.go_back()
    page.get_by_role("heading", level=1, name="Breakdown").wait_for()
    page.go_back()
    page.get_by_role("heading", level=1, name="Evaluate").wait_for()
    settled(page)
    assert (link_of(page), weight_of(page)) == ({"w": "0.51"}, 0.51)
    page.get_by_role("slider", name="Image weight").first.press("ArrowRight")
    page.wait_for_url("**w=0.52*")
    go_to(page, "Search")
    becomes(page, lambda: link_of(page), {"w": "0.52"})
    page.go_back()
    page.get_by_role("heading", level=1, name="Evaluate").wait_for()
    page.go_back()
    becomes(page, lambda: weight_of(page), 0.51)


AFTER_FRAMES = """async (node) => {
  for (let left = 5; left; left -= 1) await new Promise(requestAnimationFrame);
  return node.scrollTop;
}"""


def test_order_and_place_of_a_list_survive_back(visit: Callable[..., Any]) -> None:
    page = visit("queries")
    row(page, 0)
    page.locator(".st-key-query-list th[data-name=image] button").click()
    page.wait_for_url("**sort=-image*")
    settled(page)
    shown = page.locator(".st-key-query-list td.number:nth-child(3)").all_inner_texts()
    assert len(shown) == 8 * COPIES
    assert shown == sorted(shown, reverse=True)
    list_, main = page.locator(".st-key-query-list .scroller"), page.get_by_test_id("stMain")
    main.evaluate("node => (node.scrollTop = 150)")
    opened = page.locator(".st-key-query-list tbody tr").nth(30).locator(".open")

    def scrolls() -> bool:
        # A table that is drawn anew in this very frame never hears of it: then once more, as anybody would.
        opened.hover()  # which scrolls to it
        return bool(list_.evaluate(AFTER_FRAMES) > 0)

    becomes(page, scrolls, True)
    there, above = list_.evaluate("node => node.scrollTop"), main.evaluate("node => node.scrollTop")
    opened.click()
    page.wait_for_url("**/?*query=*")
    page.wait_for_selector(CARDS.format("fused"))
    page.go_back()
    row(page, 0)
    becomes(page, lambda: list_.evaluate("node => node.scrollTop"), there)
    becomes(page, lambda: main.evaluate("node => node.scrollTop"), above)
    assert page.locator(".st-key-query-list td.number:nth-child(3)").all_inner_texts() == shown
    assert link_of(page) == {"sort": "-image"}


@pytest.mark.parametrize(
    ("link", "key"), [("queries", "query-list"), ("breakdown", "group-list"), ("dataset", "suspect-list")]
)
@pytest.mark.parametrize("press", ["Enter", "Space"])
def test_focus_opens_nothing_and_a_key_does(visit: Callable[..., Any], link: str, key: str, press: str) -> None:
    page = visit(link)
    rows = page.locator(f".st-key-{key} tbody tr")
    rows.first.wait_for()
    settled(page)
    rows.first.locator("xpath=ancestor::table//th[last()]//button").focus()
    here = page.url
    page.keyboard.press("Tab")
    focused = f"document.querySelector('.st-key-{key} .rows, .st-key-{key} [data-testid]')"
    assert focused
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    settled(page)
    assert page.url == here
    page.keyboard.press(press)
    page.wait_for_url(lambda url: url != here and ("query=" in url or "group=" in url))


def test_ten_quick_presses_are_ten_steps(visit: Callable[..., Any]) -> None:
    page = visit("compare", wait_for=".swaps .sum")
    settled(page)
    ids = page.locator(".queue .pick").evaluate_all("nodes => nodes.map(node => node.dataset.query)")
    for _ in range(10):
        page.keyboard.press("j")
    page.wait_for_selector(f"{QUEUE}[data-query='{ids[10]}']")
    settled(page)
    assert link_of(page) == {"query": ids[10]}
    for _ in range(4):
        page.keyboard.press("k")
    page.wait_for_selector(f"{QUEUE}[data-query='{ids[6]}']")
