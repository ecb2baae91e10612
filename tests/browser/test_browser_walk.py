"""An annotator's journey in a real browser: sixty queries that fusion hurts, by the keyboard alone.

All sixty are walked by night (SQID_WHOLE=1), twelve of them with every change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from browsing import CARDS, becomes, link_of, running, settled, visitor
from fixtures import build_tiny_bundle
from playwright.sync_api import TimeoutError

from sqid_core.analysis.query_sets import SetSpec, query_set
from sqid_core.analysis.query_table import query_table
from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.reports import evaluate, signal_run
from sqid_core.evaluation.run_of import run_of
from sqid_core.ranking.fusion import Fusion

pytestmark = pytest.mark.browser
# Of the eight queries fusion hurts five.
COPIES = 12
WALKED = 60 if os.environ.get("SQID_WHOLE") == "1" else 12
PLACE, CHIP = ".walk .place", ".walk .chip[aria-current='true']"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return load_bundle(build_tiny_bundle(tmp_path_factory.mktemp("walked") / "many", name="many", copies=COPIES))


@pytest.fixture(scope="module")
def hurt(dataset: Dataset) -> tuple[str, ...]:
    """The ids of the queries that fusion hurts, most first."""
    runs = {name: evaluate(dataset, signal_run(dataset, f"words_{name}")).values("ndcg") for name in ("text", "image")}
    runs["fused"] = evaluate(dataset, run_of(dataset, Fusion())).values("ndcg")
    return query_set(dataset, SetSpec(preset="fusion hurts"), query_table(dataset, runs)).ids


@pytest.fixture(scope="module")
def address(dataset: Dataset) -> Iterator[str]:
    with running(Path(dataset.folder).parent) as found:
        yield found


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    with visitor(browser, address) as go:
        yield go


def shown(page: Any) -> str:
    """The query that is marked among those around."""
    return str(page.locator(CHIP).get_attribute("data-query"))


def test_sixty_queries_by_the_keyboard_alone(
    visit: Callable[..., Any], dataset: Dataset, hurt: tuple[str, ...], record_property: Callable[..., None]
) -> None:
    assert len(hurt) == 60
    page = visit("queries?preset=fusion+hurts", wait_for=".rows .open")
    settled(page)
    page.locator(".rows .open").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(CARDS.format("fused"))
    names = dict(zip(dataset.queries["query_id"], dataset.queries["query"], strict=True))
    seen, took = [shown(page)], []
    while len(seen) < WALKED:
        # Now and then in haste, and back again: what counts is the sum.
        keys = "jjjkk" if len(seen) % 10 == 5 else "j"
        began = time.perf_counter()
        for key in keys:
            page.keyboard.press(key)
        becomes(page, lambda: page.locator(PLACE).text_content(), f"{len(seen) + 1} of {len(hurt)}")
        becomes(page, lambda: shown(page), hurt[len(seen)])
        page.get_by_role("heading", name=f"“{names[hurt[len(seen)]]}”").wait_for()
        took.append(time.perf_counter() - began)
        seen.append(shown(page))
    assert seen == list(hurt[:WALKED])
    settled(page)
    becomes(page, lambda: link_of(page).get("query"), seen[-1])
    record_property("queries", len(seen))
    record_property("median seconds from a press to the list", round(sorted(took)[len(took) // 2], 3))
    # At the end a further press stays, and a reload knows the place and what was seen.
    if len(hurt) == WALKED:
        page.keyboard.press("j")
    page.reload()
    becomes(page, lambda: page.locator(PLACE).text_content(), f"{WALKED} of 60")
    becomes(page, lambda: page.locator(".walk .done").text_content(), f" · {WALKED} seen")


def test_ten_quick_presses_are_ten_steps(visit: Callable[..., Any], hurt: tuple[str, ...]) -> None:
    page = visit("?set=preset-fusion+hurts~~To+look+at")
    assert shown(page) == hurt[0]
    for _ in range(10):
        page.keyboard.press("j")
    becomes(page, lambda: page.locator(PLACE).text_content(), "11 of 60")
    page.get_by_role("button", name="Next").dblclick()
    becomes(page, lambda: page.locator(PLACE).text_content(), "13 of 60")
    becomes(page, lambda: shown(page), hurt[12])
    settled(page)
    page.locator(".walk .chip").first.click()
    becomes(page, lambda: shown(page), hurt[8])
    settled(page)
    again = visit("?" + page.url.partition("?")[2])
    becomes(again, lambda: shown(again), hurt[8])
    again.get_by_text("To look at").first.wait_for()


def test_whoever_comes_back_finds_order_and_row(visit: Callable[..., Any]) -> None:
    page = visit("queries?preset=widest+disagreement&sort=-text", wait_for=".rows .open")
    settled(page)
    row = page.locator(".rows tbody tr").nth(20)
    opened = row.get_attribute("data-id")
    # A click on a table that is drawn anew that moment is lost, and a hand clicks again.
    for patience in (20_000, 60_000):
        row.locator("td").nth(1).click()
        with suppress(TimeoutError):
            page.wait_for_selector(CARDS.format("fused"), timeout=patience)
            break
    becomes(page, lambda: page.locator(PLACE).text_content(), "21 of 96")
    settled(page)
    page.get_by_role("link", name="List").click()
    page.wait_for_selector(".rows tr[aria-current='true']")
    settled(page)
    assert page.locator(".rows tr[aria-current='true']").get_attribute("data-id") == opened
    assert page.locator("th[aria-sort='descending']").get_attribute("data-name") == "text"


def test_the_first_of_a_set_is_in_no_link_and_back_is_one_press(
    visit: Callable[..., Any], hurt: tuple[str, ...]
) -> None:
    page = visit("?set=preset-fusion+hurts")
    settled(page)
    there = page.get_by_role("link", name="Compare").last
    assert "query=" not in there.get_attribute("href")
    there.click()
    page.wait_for_selector(".swaps .sum")
    settled(page)
    assert link_of(page) == {"set": "preset-fusion hurts"}
    assert "query=" not in page.get_by_role("link", name="Open in Search").get_attribute("href")
    page.go_back()
    page.wait_for_selector(CHIP)
    settled(page)
    assert shown(page) == hurt[0]
    page.keyboard.press("j")
    becomes(page, lambda: shown(page), hurt[1])
    settled(page)
    becomes(page, lambda: f"query={hurt[1]}" in there.get_attribute("href"), True)
