"""The analysis pages in a real browser: what a click, a lasso, an export and a link do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from browsing import CARDS, becomes, link_of, settled, visitor

from sqid_core.bundle.load import load_bundle
from sqid_core.evaluation.reports import evaluate, signal_run

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    with visitor(browser, address) as go:
        yield lambda link, width=1440, height=1400: go(link, width=width, height=height, wait_for="h1")


def click_first_row(page: Any, key: str) -> str:
    """Clicks the first row of a list, beside its name; its name."""
    first = page.locator(f".st-key-{key} tbody tr").first
    first.wait_for()
    settled(page)
    name = str(first.locator(".open").text_content())
    first.locator("td").nth(1).click()
    return name


def drawn(page: Any, part: str, event: str) -> Any:
    """The first such part of the figure, once the figure tells of the event."""
    found = page.locator(f".js-plotly-plot {part}").first
    found.wait_for()
    settled(page)
    page.wait_for_function("event => document.querySelector('.js-plotly-plot')._ev?._events?.[event]", arg=event)
    return found


def test_a_click_on_a_query_opens_it_on_the_search_page(visit: Callable[..., Any], tiny_bundle: Path) -> None:
    page = visit("queries?w=0.30&preset=widest+disagreement")
    first = click_first_row(page, "query-list")
    page.wait_for_url("**/?*set=*")
    link = link_of(page)
    page.wait_for_selector(CARDS.format("fused"))
    shown = page.locator(".walk .chip[aria-current='true']").get_attribute("data-query")
    assert load_bundle(tiny_bundle).queries.set_index("query_id")["query"][shown] == first
    assert link["w"] == "0.30"
    page.go_back()
    page.locator(".st-key-title-of-list").get_by_text("8 queries").wait_for()
    becomes(page, lambda: link_of(page), {"w": "0.30", "preset": "widest disagreement"})


def test_a_lasso_on_the_map_chooses_queries_and_the_export_holds_them(
    visit: Callable[..., Any], tiny_bundle: Path, tmp_path: Path
) -> None:
    page = visit("queries")
    plot = drawn(page, ".nsewdrag", "plotly_selected")
    box = plot.bounding_box()
    # Around everything below the middle of the map: where the picture scores low.
    x0, y0, x1, y1 = (
        box["x"] + 2,
        box["y"] + box["height"] / 2,
        box["x"] + box["width"] - 2,
        box["y"] + box["height"] - 2,
    )
    page.mouse.move(x0, y0)
    page.mouse.down()
    for x, y in ((x1, y0), (x1, y1), (x0, y1), (x0, y0 + 1)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    page.wait_for_url("**pick=*")
    chosen = set(link_of(page)["pick"].split("|"))
    axis = page.evaluate("() => document.querySelector('.js-plotly-plot')._fullLayout.yaxis.range")
    middle = (axis[0] + axis[1]) / 2
    dataset = load_bundle(tiny_bundle)
    image = evaluate(dataset, signal_run(dataset, "words_image"), None, ("ndcg",)).per_query["ndcg"]
    assert chosen == set(image.index[image < middle])
    page.locator(".st-key-title-of-list").get_by_role("button", name="Take along").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    download.value.save_as(tmp_path / "queries.csv")
    rows = pd.read_csv(tmp_path / "queries.csv", comment="#", dtype={"query_id": str}).set_index("query_id")
    assert set(rows.index) == chosen
    assert all(abs(rows["image"] - image[rows.index]) < 1e-12)
    page.keyboard.press("Escape")
    again = visit("queries?" + urlsplit(page.url).query)
    again.get_by_text(f"{len(chosen)} chosen on the map").wait_for()
    page.get_by_role("button", name="Clear").click()
    page.locator(".st-key-title-of-list").get_by_text("8 queries").wait_for()


def test_a_click_on_a_point_opens_its_query_while_the_lasso_is_active(visit: Callable[..., Any]) -> None:
    page = visit("queries?find=lamp")
    point = drawn(page, ".scatterlayer .point", "plotly_selected")
    point.scroll_into_view_if_needed()
    box, hovered = point.bounding_box(), "() => document.querySelector('.js-plotly-plot')._hoverdata"
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    assert page.locator(".modebar-btn.active").first.get_attribute("data-title") == "Lasso Select"
    page.mouse.move(x + 40, y + 40)
    page.mouse.move(x, y, steps=4)
    page.wait_for_function(hovered)
    # A press that moves draws, one that stays opens.
    page.mouse.down()
    page.mouse.move(x - 60, y + 30, steps=4)
    page.mouse.up()
    settled(page)
    assert urlsplit(page.url).path == "/queries"
    page.mouse.move(x + 40, y + 40)
    page.mouse.move(x, y, steps=4)
    page.wait_for_function(hovered)
    page.mouse.click(x, y)
    page.wait_for_selector(CARDS.format("fused"))
    settled(page)
    # The first of the set, which is in no link.
    assert "find-lamp" in link_of(page)["set"]
    page.go_back()
    page.wait_for_selector(".st-key-figure-map .point")


def test_a_group_leads_to_its_queries(visit: Callable[..., Any]) -> None:
    page = visit("breakdown?group-by=query+length&w=0.40")
    click_first_row(page, "group-list")
    page.wait_for_url("**/queries?*")
    assert link_of(page) == {"w": "0.40", "by": "query length", "group": "1 word"}
    page.locator(".st-key-title-of-list").get_by_text("1 query").wait_for()


def test_a_figures_numbers_can_be_seen(visit: Callable[..., Any]) -> None:
    page = visit("evaluate?view=weight")
    page.locator(".st-key-figure-weight-curve .js-plotly-plot .main-svg").first.wait_for()
    page.locator(".st-key-title-of-weight-curve").get_by_role("button", name="Table").click()
    page.locator("[data-testid=stPopoverBody] canvas").first.wait_for()


def test_the_view_is_in_the_link_and_back_leads_back(visit: Callable[..., Any]) -> None:
    page = visit("evaluate")
    page.get_by_role("radio", name="Labels by rank").or_(
        page.get_by_role("button", name="Labels by rank")
    ).first.click()
    page.wait_for_url("**view=labels*")
    page.get_by_text("At rank 1").wait_for()
    assert parse_qs(urlsplit(page.url).query) == {"view": ["labels"]}
    page.go_back()
    page.get_by_text("Every measure").wait_for()


@pytest.mark.parametrize("name", ["queries", "evaluate", "breakdown?and-by=query+length", "dataset"])
def test_a_phone_shows_each_page_without_scrolling_sideways(visit: Callable[..., Any], name: str) -> None:
    page = visit(name, width=390, height=844)
    settled(page)
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window


def test_a_query_of_two_runs_opens_on_the_compare_page(visit: Callable[..., Any]) -> None:
    page = visit("queries?show=runs&b=signal~words_image&preset=biggest+losses")
    first = click_first_row(page, "query-list")
    # The first of the set, which is in no link.
    page.wait_for_url("**/compare?*set=*")
    page.get_by_role("heading", name=f"“{first}”").wait_for()
    assert link_of(page)["b"] == "signal~words_image"
