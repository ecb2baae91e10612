"""A walk in the browser: whatever is pressed, opened or gone back to, the address and the page say the same."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from browsing import becomes, link_of, settled

pytestmark = pytest.mark.browser
STEPS = int(os.environ.get("SQID_WALK_BROWSER", "10"))
ELSEWHERE = 5
PAGES = ("Search", "Queries", "Evaluate", "Breakdown", "Compare", "Dataset")


def looks(page: Any) -> tuple[Any, ...]:
    """What a visitor sees of the settings: weights, what is picked, what is typed, what is opened."""
    settled(page)
    sliders = page.get_by_role("slider").evaluate_all("nodes => nodes.map(node => node.value ?? node.ariaValueNow)")
    chosen = page.locator("[role=radio][aria-checked=true], input[type=radio]:checked").count()
    typed = page.locator("[data-testid=stMain] input[type=text], input[type=search]").evaluate_all(
        "nodes => nodes.map(node => node.value)"
    )
    return sliders, chosen, typed, page.locator("h1, h2").all_inner_texts()


def step(page: Any, rng: random.Random) -> str:
    act = rng.choice(["weight", "weight", "page", "page", "back", "back", "forward", "reload", "row", "pick"])
    if act == "weight" and (count := page.get_by_role("slider").count()):
        page.get_by_role("slider").nth(rng.randrange(count)).press(rng.choice(["ArrowRight", "ArrowLeft"]))
        page.wait_for_timeout(400)
    elif act == "page":
        name = rng.choice(PAGES)
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        page.wait_for_url(re.compile("/$|/[?]" if name == "Search" else f"/{name.lower()}"))
    elif act == "back" and page.evaluate("window.walked > 0"):
        page.go_back()
    elif act == "forward":
        page.go_forward()
    elif act == "reload":
        page.reload()
    elif act == "row" and (rows := page.locator("tbody .open")).count():
        here = page.url
        rows.nth(rng.randrange(rows.count())).click()
        page.wait_for_url(lambda url: url != here)
    elif act == "pick" and (radios := page.get_by_role("radio")).count():
        radios.nth(rng.randrange(radios.count())).check(force=True)
    settled(page)
    return act


def still(page: Any) -> tuple[str, tuple[Any, ...]]:
    """The address and the looks of a page, once they no longer change: a press may not have reached the server yet."""
    before, now = None, (page.url, looks(page))
    while now != before:
        page.wait_for_timeout(400)
        before, now = now, (page.url, looks(page))
    return now


def weights(page: Any) -> list[tuple[str, str]]:
    """The name and the value of every slider of a weight."""
    sliders = page.get_by_role("slider", name=re.compile("^Image weight"))
    return sliders.evaluate_all("nodes => nodes.map(n => [n.ariaLabel ?? '', n.value ?? n.ariaValueNow])")


def test_the_address_says_what_is_shown(visit: Callable[..., Any]) -> None:
    """After every step the sliders stand where the address says; every few steps it opens the same elsewhere."""
    rng = random.Random(seed := int(os.environ.get("SQID_WALK_SEED", "1")))
    page, other, done = visit(wait_for="h2"), visit("about", wait_for="h1"), []
    # Never out of the app by Back: the first entry is left alone.
    page.add_init_script("window.walked = 1")
    page.evaluate("window.walked = 0")
    for number in range(1, STEPS + 1):
        if number == 4:
            page.evaluate("window.walked = 1")
        done.append(step(page, rng))
        told = f"seed {seed}, step {number}, after {done[-10:]}"
        if not page.url.startswith("http"):
            page.go_forward()
            settled(page)
        address, shown = still(page)
        link = dict(parse_qsl(urlsplit(address).query))
        for name, value in weights(page):
            if name in ("", "Image weight") and "w" in link:
                assert float(value) == float(link["w"]), told
        if number % ELSEWHERE == 0:
            other.goto(address)
            other.wait_for_selector("h1, h2")
            becomes(other, lambda: (told, link_of(other), looks(other)), (told, link, shown))  # noqa: B023
