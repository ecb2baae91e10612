"""Who reads with other means: an axe run over the pages, light and dark, and the contrast of what the board draws."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import settled

pytestmark = pytest.mark.browser
PAGES = {"Search": "?query=01", "catalogue": "?query=01&scope=catalogue", "Compare": "compare", "About": "about"}
LINKS = PAGES | {"Evaluate": "evaluate"}
# Text of the board that lies over other layers, where axe gives no verdict.
TEXTS = (
    ".place, .shift, .title, .facts, .letter, .label, .score-name, .number, .note, .value, .cell, .part, .numbers th, "
    ".end, .action, .why p"
)
# Each page in one scheme with every change, in turn; in both by night (SQID_WHOLE=1).
_BOTH = [(name, scheme) for name in PAGES for scheme in ("light", "dark")]
SCHEMES = _BOTH if os.environ.get("SQID_WHOLE") == "1" else [_BOTH[2 * i + i % 2] for i in range(len(PAGES))]
_OPENED = [(name, scheme) for name in ("Search", "Compare", "Evaluate") for scheme in ("light", "dark")]
OPENED = _OPENED if os.environ.get("SQID_WHOLE") == "1" else [("Search", "dark")]
CONTRASTS = """texts => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const pixel = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const up = node => node.parentElement || (node.getRootNode().host ?? null);
    const ground = node => {
        for (; node; node = up(node)) {
            const colour = pixel(getComputedStyle(node).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const light = colour => {
        const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = colour.slice(0, 3).map(c => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    return texts.filter(node => node.textContent && node.offsetParent).map(node => {
        const [one, other] = [light(pixel(getComputedStyle(node).color)), light(ground(node))];
        return [node.className, Math.max(one, other) / Math.min(one, other)];
    });
}"""


def serious(page: Any, part: str | None = None) -> list[str]:
    """What axe finds wrong and thinks serious or critical, on the page or in a part of it."""
    found = Axe().run(page, context=part).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in ("serious", "critical")]


def opened(visit: Callable[..., Any], name: str, scheme: str) -> Any:
    page = visit(LINKS[name], color_scheme=scheme, wait_for="h1, h2, .card")
    settled(page)
    return page


@pytest.mark.parametrize(("name", "scheme"), SCHEMES)
def test_axe_finds_nothing_serious(visit: Callable[..., Any], name: str, scheme: str) -> None:
    assert serious(opened(visit, name, scheme)) == []


@pytest.mark.parametrize(("name", "scheme"), OPENED)
def test_axe_finds_nothing_serious_in_what_opens(visit: Callable[..., Any], name: str, scheme: str) -> None:
    """Every popover, and the dialog of a product."""
    page = opened(visit, name, scheme)
    found = []
    for button in page.locator("[data-testid=stPopoverButton]:visible").all():
        button.click()
        page.locator("[data-testid=stPopoverBody]").wait_for()
        settled(page)
        found += serious(page, "[data-testid=stPopoverBody]")
        page.keyboard.press("Escape")
        page.locator("[data-testid=stPopoverBody]").wait_for(state="hidden")
    if name == "Search":
        page.locator(".card .title").first.click()
        page.locator(".why .action", has_text="Details").first.click()
        page.locator("[data-testid=stDialog]").wait_for()
        settled(page)
        found += serious(page)
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_settings_that_do_nothing_now_can_be_read(visit: Callable[..., Any], scheme: str) -> None:
    page = visit("?query=01&method=rrf", color_scheme=scheme)
    page.get_by_role("button", name="Settings").click()
    page.get_by_text("Normalisation").first.wait_for()
    settled(page)  # The popover fades in.
    assert serious(page) == []


def test_axe_sees_into_the_board(visit: Callable[..., Any]) -> None:
    page = opened(visit, "Search", "light")
    page.locator(".card").first.evaluate("card => card.append(document.createElement('img'))")
    assert serious(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_boards_texts_can_be_read(visit: Callable[..., Any], scheme: str) -> None:
    page = opened(visit, "Search", scheme)
    page.locator(".card .title").first.click()
    found = page.eval_on_selector_all(TEXTS, CONTRASTS)
    assert len(found) > 100
    assert not [(name, round(ratio, 2)) for name, ratio in found if ratio < 4.5]
