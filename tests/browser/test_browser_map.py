"""The map of the catalogue in a real browser: what a pointer, a weight, an area and the keyboard do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import CARDS, becomes, link_of, running, settled, visitor

from precompute.steps.mapping import map_catalogue
from sqid_core.analysis.map_area import GRID, in_area, on_grid, read_area
from sqid_core.bundle.load import load_bundle
from sqid_core.bundle.maps import read_map

pytest.importorskip("sklearn", reason="the extra interop is not installed")
pytestmark = pytest.mark.browser
DRAWN = ".atlas[data-drawn='{}']"
# How far the map is seen from at first: see `whole` in camera.js.
DISTANCE = 1.1


@pytest.fixture(scope="module")
def mapped(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bundle = Path(shutil.copytree(tiny_bundle, tmp_path_factory.mktemp("mapped") / "tiny"))
    map_catalogue(bundle)
    return bundle


@pytest.fixture(scope="module")
def map_address(mapped: Path) -> Iterator[str]:
    with running(mapped.parent) as found:
        yield found


@pytest.fixture
def visit(browser: Any, map_address: str) -> Iterator[Callable[..., Any]]:
    with visitor(browser, map_address) as go:
        yield lambda link="", mode="category", width=1440: go(
            f"dataset?details=map{link}", width=width, height=1700, wait_for=DRAWN.format(mode)
        )


def on_screen(page: Any, places: np.ndarray) -> np.ndarray:
    """(n, 2) where places on the grid (n, 2) are in the window, while the map is whole."""
    box = page.locator(".atlas .stage").bounding_box()
    scale = box["height"] / 2 / DISTANCE
    middle = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    return middle + (places / GRID * 2 - 1) * scale * [1, -1]


def draw_area(page: Any, corners: list[list[float]]) -> None:
    page.get_by_role("button", name="Draw an area").click()
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        page.mouse.move(*corner, steps=5)
    page.mouse.up()


def test_a_pointer_sees_what_a_point_is_and_a_press_on_a_query_lights_up_its_results(visit, mapped):
    dataset = load_bundle(mapped)
    products, queries = on_grid(read_map(dataset, "words_text"))
    page = visit("&colour=cluster", "cluster")
    settled(page)
    lonely = int(np.argmax(np.abs(products - np.median(products, axis=0)).sum(axis=1)))
    page.mouse.move(*on_screen(page, products[lonely]))
    becomes(page, lambda: page.locator(".atlas .tip .title").text_content(), dataset.products["title"].iloc[lonely])
    assert page.locator(".atlas .tip").is_visible()
    # Of the queries the one that is farthest from all else.
    apart = np.linalg.norm(queries[:, None] - np.concatenate([products, queries]), axis=2)
    row = int(np.sort(apart, axis=1)[:, 1].argmax())
    page.mouse.move(*on_screen(page, queries[row]))
    becomes(page, lambda: page.locator(".atlas .tip .title").text_content(), dataset.queries["query"].iloc[row])
    page.mouse.click(*on_screen(page, queries[row]))
    becomes(page, lambda: link_of(page).get("query"), dataset.queries["query_id"].iloc[row])
    page.get_by_text("among the text’s first").wait_for()


def test_the_fused_list_follows_the_weight_before_the_server_hears_of_it(visit, mapped):
    query = load_bundle(mapped).queries["query_id"].iloc[0]
    page = visit(f"&query={query}")
    settled(page)
    slider, readout = page.get_by_label("Image weight"), page.locator(".atlas .readout")
    before = page.locator(".over").evaluate("each => each.toDataURL()")
    page.context.set_offline(True)
    slider.evaluate("each => { each.value = 1; each.dispatchEvent(new Event('input')); }")
    becomes(page, lambda: "weight 1.00: of the first 20 fused" in readout.text_content(), True)
    assert "20 among the image’s" in readout.text_content()
    assert page.locator(".over").evaluate("each => each.toDataURL()") != before
    page.context.set_offline(False)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**w=0.99*")


def test_an_area_leads_to_its_queries_to_a_search_in_it_and_to_a_book(visit, mapped):
    dataset = load_bundle(mapped)
    products, _ = on_grid(read_map(dataset, "words_text"))
    page = visit()
    settled(page)
    low, high = products.min(axis=0) - 2000, np.median(products, axis=0)
    wanted = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    draw_area(page, on_screen(page, wanted).tolist())
    page.wait_for_url("**area=*")
    area = read_area(link_of(page)["area"])
    inside, asked = in_area(dataset, area)
    # As good as what was drawn: a pixel of the screen is some two hundred steps of the grid.
    sure = (products < high - 400).all(axis=1)
    assert inside[sure].all()
    assert not inside[(products > high + 400).any(axis=1)].any()
    ways = page.locator(".st-key-area-ways")
    ways.get_by_text(f"{int(inside.sum())} products and {int(asked.sum())}").wait_for()
    assert "set=" in str(ways.get_by_role("link", name="Its queries").get_attribute("href")) or not asked.any()
    ways.get_by_role("link", name="Search in it").click()
    page.get_by_text("in an area of the map of words").wait_for()
    assert read_area(link_of(page)["area"]) == area
    page.wait_for_selector(CARDS.format("fused"))
    shown = page.locator(CARDS.format("fused")).evaluate_all("all => all.map(each => each.dataset.product)")
    assert shown
    assert set(shown) <= set(dataset.products["product_id"][inside])
    page.get_by_role("button", name="Clear filters").first.click()
    becomes(page, lambda: "area" in link_of(page), False)


def test_keys_move_the_map_and_a_phone_has_it_whole(visit):
    page = visit("&colour=picture", "picture", 390)
    settled(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    stage = page.locator(".atlas .stage")
    stage.focus()
    seen = lambda: page.locator(".atlas .stage").screenshot()  # noqa: E731
    before = seen()
    page.keyboard.press("+")
    becomes(page, lambda: seen() != before, True)
    page.keyboard.press("0")
    becomes(page, lambda: seen() == before, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, map_address, mapped, scheme):
    query = load_bundle(mapped).queries["query_id"].iloc[0]
    with visitor(browser, map_address) as go:
        link = f"dataset?details=map&query={query}"
        page = go(link, height=1700, wait_for=DRAWN.format("category"), color_scheme=scheme)
        settled(page)
        found = Axe().run(page).response["violations"]
        assert [
            (each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")
        ] == []
